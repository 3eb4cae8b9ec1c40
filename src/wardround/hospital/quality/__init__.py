"""What is held, why, and what is waiting for a decision."""
