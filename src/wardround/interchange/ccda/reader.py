"""C-CDA documents as drafts: the patient, the document as received, and what its entries say.

An own reader, not the package ccda-to-fhir: that refuses a whole document for one entry, turns 1.50 into 1.5, drops the time of
day of what has no offset, makes new ids at each reading, and does not say what it leaves out.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

from wardround.interchange.ccda import encounters, header, sections
from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import MAX_BYTES, STRUCTURE, Marks, Node, parsed
from wardround.interchange.ccda.sections import Entry
from wardround.interchange.draft import Draft, Readings, Reject, Source, partial_patients
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.structure import check
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping
from wardround.interchange.packed import ZIP_MARK, Bomb, first_bytes, members

Resource = dict[str, Any]
ENDINGS = (".xml", ".zip")
_WHOLE = "file"
_ROOT = (b"ClinicalDocument", "ClinicalDocument".encode("utf-16-le"), "ClinicalDocument".encode("utf-16-be"))
_PEEK_BYTES = 64 * 1024
_MAX_REJECTS = 500  # beyond, the document waits whole
_MAX_REJECTED_BYTES = 2 * MAX_BYTES
_TIME = re.compile(rb"<effectiveTime\s[^>]{0,100}?value\s*=\s*[\"'](\d{4,14})")
_V3 = "urn:hl7-org:v3"


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """One Draft per document, older ones first; a Reject for what is none, and for each entry that cannot be what it says."""
    yield from empty_folders(paths, endings=ENDINGS)
    for path in sorted(named_files(paths, endings=ENDINGS), key=_written):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path.name, mapping)
        except OSError:
            yield _unread(path.name, "The file cannot be opened.")


def _written(path: Path) -> bytes:
    """When a document was written, so that of two that speak of one problem the later one has the last word."""
    found = _TIME.search(first_bytes(path, many=_PEEK_BYTES))
    return found[1] if found else b""


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read a document, or one entry of it in its header, from a quarantined, perhaps corrected Source; it keeps its place."""
    if source.raw.startswith(ZIP_MARK):
        yield from _read_file(io.BytesIO(source.raw), source.file, mapping)
        return
    for reading in _readings(source, mapping):
        yield replace(reading, source=source)


def _read_file(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    start = file.read(len(ZIP_MARK))
    file.seek(0)
    if start == ZIP_MARK:
        yield from _read_archive(file, name, mapping)
    else:
        yield from _readings(Source(name, _WHOLE, _up_to_the_limit(file)), mapping)


def _read_archive(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    """The documents of an archive, such as an XDM package; its other files are named by their endings."""
    others: set[str] = set()
    try:
        for member in members(file):
            place, ending = f"{name}/{member.name}", Path(member.name).suffix.lower()
            raw = b""
            try:
                if ending == ".xml":
                    with member.open() as opened:
                        raw = _up_to_the_limit(opened)
            except Bomb:
                raise
            except Unreadable as error:
                yield _unread(place, f"The file cannot be read to its end: {error}.")
                continue
            if any(mark in raw[:_PEEK_BYTES] for mark in _ROOT):
                yield from _readings(Source(place, _WHOLE, raw), mapping)
            else:
                others.add(ending[:10] or "no ending")
    except Unreadable as error:
        yield _unread(name, f"The archive cannot be read to its end: {error}.")
        return
    if others:
        unmapped = tuple(f"archived files with {ending}" for ending in sorted(others))
        yield Draft((), Source(name, "other files", "\n".join(sorted(others)).encode()), unmapped=unmapped)


def _unread(name: str, reason: str) -> Reject:
    """What is too large or too broken to be kept: its name stands for it, the file stays where it is."""
    return Reject(Source(name, _WHOLE, name.encode()), reason)


def _up_to_the_limit(file: BinaryIO) -> bytes:
    kept = io.BytesIO()
    while kept.tell() <= MAX_BYTES and (piece := file.read(256 * 1024)):
        kept.write(piece)
    return kept.getvalue()


def _readings(source: Source, mapping: Mapping) -> Iterator[Draft | Reject]:
    drafting = Drafting(mapping)
    try:
        document = _document(source.raw)
        patient = _patient(document, source, drafting)
    except Unreadable as error:
        yield Reject(source, f"The document cannot be read: {error}.")
        return
    rejects: list[Reject] = []
    spent = 0
    unmapped = [f"ClinicalDocument/{place}" for child in document.children() for place in _header_places(child)]
    for label, section in sections.sections(document):
        found = list(sections.entries(label, section))
        drafting.types.enter_section(section.one("text"))
        for entry in found:
            before = drafting.state()
            if fault := _taken(entry, drafting):
                rejects.append(_reject(document, entry, source, fault))
                spent += len(rejects[-1].source.raw)
                if len(rejects) > _MAX_REJECTS or spent > _MAX_REJECTED_BYTES:
                    yield Reject(
                        source, f"More than {len(rejects) - 1} entries cannot be read, the first: {rejects[0].reason}"
                    )
                    return
            elif not drafting.since(before):
                unmapped += [f"{entry.label}: {entry.statement.name}"] if entry.statement.has_data() else []
            else:
                unmapped += [f"{entry.label}: {place}" for place in entry.statement.unread()]
        if not found and section.one("text").text():
            unmapped.append(f"{label}: text")
    people = [resource for _name, resource in sorted(drafting.people.items(), key=lambda item: item[0])]
    sound = [resource for resource in people if not check(resource)]
    unmapped += [
        f"{resource['resourceType']} of which a part is not FHIR" for resource in people if resource not in sound
    ]
    resources = (*sound, patient, *drafting.resources)
    # A document from elsewhere adds to what the hospital knows of its patient, and changes nothing of it.
    amendments = partial_patients(resources, yields=True)
    yield Draft(resources, source, unmapped=tuple(dict.fromkeys(unmapped)), amendments=amendments)
    yield from rejects


def _document(raw: bytes) -> Node:
    document = Node(parsed(raw), Marks())
    if document.name != "ClinicalDocument":
        raise Unreadable("its root is not a ClinicalDocument")
    return document


def _patient(document: Node, source: Source, drafting: Drafting) -> Resource:
    """The patient; keeps what else the header says."""
    roles = document.all("recordTarget", "patientRole")
    if len(roles) != 1:
        raise Unreadable(f"it has {len(roles)} patients in recordTarget; it needs one")
    patient = header.patient(roles[0], drafting)
    visits = encounters.encompassing(document.one("componentOf", "encompassingEncounter"), drafting)
    about = header.document_reference(document, source.raw, drafting, encounter=next(iter(visits), None))
    if source.position == _WHOLE:  # an entry that is read again brings no new document
        drafting.keep(about, document)
    faults = [fault for resource in (patient, *drafting.resources) for fault in check(resource)]
    if faults:
        raise Unreadable(f"its header is not FHIR at {faults[0].path}: {faults[0].sentence.rstrip('.')}")
    return patient


def _header_places(child: Node) -> list[str]:
    if child.name in STRUCTURE:
        return []
    if child.name == "component":
        return child.one("nonXMLBody").unread()
    return child.unread()


def _taken(entry: Entry, drafting: Drafting) -> str:
    """Take up one entry whole; what is wrong with it otherwise, and then nothing of it is taken."""
    before = drafting.state()
    try:
        sections.make(entry.statement, drafting)
    except Unreadable as error:
        drafting.restore(before)
        return f"The entry cannot be read ({entry.label}): {error}."
    faults = [fault for resource in drafting.since(before) for fault in check(resource)]
    if faults:
        drafting.restore(before)
        return f"The entry is not FHIR ({entry.label}): {faults[0].sentence}"
    return ""


def _reject(document: Node, entry: Entry, source: Source, reason: str) -> Reject:
    """The entry alone in its section and the document's header, so that it can be mended and read again."""
    raw = _with_one_entry(document, entry)
    return Reject(Source(source.file, f"{source.position}: {entry.place}", raw), reason)


def _with_one_entry(document: Node, entry: Entry) -> bytes:
    root, section = document.element, entry.section.element
    if root is None or section is None or entry.entry.element is None:
        return b""
    alone = ET.Element(root.tag, root.attrib)
    alone.extend(child for child in root if not str(child.tag).endswith("}component"))
    body = ET.SubElement(ET.SubElement(alone, f"{{{_V3}}}component"), f"{{{_V3}}}structuredBody")
    inner = ET.SubElement(ET.SubElement(body, f"{{{_V3}}}component"), section.tag, section.attrib)
    outer = (f"{{{_V3}}}entry", f"{{{_V3}}}component")
    inner.extend(child for child in section if child.tag not in outer)
    inner.append(entry.entry.element)
    return bytes(ET.tostring(alone, encoding="utf-8"))
