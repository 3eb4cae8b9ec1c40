"""The death of a patient: recorded with a discharge or by a correction, and taken back where it was wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext

from wardround.hospital.charts.person import printed_name
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, impossible
from wardround.hospital.records.actions.changing import Precondition, Put
from wardround.hospital.records.people import person_of
from wardround.web.layout.dates import when_text

_DAY = 10  # letters of a whole date
_STATED = ("deceasedDateTime", "deceasedBoolean", "_deceasedDateTime", "_deceasedBoolean")


def is_dead(body: Mapping[str, Any]) -> bool:
    return bool(body.get("deceasedDateTime")) or body.get("deceasedBoolean") is True


def time_of_death(body: Mapping[str, Any]) -> str:
    """As FHIR writes it; "" where it is not known."""
    return str(body.get("deceasedDateTime", ""))


def without_death(body: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is said of a death: what a record says of somebody of whom no death is known."""
    return {name: part for name, part in body.items() if name not in _STATED}


def with_death(body: Mapping[str, Any], *, died: str) -> dict[str, Any]:
    """Dead since `died`; "": dead, and nobody knows since when."""
    stated: dict[str, Any] = {"deceasedDateTime": died} if died else {"deceasedBoolean": True}
    return {**without_death(body), **stated}


def person_here(context: Context) -> PresentRecord | None:
    """The patient's own record."""
    return next((r for r in context.records("Patient") if r.id == context.patient.id), None)


def death_of_discharge(context: Context, *, died: str) -> list[Put]:
    """The patient's record with this death; nothing where a time of death is recorded already."""
    person = person_here(context)
    if person is None or time_of_death(person.body) or not died:
        return []
    return [Put(with_death(person.body, died=died), only_if=Precondition(version=person.version))]


def refuse_impossible(reading: Reading, box: str, *, died: str, birth: str, context: Context) -> None:
    """Nobody dies tomorrow, nor before they are born. Both are compared as far as they are known."""
    moment = parse_datetime(died) if len(died) > _DAY else None
    if (moment is not None and moment > context.now) or died[:_DAY] > context.today:
        reading.refuse(box, impossible("future", ""))
    known = min(len(birth), len(died), _DAY)
    if birth and died[:known] < birth[:known]:
        reading.refuse(box, gettext("The death lies before the birth. Change one of the two."))


def death_cautions(body: Mapping[str, Any], *, before: Mapping[str, Any], box: str, number: int) -> Iterator[Caution]:
    """A death is recorded, or taken back, only by somebody who was asked."""
    said = {"name": printed_name(person_of(dict(body)).name), "when": _printed(time_of_death(body))}
    if is_dead(body) and not is_dead(before):
        sentence = gettext("This records the death of %(name)s: %(when)s.")
        yield Caution(box, sentence % said, number, "death")
    elif is_dead(before) and not is_dead(body):
        sentence = gettext("This takes back the death of %(name)s: the chart is of a living patient again.")
        yield Caution(box, sentence % said, number, "death_taken_back")


def _printed(died: str) -> str:
    moment = parse_datetime(died) if len(died) > _DAY else None
    if moment is not None and timezone.is_aware(moment):
        return date_format(timezone.localtime(moment), "d-M-Y H:i")
    return when_text(died) or gettext("time not known")
