"""Leading a run: from a requested run to an engine job, and from the job to the run's end."""
