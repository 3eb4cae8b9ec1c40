"""A draft says what names and values show, doubts what they do not, and holds no patient's data."""

import csv
import gzip
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import xlsxwriter

from wardround.clinical.codes import CodeMap
from wardround.clinical.standardise import Standard, standardise
from wardround.demo.exports import mapping_path, write_exports
from wardround.interchange import tables
from wardround.interchange.draft import Draft
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.values import observed_values
from wardround.interchange.mapping import mapping_of, read_mapping
from wardround.interchange.suggest import Home, draft_mapping

HOME = Home(name="Cleveland", slug="cleveland", zone="America/New_York")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="The shared records are not beside this checkout.")
UCI_COLUMNS = "age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,num"
# What each UCI column is; None where a draft can rightly say nothing (an age, a sex in numbers, a grade of stenosis).
UCI_TRUTH = {
    "age": None,
    "sex": None,
    "cp": "chest_pain_type",
    "trestbps": "systolic_pressure",
    "chol": "total_cholesterol",
    "fbs": "fasting_glucose_over_120",
    "restecg": "resting_ecg",
    "thalach": "exercise_heart_rate",
    "exang": "exercise_angina",
    "oldpeak": "st_depression",
    "slope": "st_slope",
    "ca": "fluoroscopy_vessels",
    "thal": "thallium_scan",
    "num": None,
}


@pytest.fixture
def draft_of(tmp_path):
    def draft(text, *, name="t.csv"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return draft_mapping(tmp_path / name, home=HOME)

    return draft


def said(draft):
    return tomllib.loads(draft).get("columns", {})


def line_of(draft, column):
    return next(line for line in draft.splitlines() if line.removeprefix("# ").startswith(f'"{column}"'))


def many(row, rows=20):
    return "".join(row.format(n=number, day=number % 28 + 1) for number in range(rows))


@pytest.fixture(scope="module")
def cleveland(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cleveland")
    write_exports(folder, "cleveland")
    return folder / "exports" / "cleveland" / "cath_lab_registry.csv"


def meaning(column):
    """What a mapping says of a column, whatever its code and the spelling of its unit."""
    return (column.role, column.measurement, column.time) if column else None


def test_clevelands_registry_is_drafted_as_its_office_mapped_it(cleveland):
    truth = read_mapping(mapping_path("cleveland"))

    draft = mapping_of(tomllib.loads(draft_mapping(cleveland, home=HOME)))

    verdicts = Counter(
        "unsaid"
        if name not in draft.columns
        else "right"
        if meaning(draft.columns[name]) == meaning(column)
        else "wrong"
        for name, column in truth.columns.items()
    )
    assert verdicts == {"right": len(truth.columns)}


def standard_values(table, mapping):
    code_map = CodeMap.from_mapping(mapping.clinical)
    for reading in tables.read(table, mapping=mapping):
        for resource in reading.resources if isinstance(reading, Draft) else ():
            for seen in observed_values(resource):
                found = standardise(seen.codings, value=seen.value, unit=seen.unit, code_map=code_map)
                if isinstance(found, Standard):
                    yield found.measurement.key, found.value


def test_clevelands_draft_gives_the_same_standard_values_as_its_mapping(cleveland):
    draft = mapping_of(tomllib.loads(draft_mapping(cleveland, home=HOME)))

    by_draft = Counter(standard_values(cleveland, draft))

    assert by_draft == Counter(standard_values(cleveland, read_mapping(mapping_path("cleveland"))))
    assert by_draft.total() > 2000


def test_no_patients_data_is_in_a_draft(cleveland):
    draft = draft_mapping(cleveland, home=HOME)

    with cleveland.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = ("PAT_NO", "LAST_NAME", "PHONE", "STREET", "VISIT_NO", "VISIT_DT", "STRESS_DT", "BIRTH_YR")
    values = {row[column] for row in rows for column in columns if row[column]}
    words = set(re.findall(r"[^\s\"]+", draft))
    assert not {value for value in values if value in words or f'"{value}"' in draft}


@needs_shared
@pytest.mark.parametrize("hospital", ["cleveland", "hungarian", "switzerland", "va"])
def test_the_columns_of_the_uci_heart_data_are_known_by_their_published_names(hospital, draft_of):
    rows = (SHARED / "heart_disease_uci" / f"processed.{hospital}.data").read_text().splitlines()
    with_keys = [f"{line},P{n},2026-01-02" for n, line in enumerate(rows) if line]
    text = "\n".join([f"{UCI_COLUMNS},patient_id,visit_date", *with_keys, ""])

    draft = draft_of(text)

    columns = said(draft)
    verdicts = Counter(
        ("right" if name not in columns else "wrong")
        if true is None
        else "unsaid"
        if name not in columns
        else "right"
        if columns[name]["measurement"] == true
        else "wrong"
        for name, true in UCI_TRUTH.items()
    )
    assert verdicts["wrong"] == 0
    assert verdicts["right"] >= 11  # Swiss cholesterol is all 0, and some columns have numbers such as 2-
    mapping_of(tomllib.loads(draft))
    assert tomllib.loads(draft)["source"].get("missing", "?") == "?"


@needs_shared
@pytest.mark.parametrize(
    ("file", "right"),
    [
        ("diabetes130/diabetic_data.csv", {"encounter_id": "record", "patient_nbr": "mrn", "gender": "sex"}),
        ("tcga_brca/brca.csv", {"pid": "mrn"}),
    ],
)
def test_a_table_without_days_gives_its_patients_and_says_that_nothing_is_dated(file, right):
    draft = draft_mapping(SHARED / file, home=HOME)

    assert said(draft) == right
    mapping_of(tomllib.loads(draft))
    assert ("Nothing in this table says when" in draft) is ("diag_1" in draft)


@needs_shared
def test_a_table_of_results_is_seen_as_one():
    draft = draft_mapping(SHARED / "mimic3_demo" / "labevents.csv.gz", home=HOME)

    mapping = mapping_of(tomllib.loads(draft))
    assert {name: column.role for name, column in mapping.columns.items()} == {
        "row_id": "record",
        "subject_id": "mrn",
        "hadm_id": "visit",
        "itemid": "code",
        "charttime": "time",
        "value": "value",
        "valueuom": "unit",
    }
    assert mapping.columns["value"].time == "charttime"


def test_codes_of_results_are_named_where_their_words_are_known(draft_of):
    rows = many("{n},Kalium,4.2,mmol/l,{day:02}.03.2026\n") + many("{n},Cholesterin,210,mg/dl,{day:02}.03.2026\n")
    rows += many("{n},Frau Huber rief an,1,,{day:02}.03.2026\n")

    draft = draft_of("PatientenNr,Untersuchung,Ergebnis,Einheit,Entnahme\n" + rows)

    assert tomllib.loads(draft)["codes"] == {"Kalium": "potassium", "Cholesterin": "total_cholesterol"}
    assert "Huber" not in draft
    assert "# 1 other codes" in draft


@pytest.mark.parametrize(
    ("header", "measurement"),
    [
        ("Szisztolés (Hgmm)", "systolic_pressure"),
        ("Blutdruck systolisch", "systolic_pressure"),
        ("TA systolique", "systolic_pressure"),
        ("sys_bp", "systolic_pressure"),
        ("systolicBP", "systolic_pressure"),
    ],
)
def test_names_of_several_languages_are_known(draft_of, header, measurement):
    draft = draft_of(f"MRN,Datum,{header}\n" + many("{n},2026-03-{day:02},13{n}\n", rows=9))

    assert said(draft)[header]["measurement"] == measurement


@pytest.mark.parametrize(
    ("header", "value", "unit"),
    [
        ("chol (mg/dl)", "210", "mg/dL"),
        ("CHOL_MMOLL", "5.4", "mmol/L"),
        ("chol", "210", "mg/dL"),
        ("chol", "5.4", "mmol/L"),
        ("Kreatinin", "84", "umol/L"),
        ("weight [lbs]", "180", "[lb_av]"),
    ],
)
def test_the_unit_is_the_headers_or_the_one_in_which_the_values_are_usual(draft_of, header, value, unit):
    draft = draft_of(f"MRN,visit date,{header}\n" + many(f"{{n}},2026-03-{{day:02}},{value}\n"))

    assert said(draft)[header]["unit"] == unit
    assert "20 of 20 values lie in the usual range" in line_of(draft, header)


def test_pounds_are_thought_of_where_people_weigh_in_them(tmp_path):
    text = "MRN,visit date,weight\n" + many("{n},2026-03-{day:02},8{n}\n", rows=9)
    (tmp_path / "t.csv").write_text(text)

    here, there = (
        draft_mapping(tmp_path / "t.csv", home=Home(name="H", slug="h", zone=zone))
        for zone in ("Europe/Budapest", "America/New_York")
    )

    assert said(here)["weight"]["unit"] == "kg"
    assert "weight" not in said(there)
    assert 'unit = "[lb_av]"' in there


def test_giga_per_litre_is_no_gauss(draft_of):
    draft = draft_of("MRN,visit date,Leukozyten (G/l)\n" + many("{n},2026-03-{day:02},7.5\n"))

    assert said(draft)["Leukozyten (G/l)"] == {"measurement": "white_cells", "unit": "10*9/L"}


def test_a_whole_name_is_no_family_name(draft_of):
    draft = draft_of("MRN,visit date,Name\n" + many("{n},2026-03-{day:02},Anna Huber\n"))

    assert "Name" not in said(draft)
    assert "a whole name belongs in two columns" in draft


def test_a_unit_in_the_header_that_the_values_contradict_is_not_said(draft_of):
    draft = draft_of("MRN,visit date,chol (mg/dl)\n" + many("{n},2026-03-{day:02},5.4\n"))

    assert "chol (mg/dl)" not in said(draft)
    assert "20 are not plausible" in line_of(draft, "chol (mg/dl)")


@pytest.mark.parametrize(
    ("cell", "role"),
    [
        ("{day:02}.03.2026", {"role": "visit_start", "date_format": "%d.%m.%Y"}),
        ("{day:02}/03/2026 08:30", {"role": "visit_start", "date_format": "%d/%m/%Y %H:%M"}),
        ("03/{day:02}/2026", {"role": "visit_start", "date_format": "%m/%d/%Y"}),
        ("2026. 03. {day:02}.", {"role": "visit_start", "date_format": "%Y. %m. %d."}),
        ("202603{day:02}", {"role": "visit_start", "date_format": "%Y%m%d"}),
        ("2026-03-{day:02}T08:30", "visit_start"),
    ],
)
def test_day_or_month_first_is_decided_by_the_cells_and_the_draft_reads_them(draft_of, tmp_path, cell, role):
    text = "MRN,visit date,HR\n" + many(f"{{n}},{cell},72\n")

    draft = draft_of(text)

    assert said(draft)["visit date"] == role
    readings = list(tables.read(tmp_path / "t.csv", mapping=mapping_of(tomllib.loads(draft))))
    assert all(isinstance(reading, Draft) for reading in readings)
    assert readings[20 - 7].resources[1]["period"]["start"].startswith("2026-03-14")


def test_a_day_that_may_be_a_month_is_not_said_but_both_are_shown(draft_of):
    draft = draft_of("MRN,born,visit date\n" + many("{n},1950-01-02,04/03/2026\n"))

    assert "visit date" not in said(draft)
    assert "no cell tells whether day or month stands first" in draft


def test_another_column_of_the_table_may_tell_the_order(draft_of):
    draft = draft_of("MRN,born,visit date\n" + many("{n},{day:02}/01/1950,04/03/2026\n"))

    assert said(draft)["visit date"]["date_format"] == "%d/%m/%Y"
    assert "as in the table's other columns of days" in line_of(draft, "visit date")


def test_decimal_commas_and_code_pages_are_found(draft_of):
    text = "Törzsszám;Név;Vizit dátuma;Kálium\n" + many("{n};Erdős;2026.03.{day:02};4,{n}\n", rows=9)

    draft = draft_of(text.encode("cp1250"))

    source = tomllib.loads(draft)["source"]
    assert (source["decimal"], source["encoding"], source["delimiter"]) == ("comma", "cp1250", ";")
    assert said(draft)["Kálium"]["measurement"] == "potassium"
    assert "Erdős" not in draft


@pytest.mark.parametrize(
    ("codes", "answers"),
    [
        ("MF", {"M": "male", "F": "female"}),
        ("MW", {"M": "male", "W": "female"}),
        ("FN", {"F": "male", "N": "female"}),  # férfi, nő
        ("HF", {"H": "male", "F": "female"}),  # homme, femme
        ("12", None),
    ],
)
def test_a_sex_is_known_by_the_whole_set_of_its_codes(draft_of, codes, answers):
    rows = "".join(f"{n},2026-03-01,{codes[n % 2]}\n" for n in range(20))

    draft = draft_of("MRN,visit date,sex\n" + rows)

    assert tomllib.loads(draft).get("answers", {}).get("sex") == answers
    assert ("sex" in said(draft)) is (answers is not None)


def test_a_first_line_of_values_is_refused_and_not_quoted(draft_of):
    with pytest.raises(Unreadable, match="put a header line above it") as refusal:
        draft_of("63.0,1.0,1.0,145.0,Kowalski\n" * 5)

    assert "Kowalski" not in str(refusal.value)


def test_a_draft_without_patients_says_that_it_is_not_complete(draft_of):
    draft = draft_of("visit date,HR\n" + many("2026-03-{day:02},72\n"))

    assert "NOT COMPLETE" in draft
    assert "hospital number" in draft


def test_a_header_cannot_break_out_of_its_line(draft_of):
    draft = draft_of('MRN,visit date,"HR\n[source]\nslug = ""x"""\n' + many("{n},2026-03-{day:02},72\n"))

    assert tomllib.loads(draft)["source"]["slug"] == "cleveland"


def test_a_workbook_and_a_packed_table_are_drafted_alike(tmp_path, draft_of):
    text = "MRN,visit date,HR\n" + many("{n},2026-03-{day:02},72\n")
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet("Vitals")
        for number, line in enumerate(text.splitlines()):
            sheet.write_row(number, 0, line.split(","))

    from_book = draft_mapping(tmp_path / "t.xlsx", home=HOME)
    packed = draft_of(gzip.compress(text.encode()), name="t.csv.gz")

    assert said(from_book) == said(packed) == said(draft_of(text))
    assert tomllib.loads(from_book)["source"]["sheet"] == "Vitals"
