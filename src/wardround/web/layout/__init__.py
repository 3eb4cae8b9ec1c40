"""What every page of both sites shares: the frame, the notice of a demonstration, the template tags."""
