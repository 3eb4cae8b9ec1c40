"""The merges: which patient's record was retired into which, by whom, and whether that was taken back."""

from django.db import models


class Merge(models.Model):
    """Two records of one person. Every version that the merge wrote has this id as the batch of its provenance.

    `retired` may be the id of a patient who was never here: the number of a message that said "this one is that one" is
    known by the id that a patient with it would get.
    """

    id = models.CharField(max_length=32, primary_key=True)
    retired = models.CharField(max_length=64)
    survivor = models.CharField(max_length=64)
    was_there = models.BooleanField()  # the retired record was in the store
    batch = models.CharField(max_length=32, blank=True, db_index=True)  # of the import whose message said so
    merged = models.DateTimeField()
    merged_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, blank=True)
    moved = models.PositiveIntegerField(default=0)
    undone = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["retired"], condition=models.Q(undone=None), name="retired_once"),
        )
        indexes = (models.Index(fields=["survivor"], name="merge_by_survivor"),)

    def __str__(self) -> str:
        return f"Merge/{self.id}"
