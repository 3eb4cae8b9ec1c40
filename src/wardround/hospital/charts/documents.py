"""Notes and documents. A note is a document in plain text that the record itself holds (a DocumentReference whose attachment is
text/plain, as entered here and as HL7 v2's MDM messages give it) or a ClinicalImpression; everything else is a document:
C-CDA, PDF, reports with a file, Compositions, pictures and recordings (Media).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.attachments import Binaries, Elsewhere, File, attachments_of, binaries_for, files_of
from wardround.hospital.charts.document_text import words_of
from wardround.hospital.charts.fhir_text import concept_text, joined, names_of, notes_of, start_of
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.dates import when_text

NOTES = ("DocumentReference", "ClinicalImpression")
DOCUMENTS = ("DocumentReference", "Composition", "DiagnosticReport", "Media")
_STATES = {
    "superseded": gettext_lazy("Superseded"),
    "preliminary": gettext_lazy("Preliminary"),
    "partial": gettext_lazy("Preliminary"),
    "registered": gettext_lazy("Registered"),
    "amended": gettext_lazy("Amended"),
    "corrected": gettext_lazy("Amended"),
    "appended": gettext_lazy("Amended"),
    "cancelled": gettext_lazy("Cancelled"),
    "in-progress": gettext_lazy("In progress"),
}


@dataclass(frozen=True)
class Document(Statement):
    """A note or document with its words and files."""

    text: str = ""
    files: tuple[File, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def enclosed(self) -> str:
        """What lies beside the document and not in it, for a list that does not open it."""
        return ", ".join(one.title or one.kind for one in self.elsewhere)


def note(record: Record) -> Document | None:
    """A note with its text; nothing for what is no note or was entered in error."""
    if record.type not in NOTES:
        return None
    made = document(record)
    return made if made is not None and (record.type == "ClinicalImpression" or _is_plain(made)) else None


def paper(record: Record) -> Document | None:
    """A document that is no note; nothing for what was entered in error."""
    if record.type not in DOCUMENTS:
        return None
    made = document(record)
    return None if made is None or (record.type == "DocumentReference" and _is_plain(made)) else made


def document_with_files(record: Record, *, patient_id: str, base: str) -> Document | None:
    """Any of them, with the files that lie beside it in this store."""
    binaries = binaries_for(patient_id, attachments_of(record.body), base=base)
    return document(record, binaries=binaries, base=base)


def document(record: Record, *, binaries: Binaries = MappingProxyType({}), base: str = "") -> Document | None:
    """Any of them, with what of it can be read as text."""
    body = record.body
    states = (str(body.get("status", "")), str(body.get("docStatus", "")))
    if "entered-in-error" in states:
        return None
    when = start_of(body, "date", "effectiveDateTime", "effectivePeriod", "createdDateTime", "createdPeriod", "issued")
    files, elsewhere = files_of(attachments_of(body), binaries=binaries, base=base)
    author = names_of(body.get("author") or body.get("performer") or body.get("assessor") or body.get("operator") or [])
    words = next((str(word) for state in states[::-1] if (word := _STATES.get(state))), "")
    return Document(
        type=record.type,
        id=record.id,
        title=_title(body),
        sorted_by=when,
        details=joined((when_text(when), author or _contained_author(body), _about(body))),
        tags=(Tag(words, "amended" if states[0] in {"amended", "corrected", "appended"} else "plain"),)
        if words
        else (),
        notes=notes_of(body),
        is_past="superseded" in states,
        text="\n\n".join(filter(None, (_own_text(body), *(one.text for one in files)))),
        files=files,
        elsewhere=elsewhere,
    )


def _is_plain(made: Document) -> bool:
    return bool(made.files) and all(one.kind == "text/plain" for one in made.files)


def _title(body: Mapping[str, Any]) -> str:
    kinds = {
        "DocumentReference": gettext("Document"),
        "Composition": gettext("Document"),
        "DiagnosticReport": gettext("Report"),
        "ClinicalImpression": gettext("Clinical impression"),
        "Media": gettext("Picture or recording"),
    }
    titles = [one.get("title") for one in attachments_of(body)]
    named = concept_text(body.get("type")) or concept_text(body.get("code")) or body.get("title")
    return str(
        named or next(filter(None, titles), "") or body.get("description") or kinds.get(body["resourceType"], "")
    )


def _about(body: Mapping[str, Any]) -> str:
    """What of the body, and why: of a picture."""
    if body["resourceType"] != "Media":
        return ""
    reasons = (concept_text(reason) for reason in body.get("reasonCode", ()))
    return joined((concept_text(body.get("view")), concept_text(body.get("bodySite")), *reasons))


def _own_text(body: Mapping[str, Any]) -> str:
    """What a report concludes, an impression sums up, a Composition's sections say."""
    concluded = ", ".join(filter(None, (concept_text(code) for code in body.get("conclusionCode", ()))))
    parts = [str(body.get("conclusion", "")), concluded, str(body.get("summary", "")), *_sections(body)]
    if body["resourceType"] == "ClinicalImpression":
        parts.insert(0, str(body.get("description", "")))
    return "\n\n".join(part for part in parts if part)


def _sections(holder: Mapping[str, Any]) -> Iterator[str]:
    for section in holder.get("section", ()):
        words = words_of(str(section.get("text", {}).get("div", "")))
        yield "\n".join(filter(None, (str(section.get("title", "")), words)))
        yield from _sections(section)


def _contained_author(body: Mapping[str, Any]) -> str:
    wanted = {str(one.get("reference", "")) for one in body.get("author", ()) if isinstance(one, Mapping)}
    found = []
    for person in body.get("contained", ()):
        if f"#{person.get('id')}" in wanted:
            name: Any = next(iter(person.get("name", ())), {})
            if isinstance(name, Mapping):
                found.append(str(name.get("text") or " ".join([*name.get("given", ()), str(name.get("family", ""))])))
    return ", ".join(filter(None, found))
