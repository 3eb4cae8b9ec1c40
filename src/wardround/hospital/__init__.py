"""The hospital's site: records, quality, training, diagnosis."""
