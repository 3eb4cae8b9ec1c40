"""What a version says otherwise than the one before it, part by part and in words: of a person, and of a stay."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from wardround.hospital.charts.fhir_text import concept_text, period_text
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.person import died, printed_birth, printed_name, printed_sex
from wardround.hospital.charts.stays import kind_text, moves, names_of_places
from wardround.hospital.records.people import display_name

TYPES = frozenset({"Patient", "Encounter"})
NOTHING = "–"


def changed_parts(record: Record, *, before: Record) -> Iterator[tuple[str, str, str]]:
    """(what, before, now) of each part that two versions of one record say differently."""
    old, new = _parts(before), _parts(record)
    for name in {**old, **new}:
        was, now = old.get(name) or NOTHING, new.get(name) or NOTHING
        if was != now:
            yield name, was, now


def _parts(record: Record) -> dict[str, str]:
    return _of_person(record.body) if record.type == "Patient" else _of_stay(record)


def _of_person(body: Mapping[str, Any]) -> dict[str, str]:
    addresses = (_address(one) for one in body.get("address", ()))
    return {
        gettext("Name"): printed_name(display_name(dict(body))),
        gettext("Born"): printed_birth(str(body.get("birthDate", ""))),
        gettext("Sex"): printed_sex(str(body.get("gender", ""))),
        gettext("Died"): died(dict(body)),
        gettext("Numbers"): ", ".join(_values(body.get("identifier"))),
        gettext("Contact"): ", ".join(_values(body.get("telecom"))),
        gettext("Address"): "; ".join(filter(None, addresses)),
    }


def _of_stay(record: Record) -> dict[str, str]:
    body = record.body
    left = (body.get("hospitalization") or {}).get("dischargeDisposition")
    return {
        gettext("Kind of stay"): kind_text(body),
        gettext("Time"): period_text(body.get("period")),
        gettext("Ward"): "; ".join(moves(body, names=names_of_places([record]))),
        gettext("Discharged to"): concept_text(left),
    }


def _values(parts: Any) -> list[str]:
    return [str(part["value"]) for part in parts or () if isinstance(part, Mapping) and part.get("value")]


def _address(address: Mapping[str, Any]) -> str:
    place = (address.get(name, "") for name in ("postalCode", "city", "district", "state", "country"))
    lines = [str(line) for line in address.get("line", ()) if line]
    return ", ".join(filter(None, (*lines, " ".join(str(part) for part in place if part)))) or str(
        address.get("text", "")
    )
