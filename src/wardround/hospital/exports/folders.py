"""The records as a folder of FHIR NDJSON, laid out as a bulk export: a file for each type, and a manifest that counts them."""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from wardround.hospital.exports.actions import lines_of

MANIFEST = "manifest.json"
_FHIR_VERSION = "4.0.1"


def export_fhir(
    somebody: object, folder: Path, *, types: tuple[str, ...], since: datetime | None, now: datetime
) -> dict[str, int]:
    """Write into an empty folder; how many resources of each type. Raises `NotAllowed`.

    The manifest is that of Bulk Data Access with file names in place of addresses, so that who reads it can tell
    whether a file is missing. It is written last.
    """
    counts: dict[str, int] = {}
    for type_name, lines in lines_of(somebody, types=types, since=since, counts=counts):
        path = folder / f"{type_name}.ndjson"
        write_privately(path, lines)
        if not counts.get(type_name):
            path.unlink()
    output = [{"type": name, "url": f"{name}.ndjson", "count": many} for name, many in sorted(counts.items())]
    manifest = {
        "transactionTime": now.isoformat(),
        "request": "wardround hospital export",
        "requiresAccessToken": False,
        "fhirVersion": _FHIR_VERSION,
        "output": output,
        "error": [],
    }
    write_privately(folder / MANIFEST, [json.dumps(manifest, indent=1).encode() + b"\n"])
    return counts


def write_privately(path: Path, pieces: Iterable[bytes]) -> None:
    """All of it in a new file that its owner alone can read, or no file at all."""
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(pieces)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
