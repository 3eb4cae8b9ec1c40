"""What nurses and doctors write down: forms that check while one types, and keep what was typed."""
