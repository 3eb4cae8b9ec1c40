"""The global models the coordinator keeps, under its own key."""
