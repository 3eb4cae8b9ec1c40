"""HL7 v2 names, addresses, telephone numbers and numbers of people (XPN, XAD, XTN, CX) as FHIR's, after HL7's tables."""

import re
from datetime import tzinfo

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.hl7v2.numbers import authority, given_by
from wardround.interchange.mapping import Mapping

_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
# The concept maps NameType, AddressType, TelecommunicationUseCode and TelecommunicationEquipmentType; a pseudonym (S) and
# another residence (ORN), which they leave open, have a use of the same meaning in R4.
NAME_USE = {
    "L": "official",
    "R": "official",
    "D": "usual",
    "M": "maiden",
    "N": "nickname",
    "BAD": "old",
    "S": "anonymous",
    "MSK": "anonymous",
    "NAV": "temp",
    "TEMP": "temp",
}
_ADDRESS_USE = {"H": "home", "B": "work", "O": "work", "C": "temp", "BA": "old", "BI": "billing"}
_ADDRESS_TYPE = {"M": "postal", "SH": "postal"}
_SYSTEM = {
    "PH": "phone",
    "CP": "phone",
    "FX": "fax",
    "BP": "pager",
    "Internet": "email",
    "X.400": "email",
    **dict.fromkeys(("MD", "SAT", "TDD", "TTY"), "other"),
}
_TELECOM_USE = {"PRN": "home", "ORN": "home", "WPN": "work", "PRS": "mobile"}
_FAMILY = ((2, "own-prefix"), (3, "own-name"), (4, "partner-prefix"), (5, "partner-name"))


def name(value: Repetition, *, zone: tzinfo | None = None) -> Resource:
    """An XPN as a HumanName; {} where it names nobody."""
    family = value.text(1)
    if not any((family, value.peek(2), value.peek(3), value.peek(15))):
        return {}
    given = [part for part in (value.text(2), *value.text(3).split()) if part]
    written = {
        "extension": _assembly_order(value),
        "use": _known(value, 7, NAME_USE),
        "family": family,
        "_family": _family_parts(value),
        "given": given,
        "prefix": [part for part in (value.text(5),) if part],
        "suffix": [part for part in (value.text(4), value.text(6), value.text(14)) if part],
        "period": period(value, start=12, end=13, both=10, zone=zone),
    }
    return _filled(written)


def nickname(value: Repetition) -> Resource:
    """What a person is called by (XPN.15)."""
    called = value.text(15)
    return {"use": "nickname", "given": [called]} if called else {}


def plain_name(value: Repetition) -> str:
    """An XPN as one text: what HL7's table XPN[string] gives."""
    return " ".join(filter(None, (value.text(number) for number in (5, 2, 3, 1, 4))))


def address(value: Repetition, *, zone: tzinfo | None = None) -> Resource:
    """An XAD as an Address; {} where it holds no place."""
    kind = value.peek(7)
    tract = value.text(10)
    written = {
        "extension": [{"url": f"{_EXTENSION}/iso21090-ADXP-censusTract", "valueString": tract}] if tract else [],
        "use": _known(value, 7, _ADDRESS_USE),
        "type": _known(value, 7, _ADDRESS_TYPE) if kind in _ADDRESS_TYPE else None,
        "line": [
            line for line in (value.text(1), value.text(1, 2), value.text(1, 3), value.text(2), value.text(19)) if line
        ],
        "city": value.text(3),
        "district": value.text(9) or value.text(9, 2),
        "state": value.text(4),
        "postalCode": value.text(5),
        "country": value.text(6),
        "period": period(value, start=13, end=14, both=12, zone=zone),
    }
    filled = _filled(written)
    return filled if set(filled) - {"use", "type", "period"} else {}


def telecom(value: Repetition, *, use: str, zone: tzinfo | None = None) -> Resource:
    """An XTN as a ContactPoint; {} where it holds no number or address. `use` holds where XTN.2 is silent."""
    equipment = value.peek(3)
    is_address = _SYSTEM.get(equipment) == "email" or (not equipment and bool(value.peek(4)))
    numbers: list[Resource] = []
    if is_address and value.peek(4):
        written = value.text(4)
    else:
        written = value.text(12) or value.text(1)
        country, area, local, extension = (value.text(part) for part in (5, 6, 7, 8))
        named = (("country", country), ("area", area), ("local", local), ("extension", extension))
        numbers = [{"url": f"{_EXTENSION}/contactpoint-{part}", "valueString": v} for part, v in named if v]
        if not written and local:
            spoken = (f"+{country.lstrip('+')}" if country else "", area, local, f"X{extension}" if extension else "")
            written = " ".join(part for part in spoken if part)
    if not written:
        return {}
    rank = value.text(18) if re.fullmatch(r"[1-9]\d{0,4}", value.peek(18), re.ASCII) else ""
    contact = {
        "extension": numbers,
        "system": "email" if "@" in written else (_known(value, 3, _SYSTEM) or "phone"),
        "value": written,
        "use": _known(value, 2, _TELECOM_USE) or ("mobile" if equipment == "CP" else use),
        "rank": int(rank) if rank else None,
        "period": period(value, start=13, end=14, zone=zone),
    }
    if "@" in written:
        value.text(3)
    return _filled(contact)


def number(value: Repetition, *, mapping: Mapping, kind: str = "", secondary: bool = False) -> Resource:
    """A CX as an Identifier whose authority is part of the system; {} where it holds no number. `kind`: where CX.5 is silent.

    `secondary`: it does not tell this one apart (FHIR's use "secondary"), as numbers beside the one it is known by.
    """
    written = value.text(1)
    if not written:
        return {}
    giver = authority(value.text(4), value.text(4, 2), value.peek(4, 3), purpose="number", mapping=mapping)
    code = value.text(5) or kind
    identifier = {
        "extension": _check_digit(value),
        "use": "secondary" if secondary else None,
        "type": {"coding": [building.coding(building.NUMBER_TYPE, code)]} if code else None,
        "system": giver,
        "value": written,
        "period": period(value, start=7, end=8, zone=mapping.zone),
        **given_by(value.text(4), value.text(4, 2), value.text(4, 3), system=giver),
    }
    return _filled(identifier)


def details_of_number(value: Repetition, *, system: str, zone: tzinfo | None) -> Resource:
    """What a CX says about a number beside it and its system: check digit, validity, who gave it."""
    details = {
        "extension": _check_digit(value),
        "period": period(value, start=7, end=8, zone=zone),
        **given_by(value.text(4), value.text(4, 2), value.text(4, 3), system=system),
    }
    return _filled(details)


def period(value: Repetition, *, start: int, end: int, zone: tzinfo | None, both: int | None = None) -> Resource:
    """A Period of two components, or of the halves of one; a time that is none stays unread, and so is named."""
    found = {"start": moment(value, start, zone=zone), "end": moment(value, end, zone=zone)}
    if both is not None and not any(found.values()):
        found = {"start": moment(value, both, zone=zone), "end": moment(value, both, 2, zone=zone)}
    times = {side: time for side, time in found.items() if time}
    is_turned = len(times) == 2 and times["start"][:10] > times["end"][:10]
    return {} if is_turned else times


def period_of(segment: Segment, start: int, end: int, *, zone: tzinfo | None) -> Resource:
    """A Period of two fields."""
    found = {"start": moment(segment.first(start), 1, zone=zone), "end": moment(segment.first(end), 1, zone=zone)}
    times = {side: time for side, time in found.items() if time}
    is_turned = len(times) == 2 and times["start"][:10] > times["end"][:10]
    return {} if is_turned else times


def moment(value: Repetition, component: int, subcomponent: int = 1, *, zone: tzinfo | None) -> str | None:
    """A time of less weight than the message: where it is none it stays unread."""
    text = value.peek(component, subcomponent)
    if not text:
        return None
    time = parts.time_or_none(text, zone=zone)
    if time is not None:
        value.text(component, subcomponent)
    return time


def _check_digit(value: Repetition) -> list[Resource]:
    named = (("identifier-checkDigit", value.text(2)), ("namingsystem-checkDigit", value.text(3)))
    return [{"url": f"{_EXTENSION}/{name}", "valueString": text} for name, text in named if text]


def _family_parts(value: Repetition) -> Resource | None:
    found = [(name, value.text(1, number)) for number, name in _FAMILY]
    extension = [{"url": f"{_EXTENSION}/humanname-{name}", "valueString": text} for name, text in found if text]
    return {"extension": extension} if extension else None


def _assembly_order(value: Repetition) -> list[Resource]:
    if value.peek(11) not in ("F", "G"):
        return []
    return [{"url": f"{_EXTENSION}/humanname-assembly-order", "valueCode": value.text(11)}]


def _known(value: Repetition, component: int, table: dict[str, str]) -> str | None:
    """What a table says of a code; a code that it does not know stays unread."""
    found = table.get(value.peek(component))
    if found is not None:
        value.text(component)
    return found


def _filled(content: Resource) -> Resource:
    return {name: part for name, part in content.items() if part not in (None, "", [], {})}
