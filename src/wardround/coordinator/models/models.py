"""The global models that runs produced."""

from django.db import models


class GlobalModel(models.Model):
    """One model; its file is encrypted under the coordinator's own key (`models/<run>.sealed`)."""

    run = models.OneToOneField("runs.Run", on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes, unencrypted
    rounds = models.PositiveIntegerField()
    made = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.run_id} {self.sha256[:12]}"
