"""Maps between code systems: FHIR R4 ConceptMaps read as translations, and made of the tables that terminologies publish."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wardround.clinical.measurements import Coding
from wardround.interchange.errors import InterchangeError
from wardround.interchange.fhir.building import Resource

# R4: "equal" and "equivalent" mean the same; with "wider" the target says less, as a classification does of a finding.
_USABLE = frozenset({"equal", "equivalent", "wider"})
_ELEMENTS = 5_000  # of one ConceptMap: a terminology is many of them
# SNOMED International, Release File Format 2, extended map reference set (RF2, section 5.2.10).
_RF2 = ("active", "referencedComponentId", "mapTarget", "mapRule", "mapPriority")
_ALWAYS = ("TRUE", "OTHERWISE TRUE")


class NotAConceptTable(InterchangeError):
    """The file is no table of two code systems; the message says what would be."""


def translations_of(concept_maps: Iterable[Mapping[str, Any]]) -> dict[Coding, Coding]:
    """What active ConceptMaps say: a code and the one code that it means. One with several targets is left out."""
    found: dict[Coding, set[Coding]] = {}
    for concept_map in concept_maps:
        if concept_map.get("status") != "active":
            continue
        for group in concept_map.get("group", ()):
            source, target = group.get("source"), group.get("target")
            if not source or not target:
                continue
            for element in group.get("element", ()):
                targets = {
                    Coding(target, one["code"], one.get("display", ""))
                    for one in element.get("target", ())
                    if one.get("equivalence") in _USABLE and one.get("code")
                }
                found.setdefault(Coding(source, element.get("code", "")), set()).update(targets)
    return {coding: next(iter(targets)) for coding, targets in found.items() if len(targets) == 1}


def concept_maps_from(path: Path, *, source: str, target: str, name: str) -> Iterator[Resource]:
    """ConceptMaps of a table: two columns (from, to), or SNOMED International's extended map (RF2).

    Of an RF2 map the entries count that hold for every patient; a concept whose target depends on the patient is left out.
    Raises `NotAConceptTable`.
    """
    pairs = dict(sorted(_pairs(path)))
    if not pairs:
        raise NotAConceptTable(
            f"{path.name} holds no pair of codes: a line is a code, a comma or tab, and what it means."
        )
    slug = re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-")[:40] or "map"
    listed = list(pairs.items())
    for number, start in enumerate(range(0, len(listed), _ELEMENTS), 1):
        part = listed[start : start + _ELEMENTS]
        yield {
            "resourceType": "ConceptMap",
            "id": f"{slug}-{number}",
            "name": name,
            "status": "active",
            "group": [
                {
                    "source": source,
                    "target": target,
                    "element": [{"code": code, "target": [{"code": to, "equivalence": "wider"}]} for code, to in part],
                }
            ],
        }


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            delimiter = "\t" if "\t" in first else ";" if ";" in first else ","
            file.seek(0)
            rows = csv.reader(
                file, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
            )
            header = [cell.strip() for cell in next(rows, [])]
            if set(_RF2) <= set(header):
                yield from _of_rf2(rows, header=header)
            else:
                yield from _of_two_columns(header, rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotAConceptTable(f"{path.name} is no table in UTF-8.") from error


def _of_two_columns(header: list[str], rows: Iterable[list[str]]) -> Iterator[tuple[str, str]]:
    """A header is a first line without a digit."""
    targets: dict[str, set[str]] = {}
    first = [] if not any(any(c.isdigit() for c in cell) for cell in header) else [header]
    for number, row in enumerate((*first, *rows), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise NotAConceptTable(
                f"Row {number} of the table has no pair of codes; the first two columns are from and to."
            )
        targets.setdefault(cells[0], set()).add(cells[1])
    yield from ((code, next(iter(to))) for code, to in targets.items() if len(to) == 1)


def _of_rf2(rows: Iterable[list[str]], *, header: list[str]) -> Iterator[tuple[str, str]]:
    active, code, target, rule, _priority = (header.index(name) for name in _RF2)
    targets: dict[str, set[str]] = {}
    for row in rows:
        if len(row) == len(header) and row[active] == "1" and row[rule] in _ALWAYS and row[target]:
            targets.setdefault(row[code], set()).add(row[target])
    yield from ((code, next(iter(to))) for code, to in targets.items() if len(to) == 1)
