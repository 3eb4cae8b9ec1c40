"""FHIR R4 (4.0.1) in plain Python: text, structure, search entries, observed values."""
