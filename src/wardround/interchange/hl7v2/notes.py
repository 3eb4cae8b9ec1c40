"""HL7 v2 comments (NTE) as FHIR annotations."""

from collections.abc import Iterable, Iterator

from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.mapping import Mapping


def annotations(notes: Iterable[Segment], *, held: Held, mapping: Mapping) -> list[Resource]:
    """NTE-3 with its author and time; repetitions are lines. A comment without text is none."""
    return list(_annotations(notes, held, mapping))


def _annotations(notes: Iterable[Segment], held: Held, mapping: Mapping) -> Iterator[Resource]:
    for note in notes:
        text = comment(note)
        if not text:
            continue
        written: Resource = {}
        authors = note.repetitions(5)
        author = held.practitioner(authors[0]) if authors else None
        if author:
            written["authorReference"] = author
        time = demographics.moment(note.first(6), 1, zone=mapping.zone)
        if time:
            written["time"] = time
        yield written | {"text": text}


def comment(note: Segment) -> str:
    """The text of a comment, its repetitions as lines; an unescaped separator in it is taken as typed."""
    return "\n".join(line for line in (value.whole() for value in note.repetitions(3)) if line)
