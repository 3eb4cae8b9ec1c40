"""The records of the identity benchmark: patients, some of them twice, and who is who, which only the benchmark knows."""

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson

from wardround.bench.invented_people import Town
from wardround.bench.second_records import Corruptor

MRN = "urn:wardround:mrn:benchmark"
_TWICE, _THRICE = 0.25, 0.03


@dataclass(frozen=True)
class Records:
    """Patients as a hospital would have them, in an order that tells nothing, and whose each is."""

    patients: tuple[dict[str, Any], ...]
    persons: tuple[int, ...]
    slips: tuple[tuple[str, ...], ...]  # of each record; none of a first one
    kinds: tuple[str, ...]

    @property
    def pairs(self) -> frozenset[tuple[int, int]]:
        """The pairs of records that are one person."""
        of_person: dict[int, list[int]] = {}
        for at, person in enumerate(self.persons):
            of_person.setdefault(person, []).append(at)
        return frozenset(pair for places in of_person.values() for pair in combinations(places, 2))


def invented_records(number: int, *, seed: int, numbers: bool) -> Records:
    """About so many invented people, a quarter of them twice. `numbers`: with social security numbers where known."""
    town = Town(seed)
    people = town.people(number)
    firsts = [somebody.resource for somebody in people]
    return _records(firsts, kinds=[somebody.kind for somebody in people], seed=seed, numbers=numbers)


def synthea_records(bundles: Path, *, seed: int, numbers: bool) -> Records:
    """The patients of a folder of Synthea's bundles, each of them twice."""
    firsts = [_stripped(patient) for patient in _patients_of(bundles)]
    return _records(firsts, kinds=["Synthea"] * len(firsts), seed=seed, numbers=numbers, twice=1.0)


def _records(
    firsts: Sequence[dict[str, Any]], *, kinds: Sequence[str], seed: int, numbers: bool, twice: float = _TWICE
) -> Records:
    dice = random.Random(seed * 7919 + 1)  # noqa: S311 - it has to give the same slips again
    elsewhere = Town(seed + 1_000_003)
    families = [patient["name"][0]["family"] for patient in firsts]
    corruptor = Corruptor(dice=dice, place=elsewhere.place, family=lambda: dice.choice(families))
    rows: list[tuple[dict[str, Any], int, tuple[str, ...], str]] = []
    for person, (first, kind) in enumerate(zip(firsts, kinds, strict=True)):
        rows.append((first, person, (), kind))
        again = 0 if dice.random() >= twice else 2 if dice.random() < _THRICE else 1
        for _time in range(again):
            second, slips = corruptor.second(first)
            rows.append((second, person, slips, kind))
    dice.shuffle(rows)
    patients = [_numbered(patient, at, numbers=numbers) for at, (patient, *_rest) in enumerate(rows)]
    return Records(
        patients=tuple(patients),
        persons=tuple(person for _patient, person, _slips, _kind in rows),
        slips=tuple(slips for _patient, _person, slips, _kind in rows),
        kinds=tuple(kind for *_rest, kind in rows),
    )


def _numbered(patient: dict[str, Any], at: int, *, numbers: bool) -> dict[str, Any]:
    """A record has an id and a hospital's number of its own, which say nothing about the person."""
    own = {"system": MRN, "value": f"B{at:07d}"}
    kept = patient.get("identifier", []) if numbers else []
    stated = {name: value for name, value in patient.items() if value}
    return {**stated, "id": f"b{at}", "identifier": [own, *kept]}


def _patients_of(bundles: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(bundles.glob("*.json.gz")):
        entries = orjson.loads(gzip.decompress(path.read_bytes())).get("entry", [])
        found += [e["resource"] for e in entries if e["resource"]["resourceType"] == "Patient"]
    return found


def _stripped(patient: dict[str, Any]) -> dict[str, Any]:
    """What a clerk takes down. The ids and numbers of the source itself would give every pair away."""
    kept = {name: patient[name] for name in ("resourceType", "gender", "birthDate")}
    name = {part: patient["name"][0][part] for part in ("use", "family", "given")}
    numbers = [i for i in patient.get("identifier", []) if i.get("system", "").endswith("us-ssn")]
    address = [
        {part: one[part] for part in ("line", "city", "postalCode") if part in one}
        for one in patient.get("address", [])
    ]
    telecom = [{"system": t["system"], "value": t["value"]} for t in patient.get("telecom", [])]
    return {**kept, "name": [name], "identifier": numbers, "address": address, "telecom": telecom}
