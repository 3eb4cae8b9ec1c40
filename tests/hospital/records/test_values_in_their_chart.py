"""A value is judged beside what the chart holds: values of its moment, and the nearest before and after it, however they came."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from wardround.hospital.records.actions.drafts import store_drafts
from wardround.hospital.records.chart_context import Charts
from wardround.hospital.records.models import StandardValue
from wardround.hospital.records.origin import Origin
from wardround.interchange.draft import Draft, Source
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
CREATININE, UREA, POTASSIUM = "2160-0", "3094-0", "2823-3"
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def held() -> list[tuple[str, float, float | None]]:
    rows = StandardValue.objects.filter(is_held=True, is_current=True).order_by("time")
    return [(row.finding, row.value_number, row.suggestion) for row in rows]


@pytest.fixture
def creatinine(make_observation):
    def measure(patient_id, number, value):
        make_observation(patient_id, loinc=CREATININE, value=value, unit="mg/dL", time=day(number))

    return measure


def test_a_slip_that_is_plausible_alone_is_held_by_what_was_stored_before(make_patient, creatinine):
    patient_id = make_patient()
    for number, value in enumerate([1.0, 1.1, 1.0]):
        creatinine(patient_id, number, value)

    creatinine(patient_id, 4, 11)

    assert held() == [("decimal_slip", 11, 1.1)]


def test_an_older_value_that_arrives_late_is_judged_by_the_newer_ones(make_patient, creatinine):
    patient_id = make_patient()
    for number, value in ((5, 1.0), (6, 1.1), (7, 1.0)):
        creatinine(patient_id, number, value)

    creatinine(patient_id, 4, 11)

    assert held() == [("decimal_slip", 11, 1.1)]


def test_another_patients_values_say_nothing(make_patient, creatinine):
    for number, value in enumerate([1.0, 1.1, 1.0]):
        creatinine(make_patient(), number, value)

    creatinine(make_patient(), 4, 11)

    assert held() == []


def test_in_a_chart_that_comes_whole_only_the_slip_is_held(make_patient):
    patient_id = make_patient()
    values = [1.0, 1.1, 11, 1.2, 1.1]
    message = [
        {
            "resourceType": "Observation",
            "identifier": [{"system": "urn:order", "value": f"order-{number}"}],
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": CREATININE}]},
            "subject": {"reference": f"Patient/{patient_id}"},
            "effectiveDateTime": day(number),
            "valueQuantity": {"value": value, "unit": "mg/dL"},
        }
        for number, value in enumerate(values)
    ]
    origin = Origin(actor=system_actor("tests"), activity="import", batch="b1")

    store_drafts([Draft(tuple(message), Source("file", "message 1", b"raw"))], origin=origin)

    assert held() == [("decimal_slip", 11, 1.1)]


def test_a_held_value_says_nothing_to_the_next(make_patient, creatinine):
    patient_id = make_patient()
    for number, value in enumerate([1.0, 1.1, 1.0]):
        creatinine(patient_id, number, value)
    creatinine(patient_id, 4, 11)

    creatinine(patient_id, 5, 10.5)
    creatinine(patient_id, 6, 1.1)

    assert [value for _finding, value, _suggestion in held()] == [11, 10.5]


def test_a_sibling_that_was_stored_before_is_looked_at(make_patient, make_observation):
    patient_id = make_patient()
    for loinc, value, unit in (("718-7", 14.1, "g/dL"), ("789-8", 4.7, "10*6/uL"), ("787-2", 89.4, "fL")):
        make_observation(patient_id, loinc=loinc, value=value, unit=unit)

    make_observation(patient_id, loinc="4544-3", value=4.2, unit="%")

    assert held() == [("decimal_slip", 4.2, 42)]


def test_a_prostate_antigen_in_a_womans_chart_is_held(make_patient, make_observation):
    make_observation(make_patient(gender="female"), loinc="2857-1", value=2.1, unit="ng/mL")

    assert held() == [("wrong_sex", 2.1, None)]


def test_a_long_chart_costs_no_more_questions_and_no_more_rows_than_a_short_one(make_patient, creatinine):
    patient_id = make_patient()
    for number in range(30):
        creatinine(patient_id, number, 1 + 0.01 * (number % 5))

    charts = Charts()
    with CaptureQueriesContext(connection) as asked:
        charts.read([patient_id], measurements=["creatinine"], times=[FIRST + timedelta(days=15.5)], without=[])
    seen = charts.around(
        StandardValue(patient_id=patient_id, measurement="creatinine", time=FIRST + timedelta(days=15.5))
    )

    assert len(asked) == 2
    assert len(seen.history) == 20
    assert (seen.history[0][0], seen.history[-1][0]) == (-9.5, 9.5)
