"""CDS Hooks 2.0: the diagnosis reference for another electronic record."""
