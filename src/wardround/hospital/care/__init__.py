"""Who is in whose care: care teams, and charts that were opened in an emergency. Knows patients by their id alone."""
