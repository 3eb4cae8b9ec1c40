"""Which reader reads these files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wardround.hospital.intake.errors import NoSuchFile, UnknownFormat
from wardround.interchange import ccda, hl7v2, meds_in, ndjson, omop, tables
from wardround.interchange.draft import Readings
from wardround.interchange.errors import Unreadable
from wardround.interchange.packed import ZIP_MARK, first_bytes, members

FORMATS = ("fhir", "hl7v2", "csv", "omop", "ccda", "meds")
_BY_ENDING = {".json": "fhir", ".ndjson": "fhir", ".jsonl": "fhir", ".hl7": "hl7v2", ".csv": "csv", ".tsv": "csv"}
_BY_ENDING |= dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods", ".parquet"), "csv")

_PEEK_BYTES = 8192  # so many comments stand before the root of some XML documents


@dataclass(frozen=True)
class Reader:
    """A format's two ways of reading: whole files, and one message again that was in quarantine.

    Of a folder it reads the files with one of its `endings`.
    """

    endings: tuple[str, ...]
    read: Callable[..., Readings]
    read_again: Callable[..., Readings]


_READERS = {
    "fhir": Reader(endings=ndjson.ENDINGS, read=ndjson.read, read_again=ndjson.read_again),
    "hl7v2": Reader(endings=hl7v2.ENDINGS, read=hl7v2.read, read_again=hl7v2.read_again),
    "csv": Reader(endings=tables.ENDINGS, read=tables.read, read_again=tables.read_again),
    "ccda": Reader(endings=ccda.ENDINGS, read=ccda.read, read_again=ccda.read_again),
    "omop": Reader(endings=omop.ENDINGS, read=omop.read, read_again=omop.read_again),
    "meds": Reader(endings=meds_in.ENDINGS, read=meds_in.read, read_again=meds_in.read_again),
}


def reader_of(form: str) -> Reader:
    """The reader of a format; raises `UnknownFormat`."""
    if form not in _READERS:
        raise UnknownFormat(f"{form!r} is not a format that is read here. It may be {', '.join(FORMATS)}.")
    return _READERS[form]


def existing(paths: Sequence[Path | str]) -> list[Path]:
    """The paths, all of which are there; raises `NoSuchFile`."""
    found = [Path(path) for path in paths]
    missing = next((path for path in found if not path.exists()), None)
    if missing is not None:
        raise NoSuchFile(f"{missing} is not there. Name a file or a folder of files.")
    return found


def detected(paths: Sequence[Path]) -> str:
    """The format that the files show by their names or first bytes; raises `UnknownFormat`."""
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        if any(file.name == "dataset.json" and file.parent.name == "metadata" for file in files):
            return "meds"
        if any(omop.table_of(file) == "person" and file.name.lower().endswith(omop.ENDINGS) for file in files):
            return "omop"
        for file in files:
            form = _by_name(file.name) or _by_first_bytes(file)
            if form:
                return form
    raise UnknownFormat(f"The format of these files is not recognised. Name it: --format {' or '.join(FORMATS)}.")


def _by_name(name: str) -> str | None:
    if name.lower().endswith(ndjson.PACKED_ENDINGS):
        return "fhir"
    if name.lower().endswith(tables.PACKED_ENDINGS):
        return "csv"
    return _BY_ENDING.get(Path(name.lower()).suffix)


def _of_archive(file: Path) -> str:
    """C-CDA where the archive holds XML and no FHIR file, else FHIR."""
    try:
        with file.open("rb") as opened:
            names = [member.name.lower() for member in members(opened)]
    except (OSError, Unreadable):
        return "fhir"  # the reader says what is wrong with it
    has_fhir = any(name.endswith(ndjson.ENDINGS) for name in names)
    return "ccda" if not has_fhir and any(name.endswith(".xml") for name in names) else "fhir"


def _by_first_bytes(file: Path) -> str | None:
    start = first_bytes(file, many=_PEEK_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n\x0b")
    if start.startswith(ZIP_MARK) and file.suffix.lower() == ".zip":
        return _of_archive(file)
    if start.startswith((b"MSH|", b"FHS|", b"BHS|")):
        return "hl7v2"
    if file.suffix.lower() == ".xml" and (b"ClinicalDocument" in start or b"C\0l\0i\0n" in start):
        return "ccda"
    return "fhir" if start.startswith(b"{") else None
