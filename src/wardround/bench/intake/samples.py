"""The files that the intake benchmark reads: the demonstration's four exports, and what can be made of the same charts."""

import csv
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wardround.demo.export_csv import write_csv
from wardround.demo.export_fhir import write_fhir
from wardround.demo.export_hl7v2 import write_hl7v2
from wardround.demo.export_omop import write_omop
from wardround.demo.exports import mapping_path
from wardround.demo.paper import paper_charts
from wardround.demo.source import Slug
from wardround.hospital.intake.formats import Reader, reader_of
from wardround.interchange.mapping import Mapping, mapping_of

_MADE: dict[str, tuple[Slug, Callable[..., None]]] = {
    "hl7v2": ("budapest", write_hl7v2),
    "fhir": ("zurich-basel", write_fhir),
    "csv": ("cleveland", write_csv),
    "omop": ("long-beach", write_omop),
}
FORMATS = (*_MADE,)


@dataclass(frozen=True)
class Sample:
    """One format's files with the mapping that explains them."""

    form: str
    folder: Path
    mapping_file: Path

    @property
    def reader(self) -> Reader:
        return reader_of(self.form)

    @property
    def mapping(self) -> Mapping:
        return mapping_of_format(self.form)

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.files)


def sample(form: str, folder: Path, *, charts: int | None = None) -> Sample:
    """Write a format's sample into a new folder: all charts of its hospital, or the first few."""
    hospital, write = _MADE[form]
    folder.mkdir(parents=True)
    write(folder, paper_charts(hospital)[:charts], written={})
    return Sample(form, folder, mapping_path(hospital))


def mapping_of_format(form: str) -> Mapping:
    """The mapping of the hospital whose export a format's sample is."""
    return mapping_of(tomllib.loads(mapping_path(_MADE[form][0]).read_text("utf-8")))


def bare_hl7v2(files: Sequence[Path]) -> int:
    """Parse every message with the `hl7` library; how many there were. Raises ImportError where it is not installed."""
    import hl7

    count = 0
    for path in files:
        text = path.read_bytes().decode("latin-1").replace("\r\n", "\r").replace("\n", "\r")
        for message in text.split("MSH|")[1:]:
            hl7.parse(f"MSH|{message}")
            count += 1
    return count


def bare_fhir(files: Sequence[Path]) -> int:
    """orjson over every line."""
    import orjson

    count = 0
    for path in files:
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    orjson.loads(line)
                    count += 1
    return count


def bare_csv(files: Sequence[Path]) -> int:
    """Python's csv over every file."""
    count = 0
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            count += sum(1 for _row in csv.reader(file)) - 1
    return count


BARE: dict[str, tuple[str, Callable[[Sequence[Path]], int]]] = {
    "hl7v2": ("hl7", bare_hl7v2),
    "fhir": ("orjson", bare_fhir),
    "csv": ("csv", bare_csv),
    "omop": ("csv", bare_csv),
}
"""Format -> the bare parser it is compared with: text into parts, no meaning."""


def consumed(readings: Iterable[object]) -> tuple[int, int]:
    """How many messages and resources a reader gave."""
    messages = resources = 0
    for reading in readings:
        messages += 1
        resources += len(getattr(reading, "resources", ()))
    return messages, resources
