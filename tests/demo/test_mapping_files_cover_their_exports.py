"""Each hospital's mapping file reads, and knows every column and local code of its export."""

import csv
import json
import re

import pytest

from wardround.demo.exports import mapping_path, write_exports
from wardround.demo.source import PLACES
from wardround.interchange.mapping import read_mapping


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    for hospital in PLACES:
        write_exports(folder, hospital)
    return folder / "paper"


@pytest.mark.parametrize("hospital", list(PLACES))
def test_the_mapping_file_reads_and_is_for_its_hospitals_format(hospital):
    mapping = read_mapping(mapping_path(hospital))

    assert (mapping.slug, mapping.format) == (hospital, PLACES[hospital].format)


def test_clevelands_mapping_names_every_column_and_every_answer(folder):
    mapping = read_mapping(mapping_path("cleveland"))
    with (folder / "cleveland/cath_lab_registry.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert set(mapping.columns) == set(rows[0])
    for key, answers in mapping.clinical["answers"].items():
        (column,) = (c.name for c in mapping.columns.values() if key in (c.measurement, c.role))
        assert {row[column] for row in rows} - {""} == set(answers), key


def test_budapests_mapping_names_every_local_code(folder):
    clinical = read_mapping(mapping_path("budapest")).clinical
    text = "\r".join(file.read_bytes().decode("iso-8859-2") for file in sorted((folder / "budapest").iterdir()))
    known = {code for answers in clinical["answers"].values() for code in answers}

    assert set(re.findall(r"OBX\|\d+\|\w+\|(\w+)\^", text)) == set(clinical["codes"])
    assert set(re.findall(r"OBX\|\d+\|CE\|[^|]*\|\|(\w+)\^", text)) == known
    assert set(re.findall(r"DG1\|1\|\|(\w+)\^", text)) == set(clinical["conditions"])


def test_zurich_and_basels_mapping_names_every_local_code(folder):
    clinical = read_mapping(mapping_path("zurich-basel")).clinical
    used = set()

    def walk(value):
        if isinstance(value, dict):
            if value.get("system") == "urn:wardround:local:zurich-basel":
                used.add(value["code"])
            value = list(value.values())
        if isinstance(value, list):
            for entry in value:
                walk(entry)

    for file in (folder / "zurich-basel").iterdir():
        for line in file.read_text("utf-8").splitlines():
            walk(json.loads(line))
    answers = {code for table in clinical["answers"].values() for code in table}
    assert used == answers | set(clinical["codes"]) | set(clinical["conditions"]) | set(clinical["procedures"])


def test_long_beachs_mapping_names_every_local_concept(folder):
    clinical = read_mapping(mapping_path("long-beach")).clinical
    text = "".join(file.read_text("utf-8") for file in sorted((folder / "long-beach").iterdir()))
    answers = {code for table in clinical["answers"].values() for code in table}

    assert set(re.findall(r"\b2000000\d{3}\b", text)) == answers | set(clinical["codes"]) | set(clinical["procedures"])
