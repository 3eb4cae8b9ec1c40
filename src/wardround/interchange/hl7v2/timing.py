"""When and how often: HL7 v2 timings (TQ1, and TQ of the older versions) as FHIR's Timing, quantity and priority.

After HL7's tables TQ1[ServiceRequest], TQ1[MedicationRequest], TQ[...], RPT[Timing] and the concept maps RepeatPattern,
EventRelatedPeriod and ExtendedPriorityCodes (HL7 v2-to-FHIR, Apache-2.0). Two of their targets do not fit R4 and are put
where they do: total occurrences are `count` (`countMax` needs a count), and bounds stand below `repeat`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.fhir.json import Number
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.mapping import Mapping
from wardround.interchange.texts import number_of

UCUM = "http://unitsofmeasure.org"
_PATTERN = "http://terminology.hl7.org/CodeSystem/v2-0335"
_ABBREVIATION = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
# Repeat patterns that have a code of the same meaning in HL7's abbreviations.
_ABBREVIATIONS = {
    **{code: code for code in ("BID", "TID", "QID", "QOD", "Q1H", "Q2H", "Q3H", "Q4H", "Q6H", "Q8H")},
    "Q1D": "QD",
    "Q1W": "WK",
    "Q1L": "MO",
}
_WHEN = ("HS", "WAKE", *(f"{part}{meal}" for part in ("", "A", "P") for meal in ("C", "CM", "CD", "CV")))
PRIORITY = {"S": "stat", "A": "asap", "R": "routine"}
# UCUM's units of time by what people write for them; in R4 they are all that a Duration or a period may have.
_TIME_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "wk"),
    **dict.fromkeys(("mo", "month", "months"), "mo"),
    **dict.fromkeys(("a", "ann", "year", "years"), "a"),
}
_LONGEST = 99_999  # of any unit: FHIR's whole numbers have 32 bits
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}
_DURATION = re.compile(
    r"([SMHDWL])(\d+)|(\d+)([SMHDWL])", re.ASCII | re.IGNORECASE
)  # TQ.3: S50, or 50S as some type it
_DURATION_UNITS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
_TIME_OF_DAY = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?([+-]\d{4})?", re.ASCII)
_INSTANT = re.compile(r".+T.+")


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What one TQ1 or TQ says; each part is empty where it says nothing of it."""

    timing: Resource = field(default_factory=dict)
    quantity: Resource = field(default_factory=dict)
    priority: str = ""
    condition: str = ""
    instruction: str = ""


def timed(segment: Segment, *, mapping: Mapping) -> Timed:
    """What a TQ1 says."""
    start = parts.time(segment.text(7), zone=mapping.zone, field="TQ1-7")
    end = parts.time(segment.text(8), zone=mapping.zone, field="TQ1-8")
    timing: Resource = {}
    repeat: Resource = {}
    patterns = segment.repetitions(3)
    if patterns:
        timing, repeat = _pattern(patterns[0], mapping=mapping)
    times = [time for time in (_time_of_day(value.text(1)) for value in segment.repetitions(4)) if time]
    if times:  # tim-10: times of the day, or an event such as a meal
        repeat = {k: v for k, v in repeat.items() if k not in ("when", "offset")} | {"timeOfDay": times}
    elif "when" in repeat and "offset" not in repeat:
        repeat |= _offset(segment.text(5), segment.text(5, 2) or segment.text(5, 2, 2), when=repeat["when"][0])
    repeat |= _bounds(start, end, lasting(segment, 6) if not (start and end) else {})
    each = lasting(segment, 13)
    if each:
        repeat |= {"duration": each["value"], "durationUnit": each["code"]}
    repeat |= _count(segment.text(14))
    urgent = next((value for value in segment.repetitions(9) if value.peek(1) in PRIORITY), None)
    return Timed(
        timing=timing | ({"repeat": repeat} if repeat else {}),
        quantity=measured(segment, 2, mapping=mapping),
        priority=PRIORITY[code_read(urgent)] if urgent is not None else "",
        condition=segment.text(10),
        instruction=segment.text(11),
    )


def timed_before(value: Repetition, *, mapping: Mapping, field: str) -> Timed:
    """What a TQ says, by which HL7 v2 told times before TQ1 (ORC-7, OBR-27, SCH-11, RXE-1)."""
    timing: Resource = {}
    repeat: Resource = {}
    code = value.text(2)
    if code:
        timing["code"] = building.concept(_pattern_codings(_PATTERN, code, ""))
    times = [time for time in (_time_of_day(part) for part in value.text(2, 2).split(",")) if time]
    if times:
        repeat["timeOfDay"] = times
    start = parts.time(value.text(4), zone=mapping.zone, field=f"{field}.4")
    end = parts.time(value.text(5), zone=mapping.zone, field=f"{field}.5")
    repeat |= _bounds(start, end, _written_duration(value.text(3))) | _count(value.text(12))
    return Timed(
        timing=timing | ({"repeat": repeat} if repeat else {}),
        quantity=quantity(value.text(1), value.text(1, 2)),
        priority=PRIORITY.get(value.text(6), ""),
        condition=value.text(7),
        instruction=value.text(8),
    )


def quantity(value: str, unit: str) -> Resource:
    """A SimpleQuantity with the unit as written; {} where there is no number."""
    number = number_of(value, decimal="point")
    if number is None:
        return {}
    return {"value": number} | ({"unit": unit} if unit else {})


def measured(segment: Segment, number: int, *, mapping: Mapping) -> Resource:
    """A CQ as a SimpleQuantity; {} where there is no number."""
    if number_of(segment.peek(number), decimal="point") is None:
        return {}
    code, text, system = (segment.text(number, 2, part) for part in (1, 2, 3))
    return quantity(segment.text(number), text or code) | _coded_unit(code, system, mapping)


def measured_in(segment: Segment, number: int, unit: int, *, mapping: Mapping) -> Resource:
    """A number with its unit (a CWE) in a field of its own as a SimpleQuantity; {} where there is no number."""
    if number_of(segment.peek(number), decimal="point") is None:
        return {}
    code, text, system = (segment.text(unit, part) for part in (1, 2, 3))
    return quantity(segment.text(number), text or code) | _coded_unit(code, system, mapping)


def _coded_unit(code: str, system: str, mapping: Mapping) -> Resource:
    """The code of a unit where the message says whose code it is (qty-3)."""
    return {"system": parts.system_of(system, mapping=mapping), "code": code} if code and system else {}


def duration(value: str, unit: str) -> Resource:
    """A FHIR Duration; {} where the unit is none of time, because a Duration has no other (drt-1)."""
    number, code = number_of(value, decimal="point"), time_unit(unit)
    if number is None or not code or Decimal(str(number)) < 0:
        return {}
    return {"value": number, "unit": unit, "system": UCUM, "code": code}


def time_unit(written: str) -> str:
    """The UCUM code of a unit of time as people write it, or ""."""
    return _TIME_UNITS.get(written.strip().casefold(), "")


def lasting(segment: Segment, number: int) -> Resource:
    """A CQ as a Duration; {} where it is none."""
    for part in (1, 2):  # the unit's code, else its text
        if found := duration(segment.peek(number), segment.peek(number, 2, part)):
            segment.text(number)
            # The unit's other names say nothing more.
            for name in (1, 2, 3):
                segment.text(number, 2, name)
            return found
    return {}


def lasting_in(segment: Segment, number: int, unit: int) -> Resource:
    """A number with its unit (a CNE) in a field of its own as a Duration; {} where it is none."""
    for part in (1, 2):
        if found := duration(segment.peek(number), segment.peek(unit, part)):
            segment.text(number)
            for name in (1, 2, 3):
                segment.text(unit, name)
            return found
    return {}


def code_read(value: Repetition) -> str:
    """The code of a CWE that becomes one of FHIR's own: its text and system say nothing more."""
    value.text(2)
    value.text(3)
    return value.text(1)


def later(start: str, duration: Resource) -> str | None:
    """The time so much later; None where the start is no moment or the duration no fixed number of seconds."""
    seconds = _SECONDS.get(duration.get("code", ""))
    if seconds is None or not _INSTANT.fullmatch(start):
        return None
    try:
        moment = datetime.fromisoformat(start) + timedelta(seconds=float(str(duration["value"])) * seconds)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat()


def minutes(value: str, unit: str) -> int | None:
    """A duration in whole minutes, or None."""
    number, seconds = number_of(value, decimal="point"), _SECONDS.get(time_unit(unit))
    if number is None or seconds is None:
        return None
    if Decimal(str(number)) > _LONGEST:
        return None
    whole, rest = divmod(Decimal(str(number)) * seconds, 60)
    return int(whole) if not rest and whole > 0 else None


def _pattern(value: Repetition, *, mapping: Mapping) -> tuple[Resource, Resource]:
    """An RPT as Timing.code and Timing.repeat. What has no element of its own stays readable in the code's text."""
    code, display, named = (value.text(1, part) for part in (1, 2, 3))
    system = parts.system_of(named, mapping=mapping) if named else _PATTERN
    written = " ".join(filter(None, re.split(r"[\^&]+", value.whole())))
    repeat: Resource = {}
    period, unit = number_of(value.text(5), decimal="point"), time_unit(value.text(6) or value.text(6, 2))
    if period is not None and unit:
        repeat |= {"period": period, "periodUnit": unit}
    when = value.text(8)
    if when in _WHEN:
        repeat["when"] = [when]
        repeat |= _offset(value.text(9), value.text(10) or value.text(10, 2), when=when)
    concept = building.concept(_pattern_codings(system, code, display) if code else [])
    if written and written != code:
        concept["text"] = written
    return ({"code": concept} if concept else {}), repeat


def _pattern_codings(system: str, code: str, display: str) -> list[Resource]:
    codings = [building.coding(system, code, display)]
    if system == _PATTERN and code in _ABBREVIATIONS:
        codings.append(building.coding(_ABBREVIATION, _ABBREVIATIONS[code]))
    return codings


def _offset(value: str, unit: str, *, when: str) -> Resource:
    """Minutes before or after a meal; tim-9 allows none at a meal."""
    if when in ("C", "CM", "CD", "CV") or not value:
        return {}
    found = minutes(value, unit)
    return {"offset": found} if found is not None else {}


def _bounds(start: str | None, end: str | None, whole: Resource) -> Resource:
    if start and not end and whole:
        end = later(start, whole)
    if start or end:
        return {"boundsPeriod": {name: time for name, time in (("start", start), ("end", end)) if time}}
    return {"boundsDuration": whole} if whole else {}


def _count(text: str) -> Resource:
    return {"count": Number(text)} if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) else {}


def _written_duration(text: str) -> Resource:
    match = _DURATION.fullmatch(text)
    if match is None:
        number, _space, unit = text.partition(" ")  # "2 hours", as many type it
        return duration(number, unit)
    letter, digits = match[1] or match[4], match[2] or match[3]
    unit = _DURATION_UNITS[letter.upper()]
    return {"value": Number(digits), "unit": unit, "system": UCUM, "code": unit}


def _time_of_day(text: str) -> str | None:
    """A TM as FHIR's time; FHIR's has no offset."""
    match = _TIME_OF_DAY.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, second = match[1], match[2], match[3] or "00"
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise Unreadable("an explicit time of a timing is no time of the day")
    return f"{hour}:{minute}:{second}"
