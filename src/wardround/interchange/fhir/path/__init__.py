"""FHIRPath (N1, over FHIR R4): a text compiled once to closures over parsed JSON."""
