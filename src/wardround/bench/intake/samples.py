"""The files that the intake benchmark reads: the demonstration's four exports, and the table as other programs keep it.

C-CDA documents do not ship with Wardround: a folder of them can be named.
"""

import contextlib
import csv
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wardround.demo.export_csv import write_csv
from wardround.demo.export_fhir import write_fhir
from wardround.demo.export_hl7v2 import write_hl7v2
from wardround.demo.export_omop import write_omop
from wardround.demo.exports import mapping_path
from wardround.demo.paper import PaperChart, paper_charts
from wardround.demo.source import Slug
from wardround.hospital.intake.formats import Reader, reader_of
from wardround.interchange.mapping import Mapping, mapping_of
from wardround.interchange.meds import Event, write_meds

_MADE: dict[str, tuple[Slug, Callable[..., None]]] = {
    "hl7v2": ("budapest", write_hl7v2),
    "fhir": ("zurich-basel", write_fhir),
    "csv": ("cleveland", write_csv),
    "parquet": ("cleveland", write_csv),
    "xlsx": ("cleveland", write_csv),
    "omop": ("long-beach", write_omop),
    "meds": ("cleveland", write_csv),
}
READ_AS = {"parquet": "csv", "xlsx": "csv"}  # one mapping file, and one reader, for every kind of table
FORMATS = (*_MADE, "ccda")
_WITHOUT_MAPPING = ("ccda", "meds")


class NotMade(Exception):
    """A format has no sample here: its files were not named, or the program that writes it is not installed."""


@dataclass(frozen=True)
class Sample:
    """One format's files with the mapping that explains them."""

    name: str  # "parquet"
    form: str  # what an import calls it: "csv"
    folder: Path
    mapping_file: Path | None

    @property
    def reader(self) -> Reader:
        return reader_of(self.form)

    @property
    def mapping(self) -> Mapping:
        return mapping_of_format(self.name)

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def contents(self) -> dict[str, bytes]:
        """The bytes of each file, by its path below the folder."""
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in self.files}

    def messages(self) -> list[bytes]:
        """The bytes of what the reader calls one message."""
        return [reading.source.raw for reading in self.reader.read([self.folder], mapping=self.mapping)]

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.files)


def sample(name: str, folder: Path, *, charts: int | None = None, ccda: Path | None = None) -> Sample:
    """Write a format's sample into a new folder: all charts of its hospital, or the first few. Raises `NotMade`."""
    folder.mkdir(parents=True)
    if name == "ccda":
        return _documents(folder, ccda=ccda, most=charts)
    hospital, write = _MADE[name]
    if name == "meds":
        write_meds(folder, _events(paper_charts(hospital)[:charts]), dataset_name="bench")
        return Sample("meds", "meds", folder, None)
    write(folder, paper_charts(hospital)[:charts], written={})
    if name == "parquet":
        _as_parquet(folder)
    elif name == "xlsx":
        _as_xlsx(folder)
    return Sample(name, READ_AS.get(name, name), folder, mapping_path(hospital))


def samples(folder: Path, *, charts: int | None = None, ccda: Path | None = None) -> Iterator[Sample]:
    """Every format's sample that can be made here."""
    for name in FORMATS:
        try:
            yield sample(name, folder / name, charts=charts, ccda=ccda)
        except NotMade:
            continue


def mapping_of_format(name: str) -> Mapping:
    """The mapping of the hospital whose export a format's sample is."""
    if name in _WITHOUT_MAPPING:
        return mapping_of({"source": {"name": "Clinic", "slug": "clinic", "format": name, "zone": "UTC"}})
    return mapping_of(tomllib.loads(mapping_path(_MADE[name][0]).read_text("utf-8")))


def _events(charts: Iterable[PaperChart]) -> Iterator[Event]:
    """What a warehouse would hand over of these charts: birth, sex, and two measurements of the first day."""
    for subject, chart in enumerate(charts, 1):
        yield Event(subject, None, f"GENDER//{chart.row.sex}")
        yield Event(subject, datetime(chart.birth_year, 1, 1), "MEDS_BIRTH")  # noqa: DTZ001 - MEDS has no zones
        for code, value in (
            ("LOINC//8480-6", chart.row.systolic_pressure),
            ("LOINC//2093-3", chart.row.total_cholesterol),
        ):
            if value is not None:
                yield Event(subject, chart.seen_at, code, float(value))


def _documents(folder: Path, *, ccda: Path | None, most: int | None) -> Sample:
    texts = [path.read_bytes() for path in sorted(ccda.rglob("*.xml"))] if ccda else []
    documents = sorted((text for text in texts if b"<ClinicalDocument" in text), key=len)
    if not documents:
        raise NotMade("No C-CDA documents were named.")
    for number, text in enumerate(documents[:most]):
        folder.joinpath(f"{number:03d}.xml").write_bytes(text)
    return Sample("ccda", "ccda", folder, None)


def _as_parquet(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in list(folder.glob("*.csv")):
        header, *rows = csv.reader(path.read_text("utf-8").splitlines())
        columns = {name: [row[number] for row in rows] for number, name in enumerate(header)}
        pq.write_table(pa.table(columns), path.with_suffix(".parquet"))
        path.unlink()


def _as_xlsx(folder: Path) -> None:
    try:
        import xlsxwriter
    except ImportError as error:
        raise NotMade("xlsxwriter is not installed.") from error
    for path in list(folder.glob("*.csv")):
        book = xlsxwriter.Workbook(path.with_suffix(".xlsx"))
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(path.read_text("utf-8").splitlines())):
            sheet.write_row(number, 0, row)
        book.close()
        path.unlink()


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


def bare_parquet(files: Sequence[Path]) -> int:
    """pyarrow over every file, as Python values."""
    import pyarrow.parquet as pq

    return sum(len(pq.read_table(path).to_pylist()) for path in files if path.suffix == ".parquet")


def bare_xlsx(files: Sequence[Path]) -> int:
    """calamine over every first sheet."""
    from python_calamine import CalamineWorkbook

    return sum(len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1 for path in files)


def bare_ccda(files: Sequence[Path]) -> int:
    """defusedxml over every document; what it refuses counts too."""
    from defusedxml.ElementTree import fromstring

    for path in files:
        with contextlib.suppress(SyntaxError, ValueError):
            fromstring(path.read_bytes())
    return len(files)


BARE: dict[str, tuple[str, Callable[[Sequence[Path]], int]]] = {
    "hl7v2": ("hl7", bare_hl7v2),
    "fhir": ("orjson", bare_fhir),
    "csv": ("csv", bare_csv),
    "parquet": ("pyarrow", bare_parquet),
    "xlsx": ("calamine", bare_xlsx),
    "omop": ("csv", bare_csv),
    "ccda": ("defusedxml", bare_ccda),
    "meds": ("pyarrow", bare_parquet),
}
"""Format -> the bare parser it is compared with: text into parts, no meaning."""


def consumed(readings: Iterable[object]) -> tuple[int, int]:
    """How many messages and resources a reader gave."""
    messages = resources = 0
    for reading in readings:
        messages += 1
        resources += len(getattr(reading, "resources", ()))
    return messages, resources
