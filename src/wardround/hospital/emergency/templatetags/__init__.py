"""What the chart shows of an emergency access."""
