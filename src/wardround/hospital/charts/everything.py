"""Everything in a record: each kind with how many there are and where they are shown, each record on one line, and its JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from wardround.hospital.charts.drugs import stored_drugs
from wardround.hospital.charts.one_line import OneLine, one_line
from wardround.hospital.charts.opened import Record, named_in_record_of, newest
from wardround.hospital.charts.record_kinds import OF_PAYMENT, SHOWN_AT, Kind, kinds_of
from wardround.hospital.records.access import Patient
from wardround.interchange.fhir.json import dumps
from wardround.web.audit.trail import record_one
from wardround.web.layout.fhir_words import title_of_kind
from wardround.web.paging import Page, page_of

PAGE = 50
_LONGEST, _BEGINNING = 4_000, 200  # characters of a text in the JSON view


@dataclass(frozen=True)
class Everything:
    """`asked` is the kind that is listed; empty for all that no other page of the chart shows.

    `payments`: how many records of what care is paid with are listed under their own kind alone.
    """

    kinds: tuple[Kind, ...]
    asked: str
    title: str
    page: Page
    payments: int


@dataclass(frozen=True)
class WholeRecord:
    """One record as it is stored."""

    line: OneLine
    kind: str
    version: int
    recorded: datetime
    json: str
    is_cut: bool  # a long text, such as a file in base64, is not shown whole
    shown_at: str  # the route of the page that shows it in words; empty for none


def everything(patient: Patient, *, kind: str = "", start: int = 0, size: int = PAGE) -> Everything:
    """A page of the records of one kind, newest first; what was entered in error is there, and says so."""
    kinds = kinds_of(patient.id)
    asked = kind if any(kind == one.type for one in kinds) else ""
    unlisted = [one for one in kinds if one.type in OF_PAYMENT and not asked]
    types = [asked] if asked else [one.type for one in kinds if not one.route and one not in unlisted]
    records, start, total = newest(patient.id, types, start=start, size=size, with_errors=True)
    stored = stored_drugs(records)
    lines = [one_line(record, stored=stored) for record in records]
    page = page_of(lines, start=start, total=total, size=size)
    return Everything(kinds, asked, title_of_kind(asked), page, payments=sum(one.count for one in unlisted))


def whole_record(patient: Patient, *, type_name: str, logical_id: str) -> WholeRecord | None:
    """One record with its JSON; that it was read is in the audit trail."""
    record = named_in_record_of(patient.id, type_name, logical_id)
    if record is None:
        return None
    record_one(patient.actor, "record.read", patient_id=patient.id, what=f"{type_name}/{logical_id}"[:200])
    text, is_cut = _indented(record)
    return WholeRecord(
        line=one_line(record, stored=stored_drugs([record])),
        kind=title_of_kind(record.type),
        version=record.version,
        recorded=record.recorded,
        json=text,
        is_cut=is_cut,
        shown_at=SHOWN_AT.get(record.type, ""),
    )


def _indented(record: Record) -> tuple[str, bool]:
    """The stored text with line breaks, each number as it is written; and whether a long text in it, a file, is cut."""
    shown = _cut(record.body)
    return dumps(shown, indent=True).decode(), shown != record.body


def _cut(element: Any) -> Any:
    if isinstance(element, dict):
        return {name: _cut(inner) for name, inner in element.items()}
    if isinstance(element, list):
        return [_cut(inner) for inner in element]
    if isinstance(element, str) and len(element) > _LONGEST:
        return gettext("%(beginning)s … (%(count)s characters)") % {
            "beginning": element[:_BEGINNING],
            "count": len(element),
        }
    return element
