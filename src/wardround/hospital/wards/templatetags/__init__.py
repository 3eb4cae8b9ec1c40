"""Template filters of the wards."""
