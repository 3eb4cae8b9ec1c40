"""The studies that were signed and published."""

from django.db import models


class Study(models.Model):
    """One study document, as it was signed. It never changes: another document is another study."""

    name = models.SlugField(max_length=60)
    title = models.CharField(max_length=300)
    hash = models.CharField(max_length=64, unique=True)
    rounds = models.PositiveIntegerField()
    publication = models.BinaryField()  # the signed letter with the study and its roster
    published = models.DateTimeField()
    published_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.title


class HandedOut(models.Model):
    """A member fetched a study, with its signature: all that a coordinator knows of it before a run."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    hospital = models.SlugField(max_length=60)
    first = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("study", "hospital"), name="handed_out_once"),)

    def __str__(self) -> str:
        return f"{self.study_id} {self.hospital}"
