"""Everything that changes care teams. What was only implied is written down before it is changed."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from wardround.hospital.care.models import CareTeam, TeamMember, TeamPatient
from wardround.hospital.care.queries import FIRST, is_in_first_team
from wardround.hospital.roles import IN_CARE_TEAMS, require
from wardround.web.accounts.models import User
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one


class CareTeamError(Exception):
    """The team cannot be made or changed so; the message says what would be right."""


@transaction.atomic
def first_team() -> CareTeam:
    """The team of whoever was put into no other; made when it is first needed."""
    made = {"name": FIRST, "made": timezone.now(), "made_by": "system"}
    return CareTeam.objects.get_or_create(is_first=True, defaults=made)[0]


@transaction.atomic
def make_team(name: str, *, by: object) -> CareTeam:
    """Make a team with nobody in it."""
    actor = require(by, "users")
    first_team()
    team = CareTeam.objects.create(name=_free_name(name), made=timezone.now(), made_by=actor.name)
    record_one(actor, "team.make", what=f"CareTeam/{team.pk}", detail={"name": team.name})
    return team


@transaction.atomic
def rename_team(team: CareTeam, name: str, *, by: object) -> None:
    """Call it otherwise; who is in it stays."""
    actor = require(by, "users")
    team.name = _free_name(name, but=team)
    team.save(update_fields=["name"])
    record_one(actor, "team.rename", what=f"CareTeam/{team.pk}", detail={"name": team.name})


@transaction.atomic
def join_team(team: CareTeam, username: str, *, by: object) -> None:
    """From now on this nurse or doctor sees the team's patients too."""
    actor = require(by, "users")
    _check_clinician(username)
    _write_down(username, by=actor)
    _row, is_new = TeamMember.objects.get_or_create(
        team=team, username=username, until=None, defaults={"since": timezone.now(), "by": actor.name}
    )
    if is_new:
        record_one(actor, "team.join", what=f"CareTeam/{team.pk}", detail={"user": username})


@transaction.atomic
def leave_team(team: CareTeam, username: str, *, by: object) -> None:
    """From now on this nurse or doctor does not see the team's patients by this team."""
    actor = require(by, "users")
    _check_clinician(username)
    _write_down(username, by=actor)
    if TeamMember.objects.filter(team=team, username=username, until=None).update(until=timezone.now()):
        record_one(actor, "team.leave", what=f"CareTeam/{team.pk}", detail={"user": username})


@transaction.atomic
def put_into_teams(username: str, names: Iterable[str], *, by: object) -> None:
    """Exactly these teams, by name; of a new person whose place is not the first team."""
    actor = require(by, "users")
    wanted = {name: CareTeam.objects.filter(name=name).first() for name in dict.fromkeys(names)}
    if missing := [name for name, team in wanted.items() if team is None]:
        known = ", ".join(CareTeam.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise CareTeamError(f"There is no care team {missing[0]!r}. There are: {known}.")
    teams = [team for team in wanted.values() if team is not None]
    for team in teams:
        join_team(team, username, by=actor)
    for row in TeamMember.objects.filter(username=username, until=None).exclude(team__in=teams).select_related("team"):
        leave_team(row.team, username, by=actor)


@transaction.atomic
def take_patient(team: CareTeam, patient_id: str, *, by: object) -> None:
    """The patient is in this team's care, and in the first team's only if that is said as well."""
    actor = require(by, "users")
    if _assign(team, patient_id, by=actor):
        record_one(actor, "team.take", patient_id=patient_id, what=f"CareTeam/{team.pk}")


@transaction.atomic
def release_patient(team: CareTeam, patient_id: str, *, by: object) -> None:
    """The patient is not in this team's care any more. Whoever is in no team then is in the first."""
    actor = require(by, "users")
    if TeamPatient.objects.filter(team=team, patient_id=patient_id, until=None).update(until=timezone.now()):
        record_one(actor, "team.release", patient_id=patient_id, what=f"CareTeam/{team.pk}")


def take_new_patients(patient_ids: Iterable[str], *, by: Actor) -> None:
    """Who registers a patient cares for them: outside the first team the patient goes to that person's own teams."""
    must_be_in_transaction()
    if by.role not in IN_CARE_TEAMS or is_in_first_team(by.name):
        return
    own = [row.team for row in TeamMember.objects.filter(username=by.name, until=None).select_related("team")]
    for patient_id in patient_ids:
        for team in own:
            _assign(team, patient_id, by=by)
            record_one(by, "team.take", patient_id=patient_id, what=f"CareTeam/{team.pk}")


def unite_patients(retired: str, *, into: str, merge: str, by: Actor) -> None:
    """Two records became one: whoever had either has the survivor. The retired record's rows stay as they are."""
    must_be_in_transaction()
    of = {
        patient_id: list(TeamPatient.objects.filter(patient_id=patient_id, until=None).values_list("team", flat=True))
        for patient_id in (retired, into)
    }
    if not any(of.values()):
        return
    first = first_team().pk
    for team_id in {team for teams in of.values() for team in teams or [first]}.difference(of[into]):
        _assign(CareTeam.objects.get(pk=team_id), into, by=by, merge=merge)


def part_patients(merge: str) -> None:
    """The merge was undone: what it brought to the survivor ends; what was said since stays."""
    must_be_in_transaction()
    TeamPatient.objects.filter(merge=merge, until=None).update(until=timezone.now())


def _assign(team: CareTeam, patient_id: str, *, by: Actor, merge: str = "") -> bool:
    given = {"since": timezone.now(), "by": by.name, "merge": merge}
    return TeamPatient.objects.get_or_create(team=team, patient_id=patient_id, until=None, defaults=given)[1]


def _write_down(username: str, *, by: Actor) -> None:
    """Of whom nothing was said yet is in the first team: said, before anything else is."""
    if not TeamMember.objects.filter(username=username).exists():
        TeamMember.objects.create(team=first_team(), username=username, since=timezone.now(), by=by.name)


def _check_clinician(username: str) -> None:
    if not User.objects.filter(username=username, role__in=IN_CARE_TEAMS).exists():
        raise CareTeamError(f"{username!r} is not a nurse or doctor here. Only they are in care teams.")


def _free_name(name: str, *, but: CareTeam | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise CareTeamError("A care team has a name of 1 to 100 characters, for example: Cardiology")
    same = CareTeam.objects.filter(name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise CareTeamError(f"There is already a care team {name!r}. Choose another name.")
    return name
