"""The catalogue: what it holds, what it refuses, and that no code in it is invented."""

import gzip
import re
from importlib import metadata
from pathlib import Path

import pytest

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, WARDROUND, Coding, Evidence, load_catalogue
from wardround.clinical.catalogue_file import read_entries
from wardround.clinical.errors import CatalogueError, UnknownMeasurement
from wardround.clinical.units import canonical_unit, conversion

SHARED = Path(__file__).resolve().parents[3] / "shared"
CATALOGUE = load_catalogue()

HEART_STUDY = {
    "systolic_pressure": "mm[Hg]",
    "diastolic_pressure": "mm[Hg]",
    "heart_rate": "/min",
    "exercise_heart_rate": "/min",
    "total_cholesterol": "mg/dL",
    "fasting_glucose": "mg/dL",
    "st_depression": "mm",
    "fluoroscopy_vessels": "1",
    "fasting_glucose_over_120": None,
    "exercise_angina": None,
    "coronary_narrowing": None,
    "chest_pain_type": None,
    "resting_ecg": None,
    "st_slope": None,
    "thallium_scan": None,
}


def test_the_catalogue_has_every_input_of_the_heart_study_in_its_standard_unit():
    assert {key: CATALOGUE.by_key(key).unit for key in HEART_STUDY} == HEART_STUDY


def test_an_outside_code_finds_its_measurement_whatever_it_displays():
    assert CATALOGUE.by_coding(Coding(LOINC, "8480-6", "SBP")) is CATALOGUE.by_key("systolic_pressure")
    assert CATALOGUE.by_coding(Coding(OMOP, "3027114")) is CATALOGUE.by_key("total_cholesterol")
    assert CATALOGUE.by_coding(Coding(WARDROUND, "exercise_heart_rate")) is CATALOGUE.by_key("exercise_heart_rate")


def test_a_parent_code_names_the_parent_and_not_its_child():
    assert CATALOGUE.by_key("exercise_heart_rate").parent == Coding(LOINC, "8867-4")
    assert CATALOGUE.by_coding(Coding(LOINC, "8867-4")) is CATALOGUE.by_key("heart_rate")


def test_conditions_procedures_and_sexes_are_found_by_any_of_their_codes():
    assert CATALOGUE.concept(Coding(OMOP, "317576")) == CATALOGUE.concept(Coding(ICD_10_CM, "I25.10"))
    assert CATALOGUE.concept(Coding(OMOP, "8507")).key == "male"
    assert CATALOGUE.concept(Coding(OMOP, "8532")).key == "female"
    assert CATALOGUE.concept(Coding(WARDROUND, "coronary_angiography")).title == "Coronary angiography"


def test_an_unknown_key_is_refused_and_the_known_ones_are_named():
    with pytest.raises(UnknownMeasurement, match=r"no measurement 'cholesterin'.*total_cholesterol"):
        CATALOGUE.by_key("cholesterin")


def test_every_unit_of_the_catalogue_is_ucum_and_every_mistaken_unit_converts_to_the_standard_one():
    for measurement in CATALOGUE:
        if measurement.unit is None:
            continue
        assert canonical_unit(measurement.unit) == measurement.unit
        for unit in measurement.mistaken_units:
            assert not conversion(unit, measurement.unit, measurement.molar_mass).is_identity


def test_every_limit_says_where_it_comes_from():
    kinds = ("clinical: ", "textbook: ", "definition: ", "DQD: ", "observed: ")

    assert CATALOGUE.limit_sources
    for key, limits, source in CATALOGUE.limit_sources:
        assert source.startswith(kinds), (key, limits)
        assert len(source) > 15, (key, limits)


def test_every_loinc_icd_and_omop_code_has_evidence():
    of_measurements = {c for m in CATALOGUE for c in (m.coding, *m.other_codings, *([m.parent] if m.parent else []))}
    concepts = (*CATALOGUE.conditions, *CATALOGUE.procedures, *CATALOGUE.sexes)
    of_concepts = {c for concept in concepts for c in (concept.coding, *concept.other_codings)}
    outside = {c for c in of_measurements | of_concepts if c.system != WARDROUND}

    assert {evidence.coding for evidence in CATALOGUE.evidence} == outside
    assert len(outside) > 25


@pytest.mark.parametrize("evidence", CATALOGUE.evidence, ids=lambda e: e.coding.code)
def test_every_outside_code_was_seen_where_the_catalogue_says(evidence: Evidence):
    text = _text_of(evidence.seen_in)

    assert re.search(rf"(?<![\w.-]){re.escape(evidence.coding.code)}(?![\w-])", text)


def test_the_liberal_search_for_codes_can_fail():
    text = _text_of("suites/ohdsi-dqd/inst/csv/OMOP_CDMv5.4_Concept_Level.csv")

    assert not re.search(r"(?<![\w.-])300424(?![\w-])", text)


def _text_of(seen_in: str) -> str:
    if seen_in.startswith("pypi:"):
        requirement, file = seen_in.removeprefix("pypi:").split(" ")
        name, version = requirement.split("==")
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{name} is not installed; pip install {requirement} to check this code.")
        assert installed.version == version
        return Path(installed.locate_file(file)).read_text("utf-8")
    path = SHARED / seen_in
    if not SHARED.is_dir():
        pytest.skip("The shared folder with the sources of codes is not beside this checkout (../shared).")
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


GOOD = """
[[measurement]]
key = "weight"
title = "Weight"
kind = "quantity"
unit = "kg"
possible = { low = 1, high = 500, source = "clinical: made up for this test" }
"""
EVERYBODY = 'plausible = [\n  { low = 1, high = 400, source = "clinical: made up for this test" },\n'


def test_a_small_catalogue_is_read():
    weight = read_entries(GOOD).measurements[0]

    assert weight.coding == Coding(WARDROUND, "weight")
    assert weight.possible == (1.0, 500.0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.replace("low = 1,", "low = 900,"), "low must be below high"),
        (lambda t: t.replace(', source = "clinical: made up for this test"', ""), "a source in words"),
        (lambda t: t.replace('unit = "kg"', ""), "a quantity needs a UCUM unit"),
        (lambda t: t.replace('kind = "quantity"', 'kind = "number"'), "kind is 'number'; it must be one of quantity"),
        (lambda t: t.replace('title = "Weight"', ""), "the title is missing"),
        (lambda t: t.replace('key = "weight"', 'key = "the weight"'), "a key is a name such as 'heart_rate'"),
        (lambda t: t + 'colour = "red"', "unknown field 'colour'"),
        (lambda t: t + GOOD, "the key is used twice"),
        (lambda t: t + 'coding = { system = "http://loinc.org", code = "1-1" }', "does not say where it was seen"),
        (lambda t: t + "resolution = 0", "resolution must be above 0"),
        (
            lambda t: t + 'plausible = { low = 0, high = 9, source = "clinical: no" }',
            "must lie inside the limits before",
        ),
        (
            lambda t: t + EVERYBODY + '  { from_years = 18, low = 0, high = 9, source = "clinical: no" },\n]',
            "18 years (male)",
        ),
        (lambda t: t + EVERYBODY + '  { low = 2, high = 9, source = "clinical: no" },\n]', "the others say for whom"),
        (
            lambda t: t + 'usual = { from_years = 2, low = 2, high = 9, source = "clinical: no" }',
            "the first of the usual limits is for everybody",
        ),
        (
            lambda t: t + EVERYBODY + '  { sex = "other", low = 2, high = 9, source = "clinical: no" },\n]',
            "plausible is for the sex 'other'; it must be one of male, female",
        ),
        (
            lambda t: (
                t + EVERYBODY + '  { from_years = 9, below_years = 3, low = 2, high = 9, source = "clinical: no" },\n]'
            ),
            "for an age from 9 to below 3",
        ),
        (
            lambda t: (
                t
                + EVERYBODY
                + '  { below_years = 5, low = 2, high = 9, source = "clinical: no" },\n'
                + '  { from_years = 4, low = 2, high = 9, source = "clinical: no" },\n]'
            ),
            "two of the plausible limits hold for the same patients",
        ),
        (
            lambda t: t + 'plausible = { low = 2, high = 9, until_years = 3, source = "clinical: no" }',
            "plausible has an unknown field 'until_years'",
        ),
        (
            lambda t: t + 'change = { day = 1.5, week = 1.4, month = 2, year = 3, source = "clinical: no" }',
            "in a longer time a value changes at least as far",
        ),
        (
            lambda t: t + 'change = { day = 0.5, week = 1.4, month = 2, year = 3, source = "clinical: no" }',
            "on the log scale a change is a factor above 1",
        ),
        (lambda t: t + "change = { day = 1.5, week = 1.6 }", "change needs day, week, month and year, and a source"),
        (lambda t: t + "plausible = []", "plausible needs a table, or a list of tables"),
        (lambda t: t + 'sexes = ["neither"]', "sexes is 'neither'; it must be one of male, female"),
        (lambda t: t + 'own_units = [{ unit = "g" }]', "own_units needs unit, factor, offset, and a source"),
        (lambda t: t + "[[weights]]", "unknown section 'weights'"),
        (lambda t: t + "[[", "The catalogue is not TOML"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused_with_a_sentence(change, sentence):
    with pytest.raises(CatalogueError, match=re.escape(sentence)):
        read_entries(change(GOOD))


def test_a_category_without_answers_is_refused():
    with pytest.raises(CatalogueError, match="a category, and only a category, lists its answers"):
        read_entries('[[measurement]]\nkey = "pain"\ntitle = "Pain"\nkind = "category"\n')


def test_every_measured_quantity_but_a_score_has_usual_values_to_weigh_slips_by():
    without = {m.key for m in CATALOGUE if m.kind == "quantity" and m.usual is None}

    assert all(CATALOGUE.by_key(key).unit == "{score}" for key in without - {"fluoroscopy_vessels"})


def test_what_is_asked_most_has_limits_of_change():
    changing = {m.key for m in CATALOGUE if m.changes}

    assert len(changing) >= 90
    assert changing >= {"creatinine", "hemoglobin", "sodium", "potassium", "platelets", "body_weight", "body_height"}
