"""How often observations are due: a rule of the whole hospital, and of a ward that has its own."""

from django.db import models


class WardPlan(models.Model):
    """Every how many hours vital signs are due. `ward` is its name as the visits say it; empty for the whole hospital."""

    ward = models.CharField(max_length=200, unique=True, blank=True)
    every_hours = models.PositiveSmallIntegerField()
    set_by = models.CharField(max_length=150)
    set = models.DateTimeField()

    def __str__(self) -> str:
        return self.ward or "hospital"
