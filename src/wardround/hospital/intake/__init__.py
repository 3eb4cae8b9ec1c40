"""Any file becomes checked records, or a quarantined message with its reason."""
