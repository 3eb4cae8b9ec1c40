"""The studies the coordinator has signed and published."""
