"""Quality reports as they were made: counts, and nothing of any patient."""

from django.db import models


class QualitySnapshot(models.Model):
    """One report. The latest is what the page shows; those before it are what it is compared with."""

    made = models.DateTimeField(db_index=True)
    made_by = models.CharField(max_length=150)
    facts = models.JSONField()
