"""Where a person stands with an estimate: what they answered to it last, and whether they hid it for this visit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise

from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.reasons import IMPRESSIONS, REASONS
from wardround.hospital.records.access import Patient, may
from wardround.hospital.records.models import DateIndex, Resource, TokenIndex

HIDDEN_FOR = timedelta(hours=24)  # a visit lasts until the next stay begins, and a day at most
_FIRST_KNOWN = datetime(2, 1, 1, tzinfo=UTC)  # the calendar's first year stands for a beginning that is not known
ANSWERS = frozenset({Choice.AGREE, Choice.DISAGREE, Choice.TAKE_BACK})


@dataclass(frozen=True)
class Standing:
    """`given` is when they last agreed or disagreed; `is_of_these_inputs`, whether with the estimate as it is now."""

    patient_id: str = ""
    may_judge: bool = False
    choice: str = ""
    reason: str = ""
    given: datetime | None = None
    is_of_these_inputs: bool = False
    estimate: float | None = None
    hidden_until: datetime | None = None
    is_asked_first: bool = False  # the study wants to know what they think before they see the estimate
    impression: str = ""  # what they thought before, in words
    problem: str = ""  # what they agreed to, in the chart now: "suspected", "stated" otherwise, or "gone"

    @property
    def reasons(self) -> Mapping[str, Promise]:
        """What may be chosen from when one disagrees."""
        return REASONS

    @property
    def impressions(self) -> Mapping[str, Promise]:
        """What may be chosen from before the estimate is seen."""
        return IMPRESSIONS


NOBODYS = Standing()


class Standings:
    """The answers of whoever looks at this chart, read once for all models. Only those who judge have any."""

    def __init__(self, patient: Patient, *, now: datetime) -> None:
        self._patient, self._now = patient, now
        self._may_judge = may(patient.actor, "judge")
        self._own: list[Verdict] = []
        if self._may_judge:
            own = Verdict.objects.filter(patient_id=patient.id, username=patient.actor.name, card=None)
            self._own = list(own.order_by("given", "pk"))

    def of(self, *, model_sha256: str, inputs_sha256: str, impression_first: bool = False) -> Standing:
        """With the estimate of this model from these inputs. `impression_first`: the study asks for the person's own first."""
        of_model = [verdict for verdict in self._own if verdict.model_sha256 == model_sha256]
        impression = self._impression(of_model)
        standing = self._answered([v for v in of_model if v.choice != Choice.IMPRESSION], inputs_sha256=inputs_sha256)
        return replace(
            standing,
            is_asked_first=impression_first and self._may_judge and not impression,
            impression=str(IMPRESSIONS.get(impression, "")),
        )

    def _answered(self, own: list[Verdict], *, inputs_sha256: str) -> Standing:
        answers = [verdict for verdict in own if verdict.choice in ANSWERS]
        hidden_until = self._hidden_until(own)
        if not answers or answers[-1].choice == Choice.TAKE_BACK:
            return Standing(self._patient.id, self._may_judge, hidden_until=hidden_until)
        last = answers[-1]
        return Standing(
            patient_id=self._patient.id,
            may_judge=self._may_judge,
            choice=last.choice,
            reason=str(REASONS.get(last.reason, "")),
            given=last.given,
            is_of_these_inputs=last.inputs_sha256 == inputs_sha256,
            estimate=last.estimate,
            hidden_until=hidden_until,
            problem=_problem(last.condition_id) if last.choice == Choice.AGREE else "",
        )

    def _hidden_until(self, own: list[Verdict]) -> datetime | None:
        """Hidden for this visit: it comes back with the next stay that begins, and after a day in any case."""
        if not own or own[-1].choice != Choice.HIDE:
            return None
        return own[-1].given + HIDDEN_FOR if self._is_of_this_visit(own[-1]) else None

    def _impression(self, own: list[Verdict]) -> str:
        """What the person thought in this visit; with the next one they are asked again."""
        found = [verdict for verdict in own if verdict.choice == Choice.IMPRESSION]
        return found[-1].reason if found and self._is_of_this_visit(found[-1]) else ""

    def _is_of_this_visit(self, verdict: Verdict) -> bool:
        if self._now >= verdict.given + HIDDEN_FOR:
            return False
        return not _stay_began_within(self._patient, after=verdict.given, by=self._now)


def stay_began(patient: Patient, *, time: datetime) -> datetime | None:
    """When the stay or visit of that moment began, where an Encounter says so; the latest of several."""
    spans = _encounters(patient).filter(low__lte=time, high__gte=time)
    return spans.order_by("-low").values_list("low", flat=True).first()


def _stay_began_within(patient: Patient, *, after: datetime, by: datetime) -> bool:
    return _encounters(patient).filter(low__gt=after, low__lte=by).exists()


def _encounters(patient: Patient) -> QuerySet[DateIndex]:
    return DateIndex.objects.filter(
        type="Encounter",
        parameter="date",
        resource__patient_id=patient.id,
        resource__is_deleted=False,
        low__gte=_FIRST_KNOWN,
    )


def latest_answer(patient_id: str, *, username: str, model_sha256: str) -> Verdict | None:
    """What a person said last of a model's estimate for a patient in the chart: agreed, disagreed, or took it back."""
    own = Verdict.objects.filter(patient_id=patient_id, username=username, model_sha256=model_sha256, card=None)
    return own.filter(choice__in=ANSWERS).order_by("-given", "-pk").first()


def _problem(condition_id: str) -> str:
    here = Resource.objects.filter(type="Condition", logical_id=condition_id, is_deleted=False)
    known = TokenIndex.objects.filter(type="Condition", parameter="verification-status", resource__in=here)
    said = set(known.values_list("code", flat=True))
    if said & {"refuted", "entered-in-error"} or not here.exists():
        return "gone"
    return "suspected" if "provisional" in said else "stated"


def latest_choices(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Of each person's answers to one estimate (a patient, a model, its inputs) the last, unless it was taken back;
    hidings count for themselves."""
    standing: dict[tuple[str, ...], Verdict] = {}
    hidden: list[Verdict] = []
    for verdict in sorted(verdicts, key=lambda v: (v.given, v.pk)):
        whose = verdict.patient_id or str(verdict.card)
        estimate = (whose, verdict.username, verdict.model_sha256, verdict.inputs_sha256)
        if verdict.choice == Choice.HIDE:
            hidden.append(verdict)
        elif verdict.choice == Choice.TAKE_BACK:
            standing.pop(estimate, None)
        elif verdict.choice in (Choice.AGREE, Choice.DISAGREE):
            standing[estimate] = verdict
    return [*standing.values(), *hidden]
