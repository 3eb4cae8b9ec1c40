"""The operations of the FHIR interface: what is asked with a dollar sign."""
