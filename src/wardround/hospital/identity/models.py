"""Pairs of patients who may be one person, and the keys by which such pairs are found."""

from django.db import models


class BlockKey(models.Model):
    """A keyed hash of some of what a patient states together: two patients with one key are compared.

    Equal texts have equal keys: whoever holds the database but not the index key sees which patients share one, not what.
    """

    key = models.BigIntegerField()
    patient = models.ForeignKey("records.Resource", on_delete=models.CASCADE)

    class Meta:
        indexes = (models.Index(fields=["key", "patient"], name="block_search"),)


class CandidatePair(models.Model):
    """Two patients who may be one person. What agrees is not kept here: it is compared anew when somebody looks.

    `one` is the id that comes first in the order of ids. A decided pair is not opened again.
    """

    class State(models.TextChoices):
        OPEN = "open"
        MERGED = "merged"
        DIFFERENT = "different"

    one = models.CharField(max_length=64)
    other = models.CharField(max_length=64)
    score = models.FloatField()
    grade = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    found = models.DateTimeField()
    decided = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    merge = models.ForeignKey("merges.Merge", on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["one", "other"], name="pair_once"),)
        indexes = (
            models.Index(fields=["state", "-score"], name="pair_by_state"),
            models.Index(fields=["other"], name="pair_by_other"),
        )

    def __str__(self) -> str:
        return f"CandidatePair/{self.pk}"
