"""FHIR as files: a resource or Bundle per .json file, one per line in .ndjson, either also as .gz, and zip archives of them.

Bodies stay as they are; what is of another FHIR version than R4 is converted whole or refused (fhir_versions). Streams: memory
holds one line or document at a time.
"""

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import NotJSON, Unreadable
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import MAX_BYTES, loads
from wardround.interchange.fhir_files import bulk_export, bundles
from wardround.interchange.fhir_versions import R4, as_r4, said_version, version_of
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping
from wardround.interchange.packed import GZIP_MARK, ZIP_MARK, Bomb, Member, gunzipped, members

_PLAIN = (".ndjson", ".jsonl", ".json")
PACKED_ENDINGS = tuple(f"{ending}.gz" for ending in _PLAIN)
ENDINGS = (*_PLAIN, *PACKED_ENDINGS, ".zip")
MAX_LINE_BYTES = MAX_BYTES
_OF_NO_VERSION = ("OperationOutcome",)
_PIECE_BYTES = 256 * 1024
_ARCHIVES = (".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".zst")


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """Drafts of what can be stored, a Reject for what cannot be read. In a folder patients' files come first.

    A bulk export's manifest orders its files and tells what is missing; its deleted resources are refused with that reason
    and its OperationOutcomes listed as unmapped.
    """
    yield from empty_folders(paths, endings=ENDINGS)
    export = bulk_export.survey(named_files(paths, endings=ENDINGS))
    version = mapping.fhir_version or said_version(export.fhir_version)
    for path in export.in_order():
        try:
            with path.open("rb") as file:
                for reading in _read_named(file, path.name, version):
                    if isinstance(reading, Draft):
                        export.held.update(resource["resourceType"] for resource in reading.resources)
                    yield reading
        except OSError:
            yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")
    yield from export.shortfalls()


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one line, document or file from a quarantined, perhaps corrected Source; it keeps its place."""
    for reading in _read_named(io.BytesIO(source.raw), source.file, mapping.fhir_version):
        yield replace(reading, source=Source(source.file, source.position, reading.source.raw))


def _read_named(file: BinaryIO, name: str, version: str) -> Iterator[Draft | Reject]:
    """A file by its name's ending; whether it is compressed its first bytes say."""
    start = file.read(len(ZIP_MARK))
    file.seek(0)
    if start == ZIP_MARK:
        yield from _read_archive(file, name, version)
    elif start.startswith(GZIP_MARK):
        yield from _read_packed(file, name, gunzipped(file), version)
    else:
        yield from _read_plain(file, name, version)


def _read_packed(file: BinaryIO, name: str, unpacked: io.BufferedReader, version: str) -> Iterator[Draft | Reject]:
    try:
        yield from _read_plain(unpacked, name, version)
    except Unreadable as error:
        file.seek(0)
        raw = _up_to_the_limit(file)
        kept = raw if len(raw) <= MAX_BYTES else name.encode()
        yield Reject(Source(name, "file", kept), f"The file cannot be read to its end: {error}.")


def _read_archive(file: BinaryIO, name: str, version: str) -> Iterator[Draft | Reject]:
    others: list[str] = []
    try:
        for member in sorted(members(file), key=lambda member: bulk_export.rank(bulk_export.type_in_name(member.name))):
            lower = member.name.lower()
            if lower.endswith(_ARCHIVES):
                reason = "A compressed file inside an archive is not read: pack the plain files into one archive."
                yield _unread(f"{name}/{member.name}", reason)
            elif lower.endswith(_PLAIN) and not lower.startswith("__macosx/"):
                yield from _read_member(member, f"{name}/{member.name}", version)
            else:
                others.append(member.name)
    except Unreadable as error:
        yield _unread(name, f"The archive cannot be read to its end: {error}.")
        return
    if others:
        endings = sorted({Path(other).suffix.lower()[:10] or "no ending" for other in others})
        unmapped = tuple(f"archived files with {ending}" for ending in endings)
        yield Draft((), Source(name, "other files", "\n".join(others).encode()), unmapped=unmapped)


def _read_member(member: Member, place: str, version: str) -> Iterator[Draft | Reject]:
    try:
        with member.open() as file:
            yield from _read_plain(file, place, version)
    except Bomb:
        raise
    except Unreadable as error:
        yield _unread(place, f"The file cannot be read to its end: {error}.")


def _unread(name: str, reason: str) -> Reject:
    """What is too large or too broken to be kept: its name stands for it, the file stays where it is."""
    return Reject(Source(name, "file", name.encode()), reason)


def _up_to_the_limit(file: BinaryIO) -> bytes:
    """The whole file, or one byte more than a document may have; piece by piece, as a read of n bytes takes n at once."""
    kept = bytearray()
    while len(kept) <= MAX_BYTES and (piece := file.read(min(_PIECE_BYTES, MAX_BYTES + 1 - len(kept)))):
        kept += piece
    return bytes(kept)


def _read_plain(file: BinaryIO, name: str, version: str) -> Iterator[Draft | Reject]:
    if name.lower().removesuffix(".gz").endswith(".json"):
        yield from _readings(Source(name, "file", _up_to_the_limit(file)), version)
        return
    number = 0
    while raw := file.readline(MAX_LINE_BYTES):
        number += 1
        source = Source(name, f"line {number}", raw)
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            yield Reject(source, f"The line is longer than {MAX_LINE_BYTES} bytes.")
            while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        elif raw.strip():
            yield from _readings(source, version)


def _readings(source: Source, said: str) -> Iterator[Draft | Reject]:
    try:
        document = loads(source.raw.strip())
    except NotJSON as error:
        yield Reject(source, str(error))
        return
    if bulk_export.is_manifest(document):
        yield bulk_export.of_manifest(document, source)
    elif bulk_export.is_log_line(document):
        yield Draft((), source, unmapped=("the log of an export",))
    elif isinstance(document, dict) and document.get("resourceType") == "Bundle":
        version = said or version_of(document)
        converting = partial(_resource, version=version)
        yield from bundles.drafts_of(document, source, converting=converting, is_r4=version == R4)
    else:
        yield _reading(document, source, said)


def _reading(document: Any, source: Source, said: str) -> Draft | Reject:
    try:
        if _is_of_another_version(document):
            return Draft((), source, unmapped=("CapabilityStatement of another FHIR version",))
        resource = _resource(document, version=said)
    except Unreadable as error:
        return Reject(source, str(error))
    if resource["resourceType"] == "OperationOutcome":  # what an export could not do is no record
        return Draft((), source, unmapped=("OperationOutcome",))
    return Draft((resource,), source)


def _is_of_another_version(document: Any) -> bool:
    """Is this what a server of another version says about itself?"""
    is_statement = isinstance(document, dict) and document.get("resourceType") == "CapabilityStatement"
    return is_statement and said_version(document.get("fhirVersion")) not in ("", R4)


def _resource(document: Any, *, version: str) -> dict[str, Any]:
    """The R4 resource of one of this version, or of that which it shows; raises Unreadable with a whole sentence."""
    if not isinstance(document, dict):
        raise Unreadable("This is not a FHIR resource: a resource is a JSON object.")
    if document.get("resourceType") in _OF_NO_VERSION:
        return dict(document)
    resource = as_r4(document, version=version or version_of(document))
    if not isinstance(resource.get("resourceType"), str) or resource["resourceType"] not in resource_types():
        raise Unreadable("The resourceType is not one of FHIR R4; write for example Patient or Observation.")
    return resource
