"""What crosses the wall between a hospital and its coordinator, and nothing else does."""
