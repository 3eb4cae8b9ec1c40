"""FHIR R4 as files: one resource or Bundle per .json file, one per line in .ndjson. Bodies stay as they are."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import MAX_BYTES, loads
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping

ENDINGS = (".ndjson", ".jsonl", ".json")
MAX_LINE_BYTES = MAX_BYTES

# What others refer to comes first; everything else follows in the order given.
_FIRST = (
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "Device",
    "Encounter",
    "EpisodeOfCare",
)
_RANK = {name: rank for rank, name in enumerate(_FIRST)}


def read(paths: Paths, *, mapping: Mapping) -> Readings:  # noqa: ARG001 - every reader is called alike
    """A Draft per resource or Bundle; a Reject for what is no FHIR JSON. Patients' files come first in a folder.

    A Bundle is one Draft: its entries in the order in which they depend on each other, references between them
    (urn:uuid:, fullUrl) made literal.
    """
    yield from empty_folders(paths, endings=ENDINGS)
    files = named_files(paths, endings=ENDINGS)
    for path in sorted(files, key=lambda file: _RANK.get(file.name.partition(".")[0], len(_RANK))):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path)
        except OSError:
            yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")


def read_again(source: Source, *, mapping: Mapping) -> Readings:  # noqa: ARG001 - every reader is called alike
    """Read one line or document from a quarantined, perhaps corrected Source; it keeps its place."""
    for reading in _read_file(io.BytesIO(source.raw), Path(source.file)):
        yield replace(reading, source=Source(source.file, source.position, reading.source.raw))


def _read_file(file: BinaryIO, path: Path) -> Iterator[Draft | Reject]:
    if path.suffix.lower() == ".json":
        raw = file.read(MAX_BYTES + 1)
        yield _reading(Source(path.name, "file", raw))
        return
    number = 0
    while raw := file.readline(MAX_LINE_BYTES):
        number += 1
        source = Source(path.name, f"line {number}", raw)
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            yield Reject(source, f"The line is longer than {MAX_LINE_BYTES} bytes.")
            while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        elif raw.strip():
            yield _reading(source)


def _reading(source: Source) -> Draft | Reject:
    try:
        document = loads(source.raw.strip())
    except NotJSON as error:
        return Reject(source, str(error))
    fault = _fault(document)
    if fault:
        return Reject(source, fault)
    if document["resourceType"] != "Bundle" or document.get("type") == "document":
        return Draft((document,), source)
    return _of_bundle(document, source)


def _of_bundle(bundle: dict[str, Any], source: Source) -> Draft | Reject:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return Reject(source, "The Bundle's entry is a list of objects.")
    resources, literal = [], {}
    for number, entry in enumerate(entries):
        if entry.get("request", {}) and _method(entry) not in ("", "POST", "PUT"):
            return Reject(
                source, f"Bundle.entry[{number}].request asks for {_shown_method(entry)}; a file holds resources."
            )
        if "resource" not in entry:
            return Reject(source, f"Bundle.entry[{number}] has no resource; a file of records holds resources.")
        resource = entry["resource"]
        fault = _fault(resource)
        if fault:
            return Reject(source, f"Bundle.entry[{number}]: {fault}")
        resources.append(resource)
        if isinstance(entry.get("fullUrl"), str) and isinstance(resource.get("id"), str):
            literal[entry["fullUrl"]] = f"{resource['resourceType']}/{resource['id']}"
    if not resources:
        return Reject(source, "The Bundle is empty.")
    resources.sort(key=lambda resource: _RANK.get(resource["resourceType"], len(_RANK)))
    return Draft(tuple(_with_literal(resource, literal) for resource in resources), source)


def _fault(document: Any) -> str:
    if not isinstance(document, dict):
        return "This is not a FHIR resource: a resource is a JSON object."
    if not isinstance(document.get("resourceType"), str) or document["resourceType"] not in resource_types():
        return "The resourceType is not one of FHIR R4; write for example Patient or Observation."
    return ""


def _method(entry: dict[str, Any]) -> str:
    request = entry["request"]
    method = request.get("method", "") if isinstance(request, dict) else "?"
    return method if isinstance(method, str) else "?"


def _shown_method(entry: dict[str, Any]) -> str:
    method = _method(entry)
    return method if method in ("GET", "DELETE", "PATCH", "HEAD") else "something else than POST or PUT"


def _with_literal(value: Any, literal: dict[str, str]) -> Any:
    """The same resource with references to other entries written as Type/id."""
    if isinstance(value, dict):
        return {
            name: literal.get(content, content)
            if name == "reference" and isinstance(content, str)
            else _with_literal(content, literal)
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [_with_literal(item, literal) for item in value]
    return value
