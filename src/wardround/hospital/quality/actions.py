"""What a steward decides on the page of the fix queue: a value as it was typed, or many suggestions that were shown."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.errors import ClinicalError
from wardround.clinical.numbers import read_number
from wardround.clinical.standardise import in_standard_unit
from wardround.clinical.units import canonical_unit
from wardround.hospital.quality.queries import lines_of
from wardround.hospital.quality.waiting import MOST_AT_ONCE, stamp_of
from wardround.hospital.records.access import require
from wardround.hospital.records.actions.decisions import accept_suggestion, correct_value
from wardround.hospital.records.actions.record_decisions import accept_record, correct_record
from wardround.hospital.records.errors import NotDecidable, RecordError
from wardround.interchange.fhir.definitions import type_at
from wardround.web.layout.dates import fhir_time, when_text

_TIMES = frozenset({"date", "dateTime", "instant"})  # FHIR's types of times


@dataclass
class Accepted:
    """What became of many suggestions: how many stand in the records now, and why the others do not."""

    accepted: int = 0
    left: Counter[str] = field(default_factory=Counter)


def correct_as_typed(value_id: int, *, by: object, typed: str, unit: str, reason: str) -> None:
    """A correction as a person types it: "5,2" and "mmHg" are read.

    Raises `NotDecidable` for what is no number, or a unit in which this measurement cannot be.
    """
    line = next(iter(lines_of([value_id], are_records=False)), None)
    try:
        number = float(read_number(typed))
        ucum = canonical_unit(unit) if unit.strip() else "1"
        if line is not None and line.measurement:
            in_standard_unit(load_catalogue().by_key(line.measurement), number, unit=ucum)
    except ClinicalError as error:
        raise NotDecidable(str(error)) from error
    correct_value(value_id, by=by, value=number, unit=ucum, reason=reason)


def correct_record_as_typed(finding_id: int, *, by: object, path: str, typed: str, reason: str) -> None:
    """A date or a code of a record as a person types it: 14-Mar-2026 is read as 2026-03-14, whatever the page's language.

    Raises `NotDecidable` where a date stands and none was typed.
    """
    line = next(iter(lines_of([finding_id], are_records=True)), None)
    stated = (line.stated or "") if line is not None and line.path == path else ""
    text = typed.strip()
    if text and text == when_text(stated):
        text = stated  # to the second, as it was received
    elif type_at(path) in _TIMES:
        text = fhir_time(text)
        if not text:
            raise NotDecidable("This is not a date. Write 2026, 03-2026, 14-Mar-2026 or 14-Mar-2026 08:30.")
    correct_record(finding_id, by=by, texts={path: text}, reason=reason)


def accept_shown(stamps: Iterable[str], *, by: object, are_records: bool) -> Accepted:
    """Accept these suggestions as they were shown (`stamp_of`), each a decision of its own with its own audit event.

    One that does not say the same any more is left. Of swapped pressures either accepts both. Raises `NotAllowed`.
    """
    actor = require(by, "decide")
    shown = list(dict.fromkeys(stamps))[:MOST_AT_ONCE]
    ids = [int(stamp.partition("-")[0]) for stamp in shown if stamp.partition("-")[0].isdecimal()]
    known = {stamp_of(line): line for line in lines_of(ids, are_records=are_records)}
    done = Accepted()
    for stamp in shown:
        line = known.get(stamp)
        if line is None:
            done.left["It does not wait for this decision any more, or says something else by now."] += 1
            continue
        if not lines_of([line.id], are_records=are_records):  # went with the other pressure
            done.accepted += 1
            continue
        try:
            if are_records:
                accept_record(line.id, by=actor)
            else:
                accept_suggestion(line.id, by=actor)
            done.accepted += 1
        except RecordError as error:
            done.left[str(error)] += 1
    return done
