"""OMOP CDM 5.4 tables to FHIR, one Draft per person; concept ids stay as they are, a vocabulary beside them names them.

Each table is passed over once to note where every person's rows stand (16 bytes a row), then read person by person:
memory stays small and no copy of the patients' data is made.
"""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping
from wardround.interchange.omop.events import EVENTS
from wardround.interchange.omop.files import ENDINGS, plain, table_of
from wardround.interchange.omop.persons import PERSON_FILE, PersonRows
from wardround.interchange.omop.rows import Words
from wardround.interchange.omop.table import Table
from wardround.interchange.omop.vocabulary import FILES, Vocabulary

_MARK = re.compile(rb"^==> ([^\r\n]{1,100}) <==\r?\n", re.MULTILINE)
_TABLES = ("person", "death", *EVENTS)
_READ = (*_TABLES, "location")
# Tables of the CDM that are known and not read: what is derived from others, money, and who gave the care.
_LISTED = (
    *("provider", "care_site", "cost", "payer_plan_period", "drug_era", "dose_era", "condition_era", "episode"),
    *(
        "episode_event",
        "note_nlp",
        "fact_relationship",
        "metadata",
        "cohort",
        "cohort_definition",
        "observation_period",
    ),
)
# What says nothing of patients: the vocabularies, and what the tables are.
_SILENT = (
    *("concept_ancestor", "concept_class", "concept_relationship", "concept_synonym", "domain", "drug_strength"),
    *("relationship", "source_to_concept_map", "cdm_source"),
)
_NOT_OURS = "This table is not read: it is none of person, location, death, " + ", ".join(EVENTS) + "."


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """One Draft per person, with a Reject for every row that cannot be read; files are known by their table's name.

    Rows whose person is not in the person table become Drafts of their own, which refer to the person by its id. Tables
    and columns that carry something and are not read are listed as unmapped.
    """
    yield from empty_folders(paths, endings=ENDINGS)
    files: dict[str, Path] = {}
    for path in named_files(paths, endings=ENDINGS):
        table = table_of(path)
        if table in _LISTED:
            yield Draft((), _whole(path.name), unmapped=(f"table {table}",))
        elif table not in (*_READ, *FILES, *_SILENT):
            yield Reject(_whole(path.name), _NOT_OURS)
        elif table in files:
            yield Reject(_whole(path.name), f"The table {table} is there twice; only the first is read.")
        else:
            files[table] = path
    with ExitStack() as stack:
        opened: dict[str, BinaryIO] = {}
        tables: dict[str, Table] = {}
        for table, path in files.items():
            if table in _SILENT:
                continue
            try:
                opened[table] = stack.enter_context(plain(path, zone=mapping.zone))
                if table in _READ:
                    tables[table] = Table(table, path.name, opened[table], mapping)
            except OSError:
                yield Reject(_whole(path.name), "The file cannot be opened.")
            except Unreadable as error:
                yield Reject(Source(path.name, "line 1", path.name.encode()), f"The header cannot be used: {error}.")
        yield from _persons(tables, opened, mapping)


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read a person, or one row with its header, from a quarantined, perhaps corrected Source; it keeps its place.

    A row other than a person's refers to the person by its id.
    """
    parts = _sections(source.raw) if source.file == PERSON_FILE else {source.file: source.raw}
    tables: dict[str, Table] = {}
    opened: dict[str, BinaryIO] = {}
    for file_name, raw in parts.items():
        name = table_of(file_name)
        if name not in (*_READ, *FILES):
            yield Reject(source, _NOT_OURS)
            return
        opened[name] = io.BytesIO(raw)
        try:
            if name in _READ:
                tables[name] = Table(name, file_name, opened[name], mapping)
        except Unreadable as error:
            yield Reject(source, f"The header of {name} cannot be used: {error}.")
            return
    for reading in _persons(tables, opened, mapping):
        yield replace(reading, source=source)


def _whole(name: str) -> Source:
    return Source(name, "file", name.encode())


def _sections(raw: bytes) -> dict[str, bytes]:
    """The tables of one person's Source: each behind a line that names its file."""
    named = _MARK.split(raw)
    return {name.decode("utf-8", "replace"): rows for name, rows in zip(named[1::2], named[2::2], strict=True)}


def _persons(tables: dict[str, Table], opened: dict[str, BinaryIO], mapping: Mapping) -> Iterator[Draft | Reject]:
    ids: set[int] = set()
    for table in tables.values():
        yield from table.find_rows()
        if table.name != "location":
            ids.update(table.persons())
    words = Words(mapping, Vocabulary())
    yield from _read_vocabulary(words.vocabulary, opened, wanted={c for t in tables.values() for c in t.concepts})
    for person in sorted(ids):
        found = PersonRows(person, tables, words)
        yield from found.read()
        if found.resources:
            yield found.draft()


def _read_vocabulary(
    vocabulary: Vocabulary, opened: dict[str, BinaryIO], *, wanted: set[str]
) -> Iterator[Draft | Reject]:
    for name in FILES:
        if name not in opened:
            continue
        opened[name].seek(0)
        try:
            if name == "concept":
                vocabulary.read_concepts(opened[name], wanted=wanted)
            else:
                vocabulary.read_vocabularies(opened[name])
        except Unreadable as error:
            yield Reject(_whole(f"{name}.csv"), f"The vocabulary cannot be used: {error}.")
