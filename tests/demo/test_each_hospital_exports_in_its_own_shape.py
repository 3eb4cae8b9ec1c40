"""Four hospitals, four formats: real values, invented people, known errors."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import hl7
import pytest

from wardround.demo.exports import write_exports
from wardround.demo.paper import paper_charts
from wardround.demo.source import PLACES, rows_of

CDM_FIELDS = Path(__file__).resolve().parents[3] / "shared/suites/ohdsi-dqd/inst/csv/OMOP_CDMv5.4_Field_Level.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    for hospital in PLACES:
        write_exports(folder, hospital)
    return folder


def messages(folder):
    for file in sorted(folder.glob("*.hl7")):
        for text in re.split(r"\r\n(?=MSH)", file.read_bytes().decode("iso-8859-2")):
            yield hl7.parse(text.strip())


def ndjson(file):
    return [json.loads(line, parse_float=str, parse_int=str) for line in file.read_text("utf-8").splitlines()]


def test_cleveland_has_one_row_per_patient_with_its_own_codes_and_mg_per_dl(folder):
    with (folder / "paper/cleveland/cath_lab_registry.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len({row["PAT_NO"] for row in rows}) == 303
    assert {row["CP"] for row in rows} == {"1", "2", "3", "4"}
    assert sum(int(row["CHOL_MGDL"]) for row in rows) == sum(row.total_cholesterol for row in rows_of("cleveland"))


def test_budapest_sends_latin_2_with_the_decimal_comma_only_in_text(folder):
    raw = (folder / "paper/budapest/budapest-2026-01.hl7").read_bytes()
    assert b"8859/2" in raw
    assert "ő".encode("iso-8859-2") in raw

    results = [s for message in messages(folder / "paper/budapest") for s in message if str(s[0]) == "OBX"]
    texts = [str(s[5]) for s in results if str(s[2]) == "ST"]
    numbers = [str(s[5]) for s in results if str(s[2]) == "NM"]
    assert any("," in text for text in texts)
    assert not any("." in text for text in texts)
    assert not any("," in number for number in numbers)


def test_budapest_registers_and_closes_every_patient(folder):
    kinds = Counter(str(message.segment("MSH")[9]) for message in messages(folder / "paper/budapest"))

    assert kinds["ADT^A04^ADT_A01"] == kinds["ADT^A08^ADT_A01"] == 294
    assert kinds["ORU^R01^ORU_R01"] > 4 * 294 - 10


def test_zurich_and_basel_write_fhir_whose_numbers_keep_their_text(folder):
    patients = ndjson(folder / "paper/zurich-basel/Patient.ndjson")
    observations = ndjson(folder / "paper/zurich-basel/Observation.ndjson")
    by_code = {}
    for observation in observations:
        code = observation["code"]["coding"][0]["code"]
        by_code.setdefault(code, []).append(observation.get("valueQuantity", {}).get("value"))

    assert len(patients) == 123
    assert by_code["2093-3"] == ["0"] * 123
    assert sorted(by_code["ERGO-ST"]) == sorted(
        str(row.st_depression) for row in rows_of("zurich-basel") if row.st_depression is not None
    )


def test_long_beach_writes_tables_whose_columns_the_common_data_model_knows(folder):
    if not CDM_FIELDS.is_file():
        pytest.skip("OHDSI's field list is not beside this checkout (../shared/suites/ohdsi-dqd).")
    with CDM_FIELDS.open(encoding="utf-8", newline="") as file:
        known = {(row["cdmTableName"].lower(), row["cdmFieldName"].lower()) for row in csv.DictReader(file)}

    for table in (folder / "paper/long-beach").glob("*.csv"):
        columns = table.read_text("utf-8").splitlines()[0].split(",")
        assert {(table.stem, column) for column in columns} - known == set()


@pytest.mark.parametrize("hospital", list(PLACES))
def test_the_diastolic_pressure_is_invented_below_the_real_systolic_one(hospital):
    for chart in paper_charts(hospital):
        if chart.diastolic_pressure is None:
            assert not chart.row.systolic_pressure
        else:
            assert 30 < chart.diastolic_pressure < chart.row.systolic_pressure


@pytest.mark.parametrize("hospital", list(PLACES))
def test_a_visit_is_three_days_of_2026_on_working_days_after_birth(hospital):
    for chart in paper_charts(hospital):
        assert chart.seen_at < chart.exercise_at < chart.scan_at < chart.angiography_at < chart.result_at
        assert {chart.seen_at.year, chart.result_at.year} == {2026}
        assert chart.result_at.weekday() < 5
        assert chart.day.year - chart.birth_year == chart.row.age


@pytest.mark.parametrize("hospital", list(PLACES))
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(hospital, folder, tmp_path):
    write_exports(tmp_path / "same", hospital)
    write_exports(tmp_path / "other", hospital, seed=8)

    def content(root):
        return {file.name: file.read_bytes() for file in (root / "exports" / hospital).iterdir()}

    assert content(tmp_path / "same") == content(folder)
    assert content(tmp_path / "other") != content(folder)
