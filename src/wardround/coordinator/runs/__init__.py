"""Runs of a study: their state, and what happened in them."""
