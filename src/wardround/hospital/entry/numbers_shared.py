"""Who else here has this number: by name where they are in the care of whoever asks, else only that somebody has it."""

from dataclasses import dataclass

from wardround.hospital.charts.person import printed_name
from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.access import patients_of
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.matching import NothingToMatch, match
from wardround.hospital.records.models import Resource, TokenIndex
from wardround.hospital.records.people import person_of
from wardround.interchange.fhir.json import loads
from wardround.web.accounts.models import User

_MOST = 5


@dataclass(frozen=True)
class SharedNumber:
    """Patients with one number. `names`: of those whom the reader may see; `others`: is there anybody else?"""

    names: tuple[str, ...] = ()
    others: bool = False


def patients_with(number: tuple[str, str], *, other_than: str, by: User) -> SharedNumber:
    """Of this (system, value). Who is shown by name was read, and the audit trail says so. Records of one person count once."""
    system, value = number
    if not system:  # without one, a number is unique nowhere
        return SharedNumber()
    rows = TokenIndex.objects.filter(
        type="Patient",
        parameter="identifier",
        system=system,
        code=BlindIndex().hashed("identifier", value),
        resource__is_deleted=False,
    )
    found = set(rows.values_list("resource__logical_id", flat=True))
    kept = survivors_of(found)
    found = {kept.get(one, one) for one in found} - {other_than}
    if not found:
        return SharedNumber()
    own = Resource.objects.filter(patients_of(by, column="logical_id"), type="Patient", logical_id__in=found)
    seen = set(own.values_list("logical_id", flat=True))
    names = _names(number, by=by, seen=seen) if seen else ()
    return SharedNumber(names, others=bool(found - seen) or not names)


def _names(number: tuple[str, str], *, by: User, seen: set[str]) -> tuple[str, ...]:
    asked = {"resourceType": "Patient", "identifier": [{"system": number[0], "value": number[1]}]}
    try:
        likely = match(by, asked, count=_MOST, only_certain=False)
    except NothingToMatch:
        return ()
    bodies = [loads(one.patient.text or b"{}") for one in likely]
    return tuple(printed_name(person_of(body).name) for body in bodies if body.get("id") in seen)
