"""Export jobs and their files. The content of a file lies encrypted in the home's folder `exports`."""

from django.db import models


class ExportJob(models.Model):
    """One bulk export. Its state is the worker's; a cancelled or expired one has no files."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    class Level(models.TextChoices):
        SYSTEM = "system"
        PATIENT = "patient"

    id = models.CharField(max_length=32, primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    level = models.CharField(max_length=10, choices=Level.choices)
    asked = models.TextField()  # the address that was asked, as the manifest repeats it
    types = models.JSONField()
    patients = models.JSONField(null=True)  # ids; null means all
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()  # the instant whose state is exported
    client_kind = models.CharField(max_length=10)
    client_name = models.CharField(max_length=150)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    progress = models.CharField(max_length=100, blank=True)
    sentence = models.CharField(max_length=300, blank=True)  # why it failed

    class Meta:
        indexes = (models.Index(fields=["state", "created"], name="export_by_state"),)

    def __str__(self) -> str:
        return f"Export/{self.id}"


class ExportFile(models.Model):
    """One file of a finished or running export: NDJSON of one type, or the deletions of one type."""

    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="files")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    is_deletions = models.BooleanField(default=False)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "number"], name="export_file_once"),)
