"""What was typed and is not saved yet, and which forms were saved."""

from django.conf import settings
from django.db import models

from wardround.hospital.records.models import DataKey


class Draft(models.Model):
    """What one person typed into one form; it goes when the form is saved, when it is discarded, and after a week.

    `key` names the form and the patient ("vital-signs:<id>"). `sealed` is encrypted under the data key of the patient,
    or of the node for somebody who is no patient yet, and bound to the person and the key.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    patient_id = models.CharField(max_length=64, blank=True)
    data_key = models.ForeignKey(DataKey, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()
    saved = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="draft_once"),)

    def __str__(self) -> str:
        return self.key


class SavedForm(models.Model):
    """A form that was saved: the token that it carried, and a keyed hash of what it said, so that it is not saved twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    content = models.BinaryField(max_length=16)
    saved = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=["user", "content", "saved"], name="saved_form_by_content"),)

    def __str__(self) -> str:
        return self.token
