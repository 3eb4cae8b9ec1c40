"""What FHIR files come in: compressed, in archives, as Bundles of every type, as the folder of a bulk export."""
