"""What the hospitals learned together, as a reference for the patient in front of you."""
