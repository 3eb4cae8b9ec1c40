"""The store of FHIR resources: one write path, one door."""
