"""The mapping file says what a source's words mean; what it cannot mean is refused with a sentence."""

import re
import tomllib
from pathlib import Path

import pytest

from wardround.clinical.catalogue import Coding
from wardround.clinical.codes import CodeMap
from wardround.interchange.errors import BadMapping
from wardround.interchange.mapping import mapping_of, read_mapping

SOURCE = {"slug": "cleveland", "format": "csv", "zone": "America/New_York"}
COLUMNS = {"PAT_NO": "mrn", "VISIT": "visit_start", "CP": {"measurement": "chest_pain_type"}}


def table(**sections):
    return {"source": SOURCE, "columns": COLUMNS} | sections


def test_a_column_is_a_local_code_that_the_code_map_understands():
    mapping = mapping_of(table(answers={"chest_pain_type": {"4": "asymptomatic"}}))

    code_map = CodeMap.from_mapping(mapping.clinical)
    measurement = code_map.measurement([Coding("urn:wardround:local:cleveland", "CP")])

    assert measurement.key == "chest_pain_type"
    assert code_map.answer(measurement, Coding("urn:wardround:local:cleveland", "4")) == "asymptomatic"


def test_systems_are_made_from_the_slug():
    mapping = mapping_of(table())

    assert mapping.system == "urn:wardround:local:cleveland"
    assert mapping.mrn_system == "urn:wardround:mrn:cleveland"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (table(collumns={}), "unknown section 'collumns'"),
        (table(source=SOURCE | {"zome": "x"}), "unknown field 'zome'"),
        (table(source=SOURCE | {"zone": "Mars/Base"}), "not a time zone"),
        (table(source={"slug": "x", "format": "csv"}), "source.zone is needed"),
        (table(source=SOURCE | {"slug": "Two Words"}), "source.slug is needed"),
        (table(source=SOURCE | {"format": "xml"}), "one of csv, hl7v2"),
        (table(source=SOURCE | {"decimal": ";"}), "comma or point"),
        (table(source=SOURCE | {"processing_ids": "T"}), "a list of P"),
        (table(source=SOURCE | {"processing_ids": ["X"]}), "a list of P"),
        (table(source=SOURCE | {"encoding": "klingon"}), "encoding is not known"),
        (table(columns=COLUMNS | {"X": "nonsense"}), "the roles are"),
        (table(columns=COLUMNS | {"X": {"measurement": "heart_rate", "units": "/min"}}), "unknown field 'units'"),
        (table(columns=COLUMNS | {"X": {"measurement": "heart_rate", "time": "WHEN"}}), "dated by WHEN"),
        (table(columns={"VISIT": "visit_start"}), "exactly one column"),
        (table(columns={"N": "mrn", "X": {"measurement": "heart_rate"}}), 'needs a time = "COLUMN"'),
        (table(codes={"X": 5}), "catalogue key in quotes"),
        (table(codes={"X": {"unit": "mm", "factor": 2}}), "unknown field 'factor'"),
        ({"source": SOURCE | {"format": "omop"}, "columns": COLUMNS}, "only a table"),
    ],
)
def test_what_a_mapping_cannot_mean_is_refused(document, sentence):
    with pytest.raises(BadMapping, match=sentence):
        mapping_of(document)


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path):
    (tmp_path / "m.toml").write_text("[source\n")

    with pytest.raises(BadMapping, match=r"m\.toml is not TOML"):
        read_mapping(tmp_path / "m.toml")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(BadMapping, match=r"none\.toml cannot be opened"):
        read_mapping(tmp_path / "none.toml")


def test_the_mappings_that_the_guide_shows_are_ones():
    text = (Path(__file__).resolve().parents[2] / "docs" / "tables.md").read_text("utf-8")
    visits, results = (tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL))

    assert not mapping_of(visits).is_long
    assert mapping_of({"source": SOURCE} | results).is_long
