"""What the pages of a chart show beside its summary: each list read on its own, with the banner."""

from dataclasses import dataclass
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wardround.hospital.charts.allergies import allergy
from wardround.hospital.charts.attachments import File
from wardround.hospital.charts.documents import DOCUMENTS, NOTES, Document, document_with_files, note, paper
from wardround.hospital.charts.family import TYPES as FAMILY_TYPES
from wardround.hospital.charts.family import relative
from wardround.hospital.charts.medicines import TYPES as MEDICINES
from wardround.hospital.charts.medicines import medicines
from wardround.hospital.charts.opened import of_types, one
from wardround.hospital.charts.problems import problem
from wardround.hospital.charts.procedures import immunization, procedure
from wardround.hospital.charts.statement import Lines, Statement, statements, with_findings
from wardround.hospital.charts.stays import names_of_places, stay, went_on
from wardround.hospital.records.access import Patient
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Listing:
    """One list: its records, how they are said, its headings, and the route by which one more is entered."""

    types: tuple[str, ...]
    lines: Lines
    title: Promise
    present: Promise
    past: Promise
    none: Promise
    enter: str = ""
    add: Promise | str = ""
    suspected: Promise | str = ""  # the heading of what nobody has confirmed


LISTINGS = {
    "problems": Listing(
        ("Condition",),
        partial(statements, of=problem),
        gettext_lazy("Problems"),
        gettext_lazy("Active"),
        gettext_lazy("Resolved"),
        gettext_lazy("No problem is recorded."),
        "enter-problem",
        gettext_lazy("Add a problem"),
        gettext_lazy("Suspected, not confirmed"),
    ),
    "medicines": Listing(
        MEDICINES,
        medicines,
        gettext_lazy("Medicines"),
        gettext_lazy("Current"),
        gettext_lazy("Past"),
        gettext_lazy("No medicine is recorded."),
        "enter-medicine",
        gettext_lazy("Add a medicine"),
        gettext_lazy("Not ordered yet"),
    ),
    "allergies": Listing(
        ("AllergyIntolerance",),
        partial(statements, of=allergy),
        gettext_lazy("Allergies"),
        gettext_lazy("Recorded"),
        gettext_lazy("Inactive, resolved or refuted"),
        gettext_lazy("Nobody has recorded an answer yet: neither an allergy nor that none is known."),
        "enter-allergy",
        gettext_lazy("Add an allergy"),
    ),
    "procedures": Listing(
        ("Procedure",),
        partial(statements, of=procedure),
        gettext_lazy("Procedures"),
        gettext_lazy("Newest first"),
        gettext_lazy("Past"),
        gettext_lazy("No procedure is recorded."),
        "enter-procedure",
        gettext_lazy("Add a procedure"),
    ),
    "immunizations": Listing(
        ("Immunization",),
        partial(statements, of=immunization),
        gettext_lazy("Immunisations"),
        gettext_lazy("Newest first"),
        gettext_lazy("Past"),
        gettext_lazy("No immunisation is recorded."),
    ),
    "notes": Listing(
        NOTES,
        partial(statements, of=note),
        gettext_lazy("Notes"),
        gettext_lazy("Newest first"),
        gettext_lazy("Superseded"),
        gettext_lazy("No note is recorded."),
        "enter-note",
        gettext_lazy("Write a note"),
    ),
    "documents": Listing(
        DOCUMENTS,
        partial(statements, of=paper),
        gettext_lazy("Documents"),
        gettext_lazy("Newest first"),
        gettext_lazy("Superseded"),
        gettext_lazy("No document or report is recorded."),
    ),
}
# What stands below the list of another page, on the same page: nobody looks for it alone.
FAMILY = Listing(
    FAMILY_TYPES,
    partial(statements, of=relative),
    gettext_lazy("Family history"),
    gettext_lazy("Relatives"),
    gettext_lazy("Past"),
    gettext_lazy("No family history is recorded."),
)
_FOUND_ODD = frozenset({"problems", "procedures", "immunizations", "medicines", "allergies"})


def listed(patient: Patient, *, name: str) -> tuple[Statement, ...]:
    """The lines of one list: present ones first, newest first."""
    listing = LISTINGS[name]
    lines = listing.lines(of_types(patient.id, listing.types))
    return with_findings(lines, patient_id=patient.id) if name in _FOUND_ODD else lines


def family(patient: Patient) -> tuple[Statement, ...]:
    """The relatives of whom something is recorded."""
    return FAMILY.lines(of_types(patient.id, FAMILY.types))


def stays(patient: Patient) -> tuple[Statement, ...]:
    """Every stay and visit, those that have not ended first."""
    records = of_types(patient.id, ("Encounter",))
    names = names_of_places(records)
    return statements(records, of=lambda record: stay(record, names=names), goes_on=went_on)


def document_at(patient: Patient, *, type_name: str, logical_id: str, base: str) -> Document | None:
    """One note or document of this chart with its files; what is read is in the audit trail."""
    record = one(patient.id, type_name, logical_id) if type_name in {*NOTES, *DOCUMENTS} else None
    made = document_with_files(record, patient_id=patient.id, base=base) if record is not None else None
    if made is not None:
        record_one(patient.actor, "record.read", patient_id=patient.id, what=f"{type_name}/{logical_id}")
    return made


def audit_download(patient: Patient, *, of: Document, file: File) -> None:
    """A file of a document leaves for the reader's own computer."""
    what, detail = f"{of.type}/{of.id}", {"file": file.number, "kind": file.kind, "bytes": file.size}
    record_one(patient.actor, "document.download", patient_id=patient.id, what=what, detail=detail)
