"""Medicine in plain Python: catalogue, units, codes, standardisation, plausibility."""
