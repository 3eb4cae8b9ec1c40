"""The held-out forms of errors: seeded, each with the truth behind it, never what stood there, and by code that knows no rule."""

import ast
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from wardround.bench.accuracy import held_out
from wardround.bench.accuracy.charts import Chart, RecordSet, key_of, values_of
from wardround.bench.accuracy.forms import FORMS
from wardround.bench.accuracy.held_out.kinds import HELD_OUT
from wardround.bench.accuracy.injection import KINDS, inject, surroundings_of
from wardround.interchange.fhir.json import Number

TODAY = "2026-11-26"
LOINC = "http://loinc.org"
# code, unit, values of the five visits of a patient
MEASURED = (
    ("29463-7", "kg", ("71.3", "72.0", "71.8", "72.4", "71.9")),
    ("8302-2", "cm", ("180.3", "180.0", "180.3", "180.1", "180.2")),
    ("8331-1", "Cel", ("36.8", "37.1", "36.9", "38.2", "36.7")),
    ("2345-7", "mg/dL", ("91", "104", "98", "110", "94")),
    ("2160-0", "mg/dL", ("0.9", "1.05", "1.1", "0.9", "1.05")),
    ("3094-0", "mg/dL", ("14", "15", "13", "14", "16")),
    ("2000-8", "mg/dL", ("9.4", "9.5", "9.2", "9.3", "9.6")),
    ("718-7", "g/dL", ("14.2", "14.5", "13.9", "14.0", "14.4")),
    ("4548-4", "%", ("5.6", "5.7", "5.5", "5.9", "5.8")),
    ("777-3", "10*3/uL", ("251", "240", "263", "255", "248")),
    ("8480-6", "mm[Hg]", ("121", "125", "118", "130", "127")),
    ("2532-0", "U/L", ("1202", "1180", "1210", "1195", "1220")),
    ("32693-4", "mmol/L", ("1.2", "1.1", "1.3", "1.2", "1.4")),
)
FEMALE, MALE = "Normal pregnancy", "Neoplasm of prostate"


def about(patient, kind, identity, **more):
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": kind, "id": f"{patient}-{identity}", "subject": subject, **more}


def observation(patient, visit, code, unit, value, *, display="", day=20):
    time = f"20{10 + visit}-01-{day + visit}T08:30:00Z"
    return about(
        patient,
        "Observation",
        f"{visit}-{code}",
        status="final",
        code={"coding": [{"system": LOINC, "code": code, "display": display}]},
        encounter={"reference": f"Encounter/{patient}-{visit}"},
        effectiveDateTime=time,
        issued=time,
        valueQuantity={"value": Number(value), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    )


def chart(number):
    patient, sex = f"patient-{number}", "female" if number % 2 else "male"
    records = []
    for visit in range(5):
        day = f"20{10 + visit}-01-{20 + visit}"
        records.append(
            about(
                patient,
                "Encounter",
                visit,
                status="finished",
                type=[{"text": "Prenatal visit" if sex == "female" else "Check up"}],
                period={"start": f"{day}T08:00:00Z", "end": f"{day}T09:00:00Z"},
            )
        )
        for code, unit, values in MEASURED:
            records.append(observation(patient, visit, code, unit, values[(visit + number) % 5]))
        drug = "Trinessa 28 Day Pack" if sex == "female" else "Simvastatin 10 MG"
        records.append(
            about(
                patient, "MedicationRequest", f"drug{visit}", authoredOn=day, medicationCodeableConcept={"text": drug}
            )
        )
    if sex == "male":
        records.append(observation(patient, 1, "2857-1", "ng/mL", "2.1", display="Prostate specific Ag"))
    name = FEMALE if sex == "female" else MALE
    records.append(
        about(
            patient,
            "Condition",
            "one",
            code={"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": name}]},
            onsetDateTime="2011-05-01",
            abatementDateTime="2011-07-01",
        )
    )
    person = {"resourceType": "Patient", "id": patient, "gender": sex, "birthDate": "1971-04-12"}
    return Chart(person | {"deceasedDateTime": "2014-06-02"}, tuple(records))


@pytest.fixture(scope="module")
def records():
    return RecordSet(key="made", title="Made", charts=tuple(chart(number) for number in range(30)), rate=0.3)


@pytest.fixture(scope="module")
def injected(records):
    return inject(records, seed=1, today=TODAY, kinds=HELD_OUT)


def resources_of(records):
    return {key_of(resource): resource for chart in records.charts for resource in chart.everything()}


def test_the_same_seed_plants_the_same_errors_and_another_seed_others(records, injected):
    assert inject(records, seed=1, today=TODAY, kinds=HELD_OUT) == injected
    assert inject(records, seed=2, today=TODAY, kinds=HELD_OUT)[1] != injected[1]


def test_no_held_out_form_is_a_known_one_and_the_known_ones_are_the_default():
    assert not {kind.name for kind in HELD_OUT} & {kind.name for kind in KINDS}
    assert len({kind.name for kind in HELD_OUT}) == len(HELD_OUT)
    assert FORMS == {"known": KINDS, "held-out": HELD_OUT}


def test_every_class_of_gross_errors_and_the_history_have_held_out_forms(injected):
    families = {plant.family for plant in injected[1]}

    assert families == {"decimal", "unit", "impossible", "date", "sex", "history", "digits"}


def test_every_planted_error_changes_its_record_and_no_other_record_changes(records, injected):
    dirty, plants = injected
    before, after = resources_of(records), resources_of(dirty)

    assert {key for key, resource in after.items() if before.get(key) != resource} == {p.resource for p in plants}
    added = {plant.resource for plant in plants if plant.kind == "filed_in_another_chart"}
    assert after.keys() - before.keys() == added
    assert before.keys() <= after.keys()


def test_the_truth_of_every_wrong_value_is_what_stood_there(records, injected):
    truth = {
        value.place: value
        for chart in records.charts
        for resource in chart.records
        for value in values_of(resource, patient_id=chart.id)
    }
    wrong = [plant for plant in injected[1] if plant.path.startswith("Observation")]

    assert wrong
    for plant in wrong:
        assert (plant.true, plant.true_unit) == (truth[plant.place].number, truth[plant.place].unit)
        assert plant.written != str(plant.true)


@pytest.fixture(scope="module")
def around(records):
    return surroundings_of(records.charts, today=TODAY)


def _slip(name, code, number, *, around):
    value = next(
        value
        for (_patient, coded), series in around.series.items()
        for value in series
        if coded == f"{LOINC}|{code}" and value.number == Decimal(number)
    )
    written = next(kind for kind in HELD_OUT if kind.name == name).to_value(value, around, Random(1))
    return written and written.text


@pytest.mark.parametrize(
    ("name", "code", "number", "written"),
    [
        ("point_lost", "718-7", "14.2", "142"),
        ("thousands_as_point", "2532-0", "1202", "1.202"),
        ("a_hundredth", "8331-1", "36.8", "0.368"),
        ("leading_digit_lost", "8480-6", "121", "21"),
        ("trailing_digit_lost", "8480-6", "121", "12"),
        ("zero_inside", "3094-0", "14", "104"),
        ("minus_one", "2345-7", "91", "-1"),
        ("zero", "2345-7", "91", "0"),
        ("clock_time", "2345-7", "91", "830"),  # 08:30
        ("spreadsheet_date", "4548-4", "5.6", "40334"),  # 5 June 2010 is day 40,334 of the spreadsheet
        ("stones", "29463-7", "71.3", "11.2"),  # 157.19 lb of 14 to the stone
        ("grams", "29463-7", "71.3", "71300"),
        ("kilograms_labelled_pounds", "29463-7", "71.3", "71.3 [lb_av]"),
        ("feet", "8302-2", "180.3", "5.915"),
        ("feet_and_inches", "8302-2", "180.3", "511"),  # 70.98 in are 5 ft 11 in
        ("millimetres", "8302-2", "180.3", "1803"),
        ("kilopascals", "8480-6", "121", "16.1"),  # 121 x 0.133322
        ("fraction_as_percent", "4548-4", "5.6", "0.056"),
        ("counts_times_thousand", "777-3", "251", "251000"),
        ("hba1c_in_mmol_per_mol", "4548-4", "5.6", "37.7"),  # NGSP's table: 5.6 % are 38 mmol/mol
        ("urea_for_its_nitrogen", "3094-0", "14", "30.0"),  # x 60.056 / 28.014
        ("milliequivalents_as_mass", "2000-8", "9.4", "4.69"),  # x 2 x 10 / 40.078
        ("mass_beside_millimoles", "32693-4", "1.2", "10.8"),  # x 9.0078
        ("haemoglobin_in_millimoles", "718-7", "14.2", "8.81"),  # x 0.62056
        ("other_prefix", "2160-0", "0.9", "0.0796"),  # 79.6 umol/L
    ],
)
def test_held_out_slips_give_the_number_worked_by_hand(around, name, code, number, written):
    text = _slip(name, code, number, around=around)

    assert Decimal(text.split()[0]) == Decimal(written.split()[0])
    assert text.split()[1:] == written.split()[1:]


def test_the_held_out_package_imports_neither_the_rules_nor_the_hospital():
    for file in Path(held_out.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith(("wardround.clinical", "wardround.hospital")) for name in named), file.name
