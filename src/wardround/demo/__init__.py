"""The tour: four real hospitals, four formats, one federation."""
