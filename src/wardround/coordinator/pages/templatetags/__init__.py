"""Template tags of the coordinator's pages."""
