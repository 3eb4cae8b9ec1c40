"""The monitoring set: every answer to a model's estimates in the shape of CDS Hooks feedback."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.records.access import patients_of, require
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Feedback:
    """`card` is the card's uuid, or for an estimate in the chart the verdict's own. `outcome`: accepted | overridden."""

    card: str
    model_sha256: str
    inputs_sha256: str
    outcome: str
    reason: str
    words: str
    user: str
    time: datetime
    estimate: float | None


def feedback_of(somebody: object, *, model_sha256: str = "", since: datetime | None = None) -> Iterator[Feedback]:
    """Every agreement and disagreement in the order in which it was given; one that was taken back is none, and hidings are
    no feedback. Only of patients whom this person may see. Audited."""
    actor = require(somebody, "quality")
    back = Verdict.objects.filter(
        choice=Choice.TAKE_BACK,
        patient_id=OuterRef("patient_id"),
        username=OuterRef("username"),
        model_sha256=OuterRef("model_sha256"),
        inputs_sha256=OuterRef("inputs_sha256"),
        given__gt=OuterRef("given"),
    )
    judged = Verdict.objects.filter(patients_of(actor), choice__in=(Choice.AGREE, Choice.DISAGREE))
    rows = judged.exclude(Exists(back)).order_by("given", "pk")
    if model_sha256:
        rows = rows.filter(model_sha256=model_sha256)
    if since is not None:
        rows = rows.filter(given__gte=since)
    record_one(actor, "verdict.list", detail={"model": model_sha256})
    for row in rows.iterator():
        yield Feedback(
            card=str(row.card or row.uid),
            model_sha256=row.model_sha256,
            inputs_sha256=row.inputs_sha256,
            outcome="accepted" if row.choice == Choice.AGREE else "overridden",
            reason=row.reason,
            words=row.words,
            user=row.username,
            time=row.given,
            estimate=row.estimate,
        )
