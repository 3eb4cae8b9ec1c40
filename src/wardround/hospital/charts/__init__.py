"""What doctors and nurses see: the patient list and the chart."""
