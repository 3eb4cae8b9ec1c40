"""Which records of an export differ from the paper charts, and how a wrong record reads when it is copied from paper again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wardround.demo.paper import PaperChart
from wardround.demo.source import PLACES, Slug


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One record (a line, an HL7 message) of ``file`` as it was exported and as the paper chart has it."""

    mrn: str
    file: str
    header: bytes
    written: bytes
    true: bytes

    def is_in(self, raw: bytes) -> bool:
        """Whether bytes that a hospital refused are, or hold, this record as it was exported."""
        return self.written.strip() in raw

    def applied_to(self, raw: bytes) -> bytes:
        """The refused bytes with this record as on paper."""
        return raw.replace(self.written.strip(), self.true.strip())

    def as_file(self) -> bytes:
        """The record as on paper, as a file of its own in the hospital's format."""
        return self.header + self.true.strip() + b"\n"


def corrections(folder: Path, hospital: Slug, *, charts: Sequence[PaperChart]) -> tuple[Correction, ...]:
    """Every record of ``folder/exports/HOSPITAL`` that differs from ``folder/paper/HOSPITAL``, in file order.

    ``charts`` are all of the hospital's, in the order in which they were exported.
    """
    found = []
    for exported in sorted((folder / "exports" / hospital).iterdir()):
        wrong = _records(exported.read_bytes(), hospital)
        right = _records((folder / "paper" / hospital / exported.name).read_bytes(), hospital)
        header = right[0] + b"\n" if exported.suffix == ".csv" else b""
        found += [
            Correction(
                mrn=_owner(true, exported.name, hospital, charts),
                file=exported.name,
                header=header,
                written=written,
                true=true,
            )
            for written, true in zip(wrong, right, strict=True)
            if written != true
        ]
    return tuple(found)


def _records(content: bytes, hospital: Slug) -> list[bytes]:
    return re.split(rb"\r\n(?=MSH\|)" if PLACES[hospital].format == "hl7v2" else rb"\n", content)


def _owner(record: bytes, file: str, hospital: Slug, charts: Sequence[PaperChart]) -> str:
    """The hospital number in the record; an OMOP row names its person by the place in the list of persons."""
    if PLACES[hospital].format == "omop":
        if file == "location.csv":
            raise ValueError("A location belongs to no patient, so no planted error can be in it.")
        column = 0 if file == "person.csv" else 1
        return charts[int(record.split(b",")[column]) - 1].mrn
    text = record.decode("iso-8859-2" if PLACES[hospital].format == "hl7v2" else "utf-8").upper()
    return next(chart.mrn for chart in charts if chart.mrn in text)
