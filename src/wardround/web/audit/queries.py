"""Every read of the audit trail: what was asked for, the events that fit, and how far the chain over them reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from wardround.web.audit.models import AuditEvent, AuditHead

OUTCOMES = ("done", "refused")


class AuditQuestionError(Exception):
    """What was asked of the trail cannot be read; the message says what would be right."""


@dataclass(frozen=True, kw_only=True)
class AuditQuestion:
    """What a reader wants to see; an empty field asks for everything. `action` also names a whole kind: "run" is "run.*"."""

    person: str = ""
    role: str = ""
    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None  # this day included
    patient_id: str = ""

    @classmethod
    def asked(cls, given: Mapping[str, str], *, patient_id: str = "") -> "AuditQuestion":
        """From the fields of a form. Raises AuditQuestionError. A patient's id comes from the caller's own door."""
        outcome = given.get("outcome", "")
        return cls(
            person=given.get("person", "").strip()[:150],
            role=given.get("role", "").strip()[:20],
            action=given.get("action", "").strip()[:40],
            outcome=outcome if outcome in OUTCOMES else "",
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            patient_id=patient_id,
        )

    def facts(self) -> dict[str, str]:
        """What was asked, as the trail itself keeps it when somebody exports."""
        days = {"since": self.since, "until": self.until}
        return {
            **{name: str(day) for name, day in days.items() if day},
            **{
                name: value
                for name in ("person", "role", "action", "outcome", "patient_id")
                if (value := getattr(self, name))
            },
        }


def events(question: AuditQuestion) -> QuerySet[AuditEvent]:
    """The events that fit, newest first."""
    found = AuditEvent.objects.order_by("-id")
    if question.person:
        found = found.filter(actor_name=question.person)
    if question.role:
        found = found.filter(actor_role=question.role)
    if question.action:
        found = found.filter(Q(action=question.action) | Q(action__startswith=f"{question.action}."))
    if question.outcome:
        found = found.filter(outcome=question.outcome)
    if question.patient_id:
        found = found.filter(patient_id=question.patient_id)
    if question.since:
        found = found.filter(recorded__gte=_midnight(question.since))
    if question.until:
        found = found.filter(recorded__lt=_midnight(question.until + timedelta(days=1)))
    return found


def known_actions() -> tuple[str, ...]:
    """Every action that stands in the trail."""
    return tuple(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())


def known_people() -> tuple[str, ...]:
    """Everybody who stands in the trail, commands and services included."""
    names = AuditEvent.objects.exclude(actor_name="").order_by("actor_name")
    return tuple(names.values_list("actor_name", flat=True).distinct())


@dataclass(frozen=True)
class ChainEnd:
    """How far the chain reaches: the place and time of its last signed head, and how many events wait for the sealer."""

    position: int
    signed: datetime | None
    hash: str
    unsealed: int


def chain_end() -> ChainEnd:
    """What can be said without checking the whole chain; `verification.verify` checks it."""
    head = AuditHead.objects.order_by("-position").first()
    return ChainEnd(
        position=head.position if head else 0,
        signed=head.signed if head else None,
        hash=bytes(head.hash).hex() if head else "",
        unsealed=AuditEvent.objects.filter(is_sealed=False).count(),
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise AuditQuestionError("A day is written as year, month, day, for example 2026-11-30.") from error


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
