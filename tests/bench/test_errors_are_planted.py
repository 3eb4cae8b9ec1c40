"""The injector: seeded, one error at a time, each with the truth behind it, and nothing that gives it away."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from wardround.bench.accuracy.charts import Chart, RecordSet, key_of, values_of
from wardround.bench.accuracy.injection import KINDS, inject, surroundings_of
from wardround.bench.accuracy.molar_masses import molar_mass, other_unit
from wardround.bench.accuracy.slips_of_records import another_id
from wardround.bench.accuracy.writing import tidy
from wardround.interchange.fhir.json import Number

TODAY = "2026-11-26"
LOINC = "http://loinc.org"
# code, unit, values of the five visits of a patient
MEASURED = (
    ("29463-7", "kg", ("71.3", "72.0", "71.8", "72.4", "71.9")),
    ("8302-2", "cm", ("171.2", "171.0", "171.3", "171.1", "171.2")),
    ("8331-1", "Cel", ("36.8", "37.1", "36.9", "38.2", "36.7")),
    ("2345-7", "mg/dL", ("91", "104", "98", "110", "94")),
    ("2160-0", "mg/dL", ("0.9", "1.0", "1.1", "0.9", "1.0")),
)
FEMALE, MALE = "Normal pregnancy", "Neoplasm of prostate"


def observation(patient, visit, code, unit, value):
    return {
        "resourceType": "Observation",
        "id": f"{patient}-{visit}-{code}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "encounter": {"reference": f"Encounter/{patient}-{visit}"},
        "effectiveDateTime": f"20{10 + visit}-03-0{visit + 1}T08:30:00Z",
        "valueQuantity": {"value": Number(value), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


def blood_pressure(patient, visit):
    panel = observation(patient, visit, "85354-9", "mm[Hg]", "0")
    del panel["valueQuantity"]
    return panel | {
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": {"value": Number(value), "unit": "mm[Hg]", "code": "mm[Hg]"},
            }
            for code, value in (("8462-4", f"8{visit}"), ("8480-6", f"12{visit}"))
        ]
    }


def encounter(patient, visit):
    day = f"20{10 + visit}-03-0{visit + 1}"
    return {
        "resourceType": "Encounter",
        "id": f"{patient}-{visit}",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": f"{day}T08:00:00Z", "end": f"{day}T09:00:00Z"},
    }


def condition(patient, display, *, visit):
    return {
        "resourceType": "Condition",
        "id": f"{patient}-{display.split()[0].lower()}",
        "clinicalStatus": {"coding": [{"code": "resolved"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": display}]},
        "subject": {"reference": f"Patient/{patient}"},
        "onsetDateTime": f"20{10 + visit}-05-01",
        "abatementDateTime": f"20{10 + visit}-07-01",
    }


def chart(number):
    patient = f"patient-{number}"
    sex = "female" if number % 2 else "male"
    person = {
        "resourceType": "Patient",
        "id": patient,
        "gender": sex,
        "birthDate": "1961-04-12",
        "deceasedDateTime": "2016-01-02",
    }
    records = [
        *(encounter(patient, visit) for visit in range(5)),
        *(
            observation(patient, visit, code, unit, values[(visit + number) % 5])
            for visit in range(5)
            for code, unit, values in MEASURED
        ),
        *(blood_pressure(patient, visit) for visit in range(5)),
        condition(patient, FEMALE if sex == "female" else MALE, visit=1),
        condition(patient, "Acute bronchitis", visit=2),
    ]
    return Chart(person, tuple(records))


@pytest.fixture(scope="module")
def records():
    return RecordSet(key="made", title="Made", charts=tuple(chart(number) for number in range(60)), rate=0.3)


@pytest.fixture(scope="module")
def injected(records):
    return inject(records, seed=1, today=TODAY)


def resources_of(records):
    return {key_of(resource): resource for chart in records.charts for resource in chart.everything()}


def test_the_same_seed_plants_the_same_errors_and_another_seed_others(records, injected):
    again = inject(records, seed=1, today=TODAY)
    other = inject(records, seed=2, today=TODAY)

    assert again == injected
    assert other[1] != injected[1]


def test_every_kind_that_these_records_have_room_for_is_planted(injected):
    _dirty, plants = injected

    planted = {plant.kind for plant in plants}

    # Nobody in these few charts has a value that another's slip could land on.
    assert {kind.name for kind in KINDS if kind.family != "history"} - {"history_ten_times"} <= planted


def test_every_planted_error_changes_its_record_and_no_other_record_changes(records, injected):
    dirty, plants = injected
    before, after = resources_of(records), resources_of(dirty)

    changed = {key for key, resource in after.items() if before.get(key) != resource}

    assert changed == {plant.resource for plant in plants}
    assert before.keys() <= after.keys()
    assert {key for key in after if key not in before} == {p.resource for p in plants if p.family == "duplicate"}


def test_the_clean_records_stay_as_they_are(records):
    before = repr(records)

    inject(records, seed=3, today=TODAY)

    assert repr(records) == before


def test_the_truth_of_every_wrong_value_is_what_stood_there(records, injected):
    _dirty, plants = injected
    truth = {
        value.place: value
        for chart in records.charts
        for resource in chart.records
        for value in values_of(resource, patient_id=chart.id)
    }

    wrong = [plant for plant in plants if plant.path.startswith("Observation")]

    assert wrong
    for plant in wrong:
        assert (plant.true, plant.true_unit) == (truth[plant.place].number, truth[plant.place].unit)
        assert plant.written != str(plant.true) or plant.kind == "without_unit"


def test_a_patient_has_at_most_one_error_a_day(records, injected):
    _dirty, plants = injected
    clean = resources_of(records)
    days = [
        (plant.patient_id, clean[original].get("effectiveDateTime", "")[:10])
        for plant in plants
        for original in [next(iter(plant.also), plant.resource) if plant.family == "duplicate" else plant.resource]
        if clean[original]["resourceType"] == "Observation"
    ]

    assert len(days) == len(set(days))


def test_a_chart_with_a_wrong_birth_date_or_sex_has_no_other_error(injected):
    _dirty, plants = injected
    whole = {plant.patient_id for plant in plants if plant.path.startswith("Patient")}

    assert whole
    for patient_id in whole:
        assert sum(plant.patient_id == patient_id for plant in plants) == 1


def test_nothing_in_a_record_says_that_it_was_changed(records, injected):
    dirty, plants = injected
    before, after = resources_of(records), resources_of(dirty)

    for plant in plants:
        resource = after[plant.resource]
        original = before.get(plant.resource) or before[next(iter(plant.also))]
        new_elements = resource.keys() - original.keys()
        assert new_elements <= {"valueString"}, plant.kind
        assert resource.get("meta") == original.get("meta")
        assert len(resource["id"]) <= len(original["id"]) + 2


def test_a_copy_gets_an_id_of_the_same_shape():
    dice = Random(1)

    assert another_id("mimic-lab-6298735", dice).startswith("mimic-lab-")
    assert len(another_id("mimic-lab-6298735", dice)) == len("mimic-lab-6298735")
    assert another_id("018f428e-34f6-4707-8009-5ad742f901e7", dice)[14] == "4"


def test_the_rate_bounds_how_much_is_wrong(records):
    few = replace(records, rate=0.02)

    _dirty, plants = inject(few, seed=1, today=TODAY)

    values = sum(len(list(values_of(r, patient_id=c.id))) for c in few.charts for r in c.records)
    assert 0 < len(plants) <= 0.02 * (values + 60 * 7) + 5


def _slip(name, code, number, unit, *, records, seed=1):
    around = surroundings_of(records.charts, today=TODAY)
    value = next(
        value
        for (_patient, coded), series in around.series.items()
        for value in series
        if coded == f"{LOINC}|{code}" and value.number == Decimal(number) and value.unit == unit
    )
    kind = next(kind for kind in KINDS if kind.name == name)
    written = kind.to_value(value, around, Random(seed))
    return written.text


@pytest.mark.parametrize(
    ("name", "code", "number", "unit", "written"),
    [
        ("ten_times", "2345-7", "91", "mg/dL", "910"),
        ("a_tenth", "2160-0", "0.9", "mg/dL", "0.09"),
        ("hundred_times", "29463-7", "71.3", "kg", "7130"),
        ("negative", "2345-7", "104", "mg/dL", "-104"),
        ("letter_for_zero", "2345-7", "104", "mg/dL", "1O4"),
        ("pounds_as_kilograms", "29463-7", "72.0", "kg", "159"),  # 158.73 lb
        ("inches_as_centimetres", "8302-2", "171.2", "cm", "67.4"),  # 67.40 in
        ("metres_as_centimetres", "8302-2", "171.2", "cm", "1.712"),
        ("fahrenheit_as_celsius", "8331-1", "36.8", "Cel", "98.2"),  # 98.24 F
        ("substance_as_mass", "2345-7", "91", "mg/dL", "5.05"),  # 91 mg/dL of 180.156 g/mol are 5.051 mmol/L
        ("mass_as_substance", "2160-0", "0.9", "mg/dL", "0.9 umol/L"),
    ],
)
def test_slips_give_the_number_worked_by_hand(records, name, code, number, unit, written):
    assert _slip(name, code, number, unit, records=records) == written


def test_molar_masses_are_those_of_the_formulas():
    assert molar_mass("C6H12O6") == Decimal("180.156")
    assert molar_mass("C4H7N3O") == pytest.approx(Decimal("113.12"), abs=Decimal("0.01"))
    unit, factor = other_unit(f"{LOINC}|2160-0")
    assert (unit, round(float(factor), 1)) == ("umol/L", 88.4)


@pytest.mark.parametrize(
    ("number", "like", "tidied"),
    [("5.05096", "91", "5.05"), ("158.7329", "72.0", "159"), ("67.4015", "171.2", "67.40"), ("0", "1", "0")],
)
def test_a_converted_number_has_the_digits_of_the_one_it_came_from(number, like, tidied):
    assert tidy(Decimal(number), like=Decimal(like)) == Decimal(tidied)
