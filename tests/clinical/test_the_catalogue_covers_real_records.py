"""The catalogue against real records: what it knows of them, which units it reads, and that its limits hold none of them."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from wardround.clinical.catalogue import LOINC, Coding, load_catalogue
from wardround.clinical.plausibility import check
from wardround.clinical.standardise import Standard, standardise

SHARED = Path(__file__).resolve().parents[3] / "shared"
SYNTHEA = SHARED / "data" / "synthea_fhir_r4" / "bundles"
MIMIC = SHARED / "data" / "mimic3_demo"
CATALOGUE = load_catalogue()
needs_shared = pytest.mark.skipif(not SYNTHEA.is_dir(), reason="The shared records are not beside this checkout.")

WORDS = "answered in words, not by a number"
SYNTHEA_LEFT_OUT = dict.fromkeys(
    [
        *("5767-9", "32167-9", "5778-6"),  # odour, clarity and colour of urine
        *("25428-4", "5770-3", "2514-8", "20454-5", "5802-4", "5794-3", "5799-2"),  # present in urine, or not
    ],
    WORDS,
)

# Synthea writes these in a unit ten times too large or too small: 70 g/dL of protein, 3 g/L of globulin.
WRONG_IN_SYNTHEA = {"2885-2", "10834-0"}

# MIMIC's own slips: transferrin (mg/dL) under the code of iron binding capacity, a fraction of 0.4 and 2 % of oxygen
# to breathe, which is less than air has, and a creatinine of 138 mg/dL.
WRONG_IN_MIMIC = {("2500-7", "mg/dL"), ("19994-3", "%"), ("2160-0", "mg/dL")}


def _observations() -> Iterator[dict[str, Any]]:
    for path in sorted(SYNTHEA.glob("*.json.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            if entry["resource"]["resourceType"] == "Observation":
                yield entry["resource"]


@cache
def _synthea() -> tuple[set[str], dict[str, Counter[tuple[float, str]]]]:
    """The LOINC codes of laboratory results, and every number with its unit by code."""
    laboratory: set[str] = set()
    numbers: dict[str, Counter[tuple[float, str]]] = defaultdict(Counter)
    for resource in _observations():
        categories = {c["code"] for category in resource.get("category", []) for c in category["coding"]}
        for part in (resource, *resource.get("component", [])):
            for coding in part["code"]["coding"]:
                if coding["system"] != LOINC:
                    continue
                if "laboratory" in categories:
                    laboratory.add(coding["code"])
                quantity = part.get("valueQuantity")
                if quantity:
                    numbers[coding["code"]][quantity["value"], quantity.get("code") or quantity["unit"]] += 1
    return laboratory, numbers


@cache
def _mimic() -> dict[str, Counter[tuple[float, str]]]:
    """Every number of a laboratory event with its unit, by LOINC code."""
    with gzip.open(MIMIC / "d_labitems.csv.gz", "rt") as file:
        codes = {row["itemid"]: row["loinc_code"] for row in csv.DictReader(file)}
    numbers: dict[str, Counter[tuple[float, str]]] = defaultdict(Counter)
    with gzip.open(MIMIC / "labevents.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            code = codes.get(row["itemid"])
            if code and row["valuenum"]:
                numbers[code][float(row["valuenum"]), row["valueuom"]] += 1
    return numbers


def test_the_catalogue_holds_at_least_150_measurements():
    assert len(CATALOGUE) >= 150


@needs_shared
def test_every_laboratory_code_of_synthea_is_in_the_catalogue_or_left_out_for_a_reason():
    laboratory, _ = _synthea()
    known = {code for code in laboratory if CATALOGUE.by_coding(Coding(LOINC, code))}

    assert len(known) > 50
    assert laboratory - known == set(SYNTHEA_LEFT_OUT)


@needs_shared
def test_the_100_most_frequent_codes_of_mimic_are_in_the_catalogue():
    frequent = sorted(_mimic(), key=lambda code: -_mimic()[code].total())[:100]
    known = {code for code in frequent if CATALOGUE.by_coding(Coding(LOINC, code))}

    assert set(frequent) - known == set()


@needs_shared
def test_every_number_of_synthea_becomes_standard_and_is_possible():
    refused, impossible = _judged(_synthea()[1])

    assert refused == set()
    assert {code for code, _, _ in impossible} == WRONG_IN_SYNTHEA


@needs_shared
def test_the_numbers_of_mimic_become_standard_and_are_possible_but_for_named_slips():
    refused, impossible = _judged(_mimic())

    assert refused == set()
    assert {(code, unit) for code, _, unit in impossible} == WRONG_IN_MIMIC
    assert [value for code, value, _ in impossible if code == "2160-0"] == [138]
    assert [value for code, value, _ in impossible if code == "19994-3" and value >= 10] == []


@pytest.mark.parametrize(
    ("code", "value", "unit", "meant"), [("2885-2", 70.4, "g/dL", 7.0), ("10834-0", 2.8, "g/L", 2.8)]
)
def test_what_synthea_meant_is_suggested(code, value, unit, meant):
    received = standardise([Coding(LOINC, code)], value=value, unit=unit)

    assert isinstance(received, Standard)
    (finding,) = check(received)
    assert finding.held
    assert finding.suggestion == meant


def test_a_creatinine_of_138_mg_per_decilitre_was_meant_in_micromoles():
    received = standardise([Coding(LOINC, "2160-0")], value=138, unit="mg/dL")

    assert isinstance(received, Standard)
    (finding,) = check(received)
    assert (finding.kind, finding.suggestion) == ("unit_slip", 1.56)


def _judged(
    numbers: dict[str, Counter[tuple[float, str]]],
) -> tuple[set[tuple[str, str]], set[tuple[str, float, str]]]:
    """Which code and unit do not become standard, and which values would be held as impossible."""
    refused, impossible = set(), set()
    for code, values in numbers.items():
        measurement = CATALOGUE.by_coding(Coding(LOINC, code))
        if measurement is None or measurement.possible is None:
            continue
        low, high = measurement.possible
        for value, unit in values:
            result = standardise([Coding(LOINC, code)], value=value, unit=unit)
            if not isinstance(result, Standard):
                if result.kind not in {"zero_is_missing", "missing_unit"}:
                    refused.add((code, unit))
            elif not low <= float(result.value) <= high:
                impossible.add((code, value, unit))
    return refused, impossible
