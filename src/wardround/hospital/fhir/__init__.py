"""The FHIR R4 interface over the records."""
