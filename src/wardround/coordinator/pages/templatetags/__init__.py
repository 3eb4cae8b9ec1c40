"""Template tags of the coordinator."""
