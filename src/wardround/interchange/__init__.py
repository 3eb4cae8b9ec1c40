"""Outside formats to and from FHIR R4."""
