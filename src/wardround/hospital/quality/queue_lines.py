"""A line of the fix queue in the words and numbers of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.errors import UnknownUnit
from wardround.clinical.units import canonical_unit
from wardround.hospital.quality.queries import Held
from wardround.hospital.quality.waiting import Group, stamp_of
from wardround.web.layout.dates import when_text
from wardround.web.layout.fhir_words import element_words, texts_in_words
from wardround.web.layout.printed import printed_number, printed_unit, printed_value

# On a Patient the mark "entered in error" does not exist.
_CANNOT_BE_AN_ERROR = frozenset({"Patient"})


@dataclass(frozen=True)
class QueueLine:
    """One line: whose it is, what stands there, what is found, what was probably meant."""

    id: int
    is_record: bool
    patient_id: str
    name: str
    number: str
    type: str
    resource: str
    element: str  # "onset"; of a value, and of a record as a whole, empty
    path: str
    time: datetime | None
    stands: str  # "1400 mmHg"
    sentence: str
    suggestion: str  # "140 mmHg"; empty where nothing stands out
    typed: str  # what the box of the correction begins with
    unit: str
    can_correct: bool
    can_withdraw: bool
    stamp: str


@dataclass(frozen=True)
class ShownPart:
    """One group with its lines."""

    group: Group
    lines: tuple[QueueLine, ...]


def shown_part(group: Group, lines: Sequence[Held]) -> ShownPart:
    """A group as the page shows it."""
    return ShownPart(group, tuple(_line(line) for line in lines))


def _line(held: Held) -> QueueLine:
    type_name = held.resource.partition("/")[0]
    is_number = isinstance(held.value, int | float) and not isinstance(held.value, bool)
    return QueueLine(
        id=held.id,
        is_record=held.is_record,
        patient_id=held.patient_id,
        name=held.patient_name,
        number=held.patient_number,
        type=type_name,
        resource=held.resource,
        element=element_words(held.path) if held.is_record and "." in held.path else "",
        path=held.path,
        time=held.time,
        stands=_stands(held),
        sentence=held.sentence,
        suggestion=_suggestion(held),
        typed=_printed(held.stated or "") if held.is_record else (_number(held.value) if is_number else ""),
        unit=_unit_to_type(held.unit),
        can_correct=held.stated is not None if held.is_record else type_name == "Observation" and is_number,
        can_withdraw=type_name not in _CANNOT_BE_AN_ERROR,
        stamp=stamp_of(held),
    )


def _stands(held: Held) -> str:
    if held.is_record:
        return _printed(held.stated or "") or (gettext("nothing") if held.stated is not None else "")
    measurement = load_catalogue().by_key(held.measurement) if held.measurement else None
    return f"{printed_value(held.value, measurement=measurement)} {printed_unit(held.unit)}".strip()


def _suggestion(held: Held) -> str:
    if held.is_record:
        return texts_in_words(held.suggested)
    if held.suggestion is None:
        return ""
    return f"{printed_number(held.suggestion)} {printed_unit(held.suggestion_unit or held.unit)}".strip()


def _printed(text: str) -> str:
    """A date as the chart writes dates; a code as it is."""
    return when_text(text) or text


def _unit_to_type(ucum: str) -> str:
    """The unit as people write it where that is read back as the same one; else as it is."""
    printed = printed_unit(ucum)
    try:
        return printed if not printed or canonical_unit(printed) == ucum else ucum
    except UnknownUnit:
        return ucum


def _number(value: object) -> str:
    return printed_number(float(value)) if isinstance(value, int | float) else ""
