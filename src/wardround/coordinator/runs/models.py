"""The runs that were asked for. What happens in one stands on its board (runs/board.py)."""

from django.db import models


class Standing(models.TextChoices):
    REQUESTED = "requested", "Waits to start"
    RUNNING = "running", "Runs"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Ended without a model"


class Run(models.Model):
    """One run of one published study with the hospitals of its publication."""

    run_id = models.SlugField(max_length=64, primary_key=True)
    study = models.ForeignKey("studies.Study", on_delete=models.PROTECT)
    requested = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.REQUESTED)
    hospitals = models.JSONField(default=list)  # names
    minimum = models.PositiveIntegerField()  # hospitals that must take part
    may_shrink = models.BooleanField(default=False)  # go on without a hospital that left for good
    job_id = models.CharField(max_length=64, blank=True)  # the engine's job at present
    attempts = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=dict)  # hospital: its sentence
    ended = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.run_id
