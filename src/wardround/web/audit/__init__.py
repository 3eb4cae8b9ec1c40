"""Who did what, when, to whom: authenticated, chained, signed."""
