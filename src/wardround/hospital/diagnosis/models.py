"""What people answered to an estimate. A row is written once and never changed; a later answer is a row of its own."""

from django.db import models


class Choice(models.TextChoices):
    AGREE = "agree", "agree"
    DISAGREE = "disagree", "disagree"
    IMPRESSION = "impression", "impression"  # what the person thought before they saw the estimate; `reason` says it
    HIDE = "hide", "hide"  # not now; says nothing about the patient
    SHOW = "show", "show"  # takes a hiding back
    TAKE_BACK = "take_back", "take back"  # the person's last agreement or disagreement counts for nothing any more


class Verdict(models.Model):
    """One answer to one estimate: of which model, made from exactly which inputs, and what it said then.

    `asked_by` is where the estimate was shown: the chart here, or a card in another record. Of a patient who is not ours
    `patient_id` is empty, and `estimate` too where the other record was only told a whole percent.
    """

    uid = models.UUIDField(unique=True)
    patient_id = models.CharField(max_length=64, blank=True)
    study_name = models.CharField(max_length=60)
    study_version = models.CharField(max_length=40, blank=True)
    model_sha256 = models.CharField(max_length=64)
    inputs_sha256 = models.CharField(max_length=64)
    index_time = models.DateTimeField(null=True)  # the moment before which everything was an input
    estimate = models.FloatField(null=True)  # a probability; none where it was withheld
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    choice = models.CharField(max_length=10, choices=Choice.choices)
    reason = models.CharField(max_length=100, blank=True)  # a code of reasons.py, or of the other record
    words = models.CharField(max_length=500, blank=True)
    username = models.CharField(max_length=150)
    role = models.CharField(max_length=20)
    given = models.DateTimeField()
    asked_by = models.CharField(max_length=150, blank=True)  # empty for the chart
    card = models.UUIDField(null=True)  # of CDS Hooks
    condition_id = models.CharField(
        max_length=64, blank=True
    )  # the problem that was added, or that stood there already
    assessment_id = models.CharField(max_length=64, blank=True)  # its RiskAssessment

    class Meta:
        indexes = (
            models.Index(fields=["patient_id", "username", "model_sha256"], name="verdict_of_whom"),
            models.Index(fields=["model_sha256", "given"], name="verdict_of_model"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["card", "choice", "given"], condition=models.Q(card__isnull=False), name="verdict_card_once"
            ),
        )

    def __str__(self) -> str:
        return f"Verdict/{self.uid}"
