"""The hospitals that may take part."""
