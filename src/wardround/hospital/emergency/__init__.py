"""Emergency access: a chart outside one's care teams is opened for an hour, with a reason, and reported."""
