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
    found = _patients(numbers, by=by)
    for patient_id in found:
        take_patient(team, patient_id, by=by)
    said = ngettext("%(many)d patient is in the team's care.", "%(many)d patients are in the team's care.", len(found))
    return said % {"many": len(found)}


@transaction.atomic
def release_by_number(team: CareTeam, numbers: str, *, by: object) -> str:
    """Take the patients with these numbers out of the team's care; raises like `take_by_number`."""
    for patient_id in _patients(numbers, by=by):
        release_patient(team, patient_id, by=by)
    return _released()


def release_by_id(team: CareTeam, patient_id: str, *, by: object) -> str:
    """The patient leaves the team's care; what that means, as a sentence."""
    release_patient(team, patient_id, by=by)
    return _released()


def _released() -> str:
    return gettext("Not in this team's care any more. Whoever is in no team is in the first.")


def _patients(numbers: str, *, by: object) -> list[str]:
    require(by, "users")
    wanted = [number.strip() for number in numbers.replace(",", "\n").replace(";", "\n").splitlines() if number.strip()]
    if not 1 <= len(wanted) <= _MOST:
        raise CareTeamError(gettext("Write 1 to 500 hospital numbers, one a line."))
    ids: list[str] = []
    for place, number in enumerate(wanted, start=1):
        found = patients_by_number(number)
        if len(found) != 1:
            sentence = gettext(
                "Number %(place)d of your list is not that of exactly one patient here. Nothing was changed."
            )
            raise CareTeamError(sentence % {"place": place})
        ids.extend(found)
    return list(dict.fromkeys(ids))
