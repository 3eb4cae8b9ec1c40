"""What is read about emergency accesses: one's own open ones, and those that privacy officers have to review."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from wardround.hospital.care.models import EmergencyAccess
from wardround.hospital.care.queries import open_emergency
from wardround.hospital.emergency.texts import note_of, reason_of
from wardround.hospital.records.access import actor_of, is_in_care_teams, may, require
from wardround.web.accounts.models import User
from wardround.web.audit.models import AuditEvent
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class OpenChart:
    """An emergency access that lasts: of its own person."""

    id: str
    patient_id: str
    until: datetime
    reason: str


@dataclass(frozen=True)
class Reported:
    """An emergency access as whoever reviews it reads it; the patient only by id."""

    id: str
    username: str
    name: str
    role: str
    patient_id: str
    opened: datetime
    until: datetime
    is_open: bool
    reason: str
    seen: int  # events in the audit trail on this patient by this person while it lasted
    reviewed: datetime | None
    reviewed_by: str
    note: str


def open_chart(somebody: object, patient_id: str) -> OpenChart | None:
    """The emergency access by which this person reads this chart now; None for everybody else."""
    actor = actor_of(somebody)
    if not is_in_care_teams(actor):
        return None
    access = open_emergency(actor.name, patient_id, now=timezone.now())
    return _open(access) if access else None


def own_open_charts(somebody: object) -> list[OpenChart]:
    """The charts that this person has open in an emergency."""
    actor = actor_of(somebody)
    rows = EmergencyAccess.objects.filter(username=actor.name, until__gt=timezone.now())
    return [_open(access) for access in rows.order_by("until")]


def waiting(somebody: object) -> int:
    """How many wait for a review; 0 for who does not review."""
    return EmergencyAccess.objects.filter(reviewed=None).count() if may(somebody, "audit") else 0


def to_review(somebody: object) -> list[Reported]:
    """All that nobody has reviewed, the oldest first. Raises `NotAllowed`."""
    actor = require(somebody, "audit")
    found = _reported(EmergencyAccess.objects.filter(reviewed=None).order_by("opened"))
    record_one(actor, "emergency.list", detail={"shown": len(found)})
    return found


def reviewed(somebody: object, *, most: int) -> list[Reported]:
    """The latest that were reviewed. Raises `NotAllowed`."""
    actor = require(somebody, "audit")
    found = _reported(EmergencyAccess.objects.exclude(reviewed=None).order_by("-reviewed")[:most])
    record_one(actor, "emergency.list", detail={"shown": len(found)})
    return found


def _open(access: EmergencyAccess) -> OpenChart:
    return OpenChart(id=access.id, patient_id=access.patient_id, until=access.until, reason=reason_of(access))


def _reported(rows: QuerySet[EmergencyAccess]) -> list[Reported]:
    people = {user.username: user for user in User.objects.filter(username__in=[row.username for row in rows])}
    return [_line(row, user=people.get(row.username)) for row in rows]


def _line(access: EmergencyAccess, *, user: User | None) -> Reported:
    seen = AuditEvent.objects.filter(
        patient_id=access.patient_id,
        actor_name=access.username,
        recorded__gte=access.opened,
        recorded__lte=access.until,
    )
    return Reported(
        id=access.id,
        username=access.username,
        name=str(user) if user else access.username,
        role=user.get_role_display() if user else "",
        patient_id=access.patient_id,
        opened=access.opened,
        until=access.until,
        is_open=access.until > timezone.now(),
        reason=reason_of(access),
        seen=seen.count(),
        reviewed=access.reviewed,
        reviewed_by=access.reviewed_by,
        note=note_of(access),
    )
