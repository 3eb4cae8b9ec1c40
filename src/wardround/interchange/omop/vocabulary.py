"""The vocabulary that lies beside the tables (Athena's CONCEPT.csv, or a site's own): what its concept ids are called elsewhere.

It is used, and not kept: only the concepts that the tables name are held in memory.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from wardround.clinical.catalogue import OMOP, Coding
from wardround.interchange.errors import Unreadable
from wardround.interchange.omop_columns import LOCAL_FROM, SYSTEMS

FILES = ("concept", "vocabulary")
_NEEDED = ("concept_id", "concept_name", "vocabulary_id", "concept_code")
_LONGEST_LINE = 65_536


class Vocabulary:
    """What concepts are called: their own coding, and that of their vocabulary where it is known in FHIR."""

    def __init__(self) -> None:
        self._concepts: dict[str, tuple[str, str, str]] = {}  # id -> name, vocabulary, code
        self._systems = dict(SYSTEMS)

    def __bool__(self) -> bool:
        return bool(self._concepts)

    def read_concepts(self, file: BinaryIO, *, wanted: set[str]) -> None:
        """Take the wanted concepts from CONCEPT.csv. Raises Unreadable."""
        for row in _rows(file, needed=_NEEDED):
            if row["concept_id"] in wanted:
                self._concepts[row["concept_id"]] = (row["concept_name"], row["vocabulary_id"], row["concept_code"])

    def read_vocabularies(self, file: BinaryIO) -> None:
        """Take a site's own vocabularies from VOCABULARY.csv: those whose reference is the address of a code system."""
        for row in _rows(file, needed=("vocabulary_id", "vocabulary_reference")):
            reference = row["vocabulary_reference"]
            if row["vocabulary_id"] not in SYSTEMS and reference.startswith(("urn:", "http://", "https://")):
                self._systems[row["vocabulary_id"]] = reference

    def codings(self, concept: str) -> list[Coding]:
        """A concept's codings, the concept itself first; a site's own only by its code, as ids of that kind are not meant to last."""
        name, vocabulary, code = self._concepts.get(concept, ("", "", ""))
        own = Coding(OMOP, concept, name)
        system = self._systems.get(vocabulary)
        if system is None:
            return [own]
        elsewhere = Coding(system, code, name)
        is_local = concept.isdigit() and int(concept) >= LOCAL_FROM
        return [elsewhere] if is_local else [own, elsewhere]

    def name(self, concept: str) -> str:
        return self._concepts.get(concept, ("", "", ""))[0]

    def ucum(self, concept: str) -> str | None:
        """The UCUM unit that a concept is, where the vocabulary says so."""
        _name, vocabulary, code = self._concepts.get(concept, ("", "", ""))
        return code if vocabulary == "UCUM" and code else None

    def sections(self, concepts: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """(file name, CSV) of these concepts and their vocabularies, so that a person can be read again without Athena."""
        known = sorted(concept for concept in set(concepts) if concept in self._concepts)
        if not known:
            return
        yield "concept.csv", _as_csv(_NEEDED, ((c, *self._concepts[c]) for c in known))
        named = {self._concepts[c][1] for c in known} & (set(self._systems) - set(SYSTEMS))
        if named:
            rows = ((name, self._systems[name]) for name in sorted(named))
            yield "vocabulary.csv", _as_csv(("vocabulary_id", "vocabulary_reference"), rows)


def _rows(file: BinaryIO, *, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows by lower-case column; Athena's files are tab-separated, and their quotes mean nothing."""
    header = file.readline(_LONGEST_LINE).decode("utf-8-sig", "replace")
    is_tabbed = "\t" in header
    columns = [name.strip().strip('"').lower() for name in header.rstrip("\r\n").split("\t" if is_tabbed else ",")]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise Unreadable(f"it has no column {missing[0]}")
    while line := file.readline(_LONGEST_LINE):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        try:
            cells = text.split("\t") if is_tabbed else next(csv.reader([text]), [])
        except csv.Error:
            continue
        if len(cells) == len(columns):
            yield dict(zip(columns, cells, strict=True))


def _as_csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()
