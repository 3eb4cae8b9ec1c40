"""The federation this hospital is in, the studies it knows, its runs, the models it has and uses, and what was asked of the worker."""

from django.db import models


class Federation(models.Model):
    """The one federation: the coordinator whose key is pinned, and where it is."""

    coordinator = models.CharField(max_length=200)
    coordinator_identity = models.CharField(max_length=64)  # Ed25519 public key, hexadecimal
    hospital = models.SlugField(max_length=40)  # how the federation calls this hospital
    engine_host = models.CharField(max_length=255)
    engine_port = models.PositiveIntegerField()
    web = models.CharField(max_length=300, blank=True)
    request = models.BinaryField()  # the signed join request: asked again, the same
    asked = models.DateTimeField()
    joined = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.coordinator


class StudyStanding(models.TextChoices):
    WAITING = "waiting", "Waits for a decision"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REFUSED = "refused", "Refused"


class ApprovedStudy(models.Model):
    """A study that the coordinator published, and what this hospital decided about exactly this document."""

    hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    publication = models.BinaryField()  # the signed letter with document and roster
    received = models.DateTimeField()
    standing = models.CharField(max_length=10, choices=StudyStanding.choices, default=StudyStanding.WAITING)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # why it was refused or withdrawn
    patients = models.PositiveIntegerField(null=True, blank=True)  # labelled, in the frozen cohort
    dropped = models.JSONField(default=dict)  # reason: patients left out of the cohort

    def __str__(self) -> str:
        return self.title


class RunRecord(models.Model):
    """One run of an approved study in which this hospital received a model."""

    run_id = models.SlugField(max_length=64, unique=True)
    study = models.ForeignKey(ApprovedStudy, on_delete=models.PROTECT)
    received = models.DateTimeField()
    model_sha256 = models.CharField(max_length=64)


class LocalModel(models.Model):
    """A model in use here: the global one with this hospital's own part, or the hospital's own.

    The files are encrypted with the home's key: `models/<key>.sealed` (see vault.py).
    """

    study = models.ForeignKey(ApprovedStudy, on_delete=models.PROTECT)
    run = models.ForeignKey(RunRecord, on_delete=models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=10)  # federated, local
    model_sha256 = models.CharField(max_length=64)  # of the artifact that predicts
    decision = models.JSONField(default=dict)  # adoption: the figures and the sentence
    figures = models.JSONField(default=dict)  # model: accuracy, auroc, brier on held-out patients of this hospital
    made = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["study"], condition=models.Q(is_current=True), name="one_current_model_per_study"
            ),
        )

    def __str__(self) -> str:
        return f"{self.study.name} {self.kind}"


class ModelDeed(models.TextChoices):
    ADOPT = "adopt", "Adopted"
    ROLL_BACK = "roll_back", "Rolled back"
    SWITCH_OFF = "switch_off", "Switched off"


class ModelChange(models.Model):
    """What a person decided about the models of a study. The latest says whether a study's model is switched off."""

    study = models.ForeignKey(ApprovedStudy, on_delete=models.PROTECT)
    model = models.ForeignKey(LocalModel, on_delete=models.PROTECT)  # put in use, or switched off
    deed = models.CharField(max_length=10, choices=ModelDeed.choices)
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    time = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.study.name} {self.deed}"


class WorkerTask(models.Model):
    """What somebody asked of the worker, and how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for the worker"
        RUNNING = "running", "Runs"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    UNDER_WAY = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class DryRun(WorkerTask):
    """A study tried out on this hospital's own patients before anybody decides; nothing of it leaves."""

    study = models.ForeignKey(ApprovedStudy, on_delete=models.PROTECT)
    step = models.CharField(max_length=20, blank=True)  # counting, training, problems
    result = models.JSONField(default=dict)  # counts, figures of the local model, problems; see dry_run.py
    sentence = models.TextField(blank=True)  # why it failed

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["study"],
                condition=models.Q(state__in=WorkerTask.UNDER_WAY),
                name="one_dry_run_at_a_time_per_study",
            ),
        )

    def __str__(self) -> str:
        return f"{self.study.name} {self.state}"


class LedgerCheck(WorkerTask):
    """One check of the whole ledger: every receipt's signature. `head` is the hash of the last line that it saw."""

    receipts = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # sentences, the first of them
    head = models.CharField(max_length=64, blank=True)
    sentence = models.CharField(max_length=300, blank=True)  # why it failed

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state__in=WorkerTask.UNDER_WAY),
                name="one_ledger_check_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.asked_by} {self.state}"
