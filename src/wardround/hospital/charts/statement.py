"""One line of a list of the chart: a problem, an allergy, a procedure, a vaccination, a stay, a report."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.translation import gettext_lazy

from wardround.hospital.charts.opened import Record, before
from wardround.hospital.records.held_records import is_held_with_its_record
from wardround.hospital.records.models import ResourceFinding, StandardValue

Tone = Literal["plain", "high", "held", "amended", "low"]
# A request that is none yet (R4, RequestIntent and MedicationRequest.intent).
NOT_YET_ORDERED = {
    "proposal": gettext_lazy("Proposed"),
    "plan": gettext_lazy("Planned"),
    "option": gettext_lazy("An option"),
}


@dataclass(frozen=True)
class Tag:
    """A word that says in which state something is."""

    word: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Statement:
    """What a record states, in words. `is_past` is over: resolved, stopped, finished, refuted."""

    type: str
    id: str
    title: str
    sorted_by: str = ""  # its time as FHIR writes it
    details: str = ""
    tags: tuple[Tag, ...] = ()
    notes: tuple[str, ...] = ()
    is_past: bool = False
    is_suspected: bool = False  # nobody has confirmed it: it stands apart from what is
    has_happened: bool = True  # False for what is planned or was not done
    was: str = ""  # what the version before said, where it said something else
    finding: str = ""
    is_held: bool = False
    row: int = 0
    is_medicine: bool = False  # printed by rules of its own
    compared: str = ""  # what is compared with the version before, where that is more than title and details

    @property
    def said(self) -> str:
        """What is compared with the version before: the words, not the tags of states."""
        return self.compared or " · ".join(part for part in (self.title, self.details) if part)


Reading = Callable[[Record], Statement | None]
Lines = Callable[[Collection[Record]], tuple[Statement, ...]]
GoingOn = Callable[[Record, Record], bool]


def statements(records: Collection[Record], *, of: Reading, goes_on: GoingOn | None = None) -> tuple[Statement, ...]:
    """Every record that `of` can say something about, newest first, with what the version before it said.

    `goes_on`: does the later of two versions only tell how it went on? Then nothing was amended.
    """
    return stated_beside(records, earlier=before(records), of=of, goes_on=goes_on)


def stated_beside(
    records: Collection[Record], *, earlier: Mapping[int, Record], of: Reading, goes_on: GoingOn | None = None
) -> tuple[Statement, ...]:
    """The same, where the versions before are opened already."""
    found = []
    for record in records:
        stated = of(record)
        if stated is None:
            continue
        old = of(earlier[record.row]) if record.row in earlier else None
        was = old.said if old is not None and old.said != stated.said else ""
        if was and goes_on is not None and goes_on(earlier[record.row], record):
            was = ""
        found.append(replace(stated, was=was, row=record.row))
    found.sort(key=lambda line: line.sorted_by, reverse=True)
    return tuple(sorted(found, key=lambda line: (line.is_past, line.is_suspected)))


def with_findings(lines: Collection[Statement], *, patient_id: str) -> tuple[Statement, ...]:
    """The same lines; those that wait for a decision say so, and why."""
    records = ResourceFinding.objects.filter(patient_id=patient_id, is_current=True, is_held=True)
    held = dict(records.values_list("resource", "sentence"))
    values = StandardValue.objects.filter(patient_id=patient_id, is_current=True, is_held=True)
    for row in values.exclude(fact="measurement"):
        if not is_held_with_its_record(row):
            held.setdefault(row.resource_id, row.finding_sentence)
    return tuple(replace(one, is_held=True, finding=held[one.row]) if one.row in held else one for one in lines)
