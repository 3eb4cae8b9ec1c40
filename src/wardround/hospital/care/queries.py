"""Who is in whose care, as conditions on rows and as lists.

Nothing said means the first team, for patients and for people alike: a new hospital works at once, an import writes no
row for its patients, and an administrator closes the house step by step.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from wardround.hospital.care.models import CareTeam, EmergencyAccess, TeamMember, TeamPatient

FIRST = "First team"  # what the first team is called until an administrator names it


def in_care_of(username: str, *, column: str) -> Q:
    """A condition on rows: the patient whose id stands in `column` is in a team of this person. It costs no query."""
    assigned = TeamPatient.objects.filter(patient_id=OuterRef(column), until=None)
    own = TeamMember.objects.filter(username=username)
    current = own.filter(until=None)
    is_in_first = ~Q(Exists(own)) | Q(Exists(current.filter(team__is_first=True)))
    of_own_team = Exists(assigned.filter(team__in=current.values("team")))
    of_first = Q(Exists(assigned.filter(team__is_first=True))) | ~Q(Exists(assigned))
    return Q(of_own_team) | (is_in_first & of_first)


def opened_in_emergency(username: str, *, column: str, now: datetime) -> Q:
    """A condition on rows: this person opened the chart of the patient in `column` in an emergency, and may still read."""
    rows = EmergencyAccess.objects.filter(username=username, patient_id=OuterRef(column), until__gt=now)
    return Q(Exists(rows))


def open_emergency(username: str, patient_id: str, *, now: datetime) -> EmergencyAccess | None:
    """The emergency access by which this person reads this chart now."""
    rows = EmergencyAccess.objects.filter(username=username, patient_id=patient_id, until__gt=now)
    return rows.order_by("-until").first()


def is_in_first_team(username: str) -> bool:
    """Is this nurse or doctor in the first team, by a row or because nothing was said?"""
    own = TeamMember.objects.filter(username=username)
    return own.filter(until=None, team__is_first=True).exists() or not own.exists()


def teams() -> QuerySet[CareTeam]:
    """All teams, the first one first."""
    return CareTeam.objects.order_by("-is_first", "name")


def teams_of_people(usernames: Iterable[str]) -> dict[str, list[str]]:
    """The names of the teams of each of these nurses and doctors; an empty list is nobody's patients."""
    asked = list(usernames)
    first = CareTeam.objects.filter(is_first=True).values_list("name", flat=True).first() or FIRST
    rows = (
        TeamMember.objects.filter(username__in=asked).select_related("team").order_by("-team__is_first", "team__name")
    )
    said: dict[str, list[str]] = {}
    for row in rows:
        names = said.setdefault(row.username, [])
        if row.until is None:
            names.append(row.team.name)
    return {username: said.get(username, [first]) for username in asked}
