"""Batches of imported files, what became of each message, and the quarantine."""

from django.db import models


class Batch(models.Model):
    """One import. The names of its files may name patients, so they are kept encrypted."""

    id = models.CharField(max_length=32, primary_key=True)
    format = models.CharField(max_length=10)
    files = models.BinaryField()
    code_mapping = models.ForeignKey("records.CodeMapping", on_delete=models.PROTECT, null=True)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    undone = models.DateTimeField(null=True)
    # An import whose process was killed stays unfinished; importing the files again resumes it.
    started_by = models.CharField(max_length=150)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.id


class BatchItem(models.Model):
    """One message that was stored. `digest` is a keyed hash of its raw bytes: the same message again changes nothing."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    position = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=16, db_index=True)
    stored = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()


class QuarantineItem(models.Model):
    """One message that was refused: its raw bytes (encrypted), its place, and what was wrong."""

    class State(models.TextChoices):
        OPEN = "open"
        REPLAYED = "replayed"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    position = models.CharField(max_length=100)
    file_name = models.BinaryField()
    digest = models.BinaryField(max_length=16, db_index=True)
    raw = models.BinaryField()
    reason = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    quarantined = models.DateTimeField()
    replayed = models.DateTimeField(null=True)


class Upload(models.Model):
    """Files that were handed over in the browser, on their way to be a batch. Their names and contents are kept sealed."""

    class State(models.TextChoices):
        OPEN = "open"  # looked at, mapped, previewed
        WAITING = "waiting"  # for the worker
        RUNNING = "running"
        DONE = "done"  # `batch` is the import; the files are gone
        FAILED = "failed"  # `sentence` says why; it can be mended and asked for again

    id = models.CharField(max_length=32, primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    files = models.BinaryField()  # names, sizes and parts
    columns = models.BinaryField(blank=True)  # of a table: their names, each with a few of its values
    format = models.CharField(max_length=10, blank=True)
    mapping = models.TextField(blank=True)
    uploaded = models.DateTimeField()
    uploaded_by = models.CharField(max_length=150)
    preview = models.BinaryField(blank=True)  # the report of a trial, as JSON; its places name files
    progress = models.JSONField(default=dict)
    batch = models.CharField(max_length=32, blank=True)
    sentence = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "uploaded"], name="upload_by_state"),)

    def __str__(self) -> str:
        return f"Upload/{self.id}"
