"""Patients of care teams as administrators name them: by hospital number, several at once, all or none."""

from django.db import transaction
from django.utils.translation import gettext, ngettext

from wardround.hospital.care.actions import CareTeamError, release_patient, take_patient
from wardround.hospital.care.models import CareTeam
from wardround.hospital.records.by_number import patients_by_number
from wardround.hospital.roles import require

_MOST = 500


class NoSuchTeam(CareTeamError):
    """There is no such care team."""


def team_by_id(team_id: int, *, by: object) -> CareTeam:
    """Raises `NotAllowed` and `NoSuchTeam`."""
    require(by, "users")
    team = CareTeam.objects.filter(pk=team_id).first()
    if team is None:
        raise NoSuchTeam("There is no such care team.")
    return team


def team_named(name: str, *, by: object) -> CareTeam:
    """Raises `NotAllowed` and `NoSuchTeam`."""
    require(by, "users")
    team = CareTeam.objects.filter(name__iexact=" ".join(name.split())).first()
    if team is None:
        known = ", ".join(CareTeam.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise NoSuchTeam(f"There is no care team {name!r}. There are: {known}.")
    return team


@transaction.atomic
def take_by_number(team: CareTeam, numbers: str, *, by: object) -> str:
    """Put the patients with these numbers, one a line or between commas, into the team's care; what was done, as a sentence.

    Raises `CareTeamError` for a number that nobody or more than one patient has, by its place and not by itself.
    """
    require(by, "users")
    wanted = [number.strip() for number in numbers.replace(",", "\n").replace(";", "\n").splitlines() if number.strip()]
    if not 1 <= len(wanted) <= _MOST:
        raise CareTeamError(gettext("Write 1 to 500 hospital numbers, one a line."))
    for place, number in enumerate(wanted, start=1):
        found = patients_by_number(number)
        if len(found) != 1:
            raise CareTeamError(
                gettext("Number %(place)d of your list is not that of exactly one patient here. Nobody was assigned.")
                % {"place": place}
            )
        take_patient(team, next(iter(found)), by=by)
    return ngettext(
        "%(many)d patient is in the team's care.", "%(many)d patients are in the team's care.", len(wanted)
    ) % {"many": len(wanted)}


def release_by_id(team: CareTeam, patient_id: str, *, by: object) -> str:
    """The patient leaves the team's care; what that means, as a sentence."""
    release_patient(team, patient_id, by=by)
    return gettext("The patient is not in this team's care any more. Whoever is in no team is in the first.")
