"""What a version says otherwise than the one before it, part by part and in words: of a person, of a stay, and of results that
are only limits ("< 0.01"), which have no standard value to compare."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.fhir_text import concept_text, period_text
from wardround.hospital.charts.limit_results import limit_text
from wardround.hospital.charts.observed_text import printed_observed
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.person import died, printed_birth, printed_name, printed_sex
from wardround.hospital.charts.stays import kind_text, moves, names_of_places
from wardround.hospital.records.people import display_name
from wardround.interchange.fhir.limit_values import LimitValue, limit_values
from wardround.interchange.fhir.values import observed_values

TYPES = frozenset({"Patient", "Encounter"})  # all that they say is compared in words
COMPARED = TYPES | {"Observation"}
NOTHING = "–"


def changed_parts(record: Record, *, before: Record) -> Iterator[tuple[str, str, str]]:
    """(what, before, now) of each part that two versions of one record say differently."""
    old, new = _parts(before), _parts(record)
    for name in {**old, **new}:
        was, now = old.get(name) or NOTHING, new.get(name) or NOTHING
        if was != now:
            yield name, was, now


def limit_parts(record: Record, *, before: Record | None) -> dict[str, tuple[str, str, str]]:
    """By its path, each value that is a limit, or was one in the version before: (what, before, now).

    What is the same as before has no "before".
    """
    found: dict[str, tuple[str, str, str]] = {}
    now, old = _quantities(record.body), _quantities(before.body) if before is not None else {}
    limits = [one for body in (record.body, before.body if before else {}) for one in limit_values(body)]
    for one in limits:
        path = one.observed.path
        if path in now:
            was = old.get(path, "")
            found[path] = (_title(one), was if was != now[path] else "", now[path])
    return found


def _quantities(body: Mapping[str, Any]) -> dict[str, str]:
    """Each number of an Observation as received, by its path."""
    exact = {one.path: printed_observed(one) for one in observed_values(dict(body)) if "Quantity" in one.path}
    return exact | {one.observed.path: limit_text(one) for one in limit_values(body)}


def _title(limit: LimitValue) -> str:
    for coding in limit.observed.codings:
        known = load_catalogue().by_coding(coding)
        if known is not None:
            return gettext(known.title)
    return next((coding.display or coding.code for coding in limit.observed.codings), gettext("Value"))


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
