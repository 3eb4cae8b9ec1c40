"""The folder of a bulk export (HL7 FHIR Bulk Data Access 2.0): its manifest, and which file holds which type."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.packed import first_bytes

LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_PEEK_BYTES = 4096
_MAX_MANIFEST_BYTES = 16 * 1024 * 1024
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
_WORD = re.compile(r"[A-Za-z]+")
_BY_LOWER_NAME = {name.lower(): name for name in resource_types()}

# What others refer to comes first; everything else follows in the order given.
_FIRST = (
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "RelatedPerson",
    "Device",
    "Medication",
    "Encounter",
    "EpisodeOfCare",
)
_RANK = {name: rank for rank, name in enumerate(_FIRST)}


def rank(type_name: str) -> int:
    """Where a type stands in the order of reading; lower comes first."""
    return _RANK.get(type_name, len(_RANK))


@dataclass
class Export:
    """What is known of a folder's files before any of them is read, and how many resources came out of them."""

    files: list[Path]
    manifests: dict[Path, dict[str, Any]] = field(default_factory=dict)
    fhir_version: str = ""
    types: dict[Path, str] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)  # type -> resources read

    def in_order(self) -> list[Path]:
        return sorted(self.files, key=lambda file: rank(self.types[file]))

    def shortfalls(self) -> Iterator[Reject]:
        """A Reject for every type of which the manifest promises more than the folder holds."""
        for path, manifest in self.manifests.items():
            for type_name, entries in _by_type(manifest, "output").items():
                source = Source(path.name, f"output of {type_name}", dumps(entries))
                there = sum(of == type_name for file, of in self.types.items() if file not in self.manifests)
                counts = [entry.get("count") for entry in entries]
                promised = sum(count for count in counts if type(count) is int)
                is_counted = all(type(count) is int for count in counts)
                if there < len(entries) and not (is_counted and self.held[type_name] >= promised):
                    yield Reject(
                        source,
                        f"The manifest names {len(entries)} files of {type_name}, the folder holds {there}: "
                        "the export is not complete.",
                    )
                elif is_counted and self.held[type_name] < promised:
                    yield Reject(
                        source,
                        f"The manifest counts {promised} resources of type {type_name}, the files hold "
                        f"{self.held[type_name]}: the export is not complete.",
                    )


def survey(files: Sequence[Path]) -> Export:
    """Look at the names and first bytes of files: types, manifests, the FHIR version of a CapabilityStatement."""
    export = Export(list(files))
    has_lines = any(file.name.lower().endswith(LINES) for file in files)
    for file in files:
        start = b""
        if not (named := type_in_name(file.name)) or (has_lines and file.suffix.lower() == ".json"):
            start = first_bytes(file, many=_PEEK_BYTES)
        found = _TYPE.search(start)
        export.types[file] = named or (found[1].decode() if found else "")
        if has_lines and b'"transactionTime"' in start and (manifest := _document(file)) and is_manifest(manifest):
            export.manifests[file] = manifest
        elif export.types[file] == "CapabilityStatement" and file.suffix.lower() == ".json":
            version = (_document(file) or {}).get("fhirVersion")
            export.fhir_version = version if isinstance(version, str) else export.fhir_version
    for manifest in export.manifests.values():
        named_types = {
            _file_name(entry): of for of, entries in _by_type(manifest, "output").items() for entry in entries
        }
        for file in files:
            export.types[file] = named_types.get(file.name) or export.types[file]
        version = manifest.get("fhirVersion")
        export.fhir_version = version if isinstance(version, str) else export.fhir_version
    return export


def is_manifest(document: Any) -> bool:
    """Is this what a server answers when a bulk export is done?"""
    return (
        isinstance(document, dict)
        and "resourceType" not in document
        and "transactionTime" in document
        and isinstance(document.get("output"), list)
    )


def is_log_line(document: Any) -> bool:
    """Is this a line of the log that SMART's bulk data clients write beside the files (log.ndjson)?"""
    return isinstance(document, dict) and {"exportId", "eventId"} <= document.keys() and "resourceType" not in document


def of_manifest(manifest: dict[str, Any], source: Source) -> Draft:
    """Nothing to store; what the server could not export is said."""
    return Draft((), source, unmapped=("error files of the export",) if manifest.get("error") else ())


def _by_type(manifest: dict[str, Any], part: str) -> dict[str, list[dict[str, Any]]]:
    entries = manifest.get(part)
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries if isinstance(entries, list) else ():
        type_name = entry.get("type") if isinstance(entry, dict) else None
        if isinstance(type_name, str) and type_name in resource_types():
            found[type_name].append(entry)
    return found


def _file_name(entry: dict[str, Any]) -> str:
    url = entry.get("url")
    try:
        return unquote(urlsplit(url).path).rsplit("/", 1)[-1] if isinstance(url, str) else ""
    except ValueError:
        return ""


def type_in_name(name: str) -> str:
    """ "Patient" of Patient.ndjson, 1.Patient.ndjson, patient_0001.ndjson.gz."""
    words = _WORD.findall(name)
    return next((_BY_LOWER_NAME[word.lower()] for word in words if word.lower() in _BY_LOWER_NAME), "")


def _document(file: Path) -> dict[str, Any] | None:
    try:
        with file.open("rb") as opened:
            document = _parsed(opened)
    except (OSError, NotJSON):
        return None
    return document if isinstance(document, dict) else None


def _parsed(opened: BinaryIO) -> Any:
    return loads(opened.read(_MAX_MANIFEST_BYTES + 1), max_bytes=_MAX_MANIFEST_BYTES)
