"""What the pages of a chart show beside its summary: each list read on its own, with the banner."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wardround.hospital.charts.allergies import allergy
from wardround.hospital.charts.documents import DOCUMENTS, NOTES, Document, document, note, paper
from wardround.hospital.charts.medicines import TYPES as MEDICINES
from wardround.hospital.charts.medicines import medicine
from wardround.hospital.charts.opened import Record, of_types, one
from wardround.hospital.charts.problems import problem
from wardround.hospital.charts.procedures import immunization, procedure
from wardround.hospital.charts.statement import Statement, statements, with_findings
from wardround.hospital.charts.stays import names_of_places, stay
from wardround.hospital.records.access import Patient
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Listing:
    """One list: its records, how each is said, its headings, and the route by which one more is entered."""

    types: tuple[str, ...]
    of: Callable[[Record], Statement | None]
    title: Promise
    present: Promise
    past: Promise
    none: Promise
    enter: str = ""
    add: Promise | str = ""


LISTINGS = {
    "problems": Listing(
        ("Condition",),
        problem,
        gettext_lazy("Problems"),
        gettext_lazy("Active"),
        gettext_lazy("Resolved"),
        gettext_lazy("No problem is recorded."),
        "enter-problem",
        gettext_lazy("Add a problem"),
    ),
    "medicines": Listing(
        MEDICINES,
        medicine,
        gettext_lazy("Medicines"),
        gettext_lazy("Current"),
        gettext_lazy("Past"),
        gettext_lazy("No medicine is recorded."),
        "enter-medicine",
        gettext_lazy("Add a medicine"),
    ),
    "allergies": Listing(
        ("AllergyIntolerance",),
        allergy,
        gettext_lazy("Allergies"),
        gettext_lazy("Recorded"),
        gettext_lazy("Inactive, resolved or refuted"),
        gettext_lazy("Nobody has recorded an answer yet: neither an allergy nor that none is known."),
        "enter-allergy",
        gettext_lazy("Add an allergy"),
    ),
    "procedures": Listing(
        ("Procedure",),
        procedure,
        gettext_lazy("Procedures"),
        gettext_lazy("Newest first"),
        gettext_lazy("Past"),
        gettext_lazy("No procedure is recorded."),
        "enter-procedure",
        gettext_lazy("Add a procedure"),
    ),
    "immunizations": Listing(
        ("Immunization",),
        immunization,
        gettext_lazy("Immunisations"),
        gettext_lazy("Newest first"),
        gettext_lazy("Past"),
        gettext_lazy("No immunisation is recorded."),
    ),
    "notes": Listing(
        NOTES,
        note,
        gettext_lazy("Notes"),
        gettext_lazy("Newest first"),
        gettext_lazy("Superseded"),
        gettext_lazy("No note is recorded."),
        "enter-note",
        gettext_lazy("Write a note"),
    ),
    "documents": Listing(
        DOCUMENTS,
        paper,
        gettext_lazy("Documents"),
        gettext_lazy("Newest first"),
        gettext_lazy("Superseded"),
        gettext_lazy("No document or report is recorded."),
    ),
}
_FOUND_ODD = frozenset({"problems", "procedures", "immunizations", "medicines", "allergies"})


def listed(patient: Patient, *, name: str) -> tuple[Statement, ...]:
    """The lines of one list: present ones first, newest first."""
    listing = LISTINGS[name]
    lines = statements(of_types(patient.id, listing.types), of=listing.of)
    return with_findings(lines, patient_id=patient.id) if name in _FOUND_ODD else lines


def stays(patient: Patient) -> tuple[Statement, ...]:
    """Every stay and visit, those that have not ended first."""
    records = of_types(patient.id, ("Encounter",))
    names = names_of_places(records)
    return statements(records, of=lambda record: stay(record, names=names))


def document_at(patient: Patient, *, type_name: str, logical_id: str) -> Document | None:
    """One note or document of this chart; what is read is in the audit trail."""
    record = one(patient.id, type_name, logical_id) if type_name in {*NOTES, *DOCUMENTS} else None
    made = document(record) if record is not None else None
    if made is not None:
        record_one(patient.actor, "record.read", patient_id=patient.id, what=f"{type_name}/{logical_id}")
    return made


def audit_download(patient: Patient, *, of: Document, number: int) -> None:
    """A file of a document leaves for the reader's own computer."""
    what = f"{of.type}/{of.id}"
    record_one(patient.actor, "document.download", patient_id=patient.id, what=what, detail={"file": number})
