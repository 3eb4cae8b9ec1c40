"""What the pages about people and care teams show. Patients stand there by their hospital number alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from wardround.hospital.administration.people_actions import person_named
from wardround.hospital.care.models import CareTeam, TeamMember, TeamPatient
from wardround.hospital.care.queries import teams, teams_of_people
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.people import hospital_number
from wardround.hospital.roles import IN_CARE_TEAMS, require
from wardround.interchange.fhir.json import loads
from wardround.web.accounts.models import User
from wardround.web.accounts.queries import is_locked_out, users
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class PersonLine:
    """One person of the list."""

    username: str
    name: str
    role: str
    role_title: str
    is_active: bool
    last_login: datetime | None
    teams: tuple[str, ...]


@dataclass(frozen=True)
class PersonPage:
    """One person, with what an administrator may change."""

    person: PersonLine
    is_locked: bool
    must_change_password: bool
    is_clinician: bool
    added: datetime


@dataclass(frozen=True)
class TeamLine:
    """One care team of the list."""

    id: int
    name: str
    is_first: bool
    members: int
    patients: int


@dataclass(frozen=True)
class TeamPatientLine:
    """A patient of a team, by hospital number."""

    patient_id: str
    number: str
    since: datetime
    by: str


@dataclass(frozen=True)
class TeamPage:
    """One care team with its people; its patients are read page by page."""

    team: CareTeam
    members: tuple[PersonLine, ...]
    others: tuple[PersonLine, ...]  # nurses and doctors who could join


def people(somebody: object, *, role: str = "") -> list[PersonLine]:
    """Everybody with an account, those who may log in first. Raises `NotAllowed`."""
    require(somebody, "users")
    rows = users().order_by("-is_active", "username")
    return _lines(list(rows.filter(role=role) if role else rows))


def person(somebody: object, username: str) -> PersonPage:
    """Raises `NotAllowed` and `NoSuchPerson`."""
    user = person_named(username, by=somebody)
    return PersonPage(
        person=_lines([user])[0],
        is_locked=is_locked_out(user),
        must_change_password=user.must_change_password,
        is_clinician=user.role in IN_CARE_TEAMS,
        added=user.added,
    )


def care_teams(somebody: object) -> list[TeamLine]:
    """Every team. Of the first only who was put there is counted: whoever is in no team is in it as well."""
    require(somebody, "users")
    current_members = Count("members", filter=Q(members__until=None), distinct=True)
    current_patients = Count("patients", filter=Q(patients__until=None), distinct=True)
    rows = teams().annotate(now_members=current_members, now_patients=current_patients)
    return [
        TeamLine(
            id=team.pk, name=team.name, is_first=team.is_first, members=team.now_members, patients=team.now_patients
        )
        for team in rows
    ]


def unsaid_members() -> int:
    """How many active nurses and doctors are in the first team because nothing was said of them."""
    said = TeamMember.objects.values("username")
    return User.objects.filter(role__in=IN_CARE_TEAMS, is_active=True).exclude(username__in=said).count()


def care_team(somebody: object, team: CareTeam) -> TeamPage:
    """Raises `NotAllowed`."""
    require(somebody, "users")
    clinicians = _lines(list(users().filter(role__in=IN_CARE_TEAMS, is_active=True)))
    members = tuple(line for line in clinicians if team.name in line.teams)
    return TeamPage(team=team, members=members, others=tuple(line for line in clinicians if line not in members))


def patients_of_team(somebody: object, team: CareTeam, *, start: int, size: int) -> tuple[list[TeamPatientLine], int]:
    """Some of the patients who were put into a team, the latest first, and how many there are. Raises `NotAllowed`."""
    actor = require(somebody, "users")
    rows = TeamPatient.objects.filter(team=team, until=None).order_by("-since", "-pk")
    shown = list(rows[start : start + size])
    numbers = _numbers([row.patient_id for row in shown])
    record_one(actor, "team.patients", what=f"CareTeam/{team.pk}", detail={"shown": len(shown)})
    lines = [
        TeamPatientLine(patient_id=row.patient_id, number=numbers.get(row.patient_id, ""), since=row.since, by=row.by)
        for row in shown
    ]
    return lines, rows.count()


def _lines(found: Sequence[User]) -> list[PersonLine]:
    of = teams_of_people(user.username for user in found if user.role in IN_CARE_TEAMS)
    return [
        PersonLine(
            username=user.username,
            name=user.full_name,
            role=user.role,
            role_title=user.get_role_display(),
            is_active=user.is_active,
            last_login=user.last_login,
            teams=tuple(of.get(user.username, ())),
        )
        for user in found
    ]


def _numbers(patient_ids: Sequence[str]) -> dict[str, str]:
    versions = ResourceVersion.objects.filter(
        resource__type="Patient",
        resource__logical_id__in=patient_ids,
        resource__is_deleted=False,
        number=F("resource__version"),
    ).select_related("resource__data_key")
    texts = open_bodies(versions)
    return {v.resource.logical_id: hospital_number(loads(texts[v.resource_id]))[1] for v in versions}
