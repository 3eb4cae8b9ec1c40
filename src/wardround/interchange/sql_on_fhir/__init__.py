"""SQL on FHIR v2: a ViewDefinition read, checked, compiled, and run over resources into flat rows."""
