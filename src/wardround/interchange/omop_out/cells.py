"""FHIR's dates, names and addresses as cells of the CDM; what a cell cannot hold whole is left out, never cut."""

from datetime import datetime, tzinfo
from typing import Any

Row = dict[str, object]
_DAY, _SHORT = 10, 50


def when(text: object, *, zone: tzinfo) -> tuple[str, str] | None:
    """(date, datetime) in local time; None for a date that does not name a day. A date without a time has no datetime."""
    if not isinstance(text, str) or len(text) < _DAY:
        return None
    if len(text) == _DAY:
        return text, ""
    try:
        moment = datetime.fromisoformat(text).astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return moment.date().isoformat(), moment.strftime("%Y-%m-%d %H:%M:%S")


def times(row: Row, prefix: str, moment: tuple[str, str] | None) -> None:
    """Put a moment into a row's PREFIX_date and PREFIX_datetime."""
    if moment is not None:
        row[f"{prefix}_date"], row[f"{prefix}_datetime"] = moment


def fitting(text: object, longest: int = _SHORT) -> str:
    """The text where it is one and fits."""
    return text if isinstance(text, str) and len(text) <= longest else ""


def started(resource: dict[str, Any], *names: str) -> object:
    """The first of these dates that is there; of a period its start."""
    for name in names:
        found = resource.get(name)
        if isinstance(found, dict):
            found = found.get("start")
        if found:
            return found
    return None


def hospital_number(patient: dict[str, Any]) -> str:
    """The number by which the hospital knows the patient, else the first that there is."""
    identifiers = patient.get("identifier", ())
    numbers = [i for i in identifiers if any(c.get("code") == "MR" for c in i.get("type", {}).get("coding", ()))]
    return next((fitting(i.get("value")) for i in (*numbers, *identifiers) if fitting(i.get("value"))), "")


def place_of(patient: dict[str, Any]) -> Row:
    """The patient's place for `location`, without street and house: town, state, postcode, country."""
    address: dict[str, Any] = next(iter(patient.get("address", ())), {})
    state = address.get("state", "")
    row: Row = {
        "city": fitting(address.get("city")),
        "state": fitting(state, 2),
        "zip": fitting(address.get("postalCode"), 9),
        "location_source_value": "" if fitting(state, 2) else fitting(state),
        "country_source_value": fitting(address.get("country"), 80),
    }
    return row if any(row.values()) else {}
