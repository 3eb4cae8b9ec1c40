"""Laboratory results: the latest with the one before on the summary, all of them in time on their page."""

import pytest

from wardround.hospital.records.models import StandardValue

pytestmark = pytest.mark.django_db
CHOLESTEROL = "2093-3"


def test_the_summary_has_the_previous_value_with_its_date(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc=CHOLESTEROL, value=180, unit="mg/dL", time="2026-03-01T08:00:00Z")
    make_observation(patient, loinc=CHOLESTEROL, value=240, unit="mg/dL", time="2026-03-04T08:00:00Z")

    row = text_of(nurse, f"/patients/{patient}/").partition("Total cholesterol")[2].partition("</tr>")[0]

    assert '<span class="value high">240</span>' in row
    assert "180" in row
    assert "01-Mar-2026" in row


def test_a_held_value_is_nothing_to_compare_with(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc=CHOLESTEROL, value=24000, unit="mg/dL", time="2026-03-01T08:00:00Z")
    make_observation(patient, loinc=CHOLESTEROL, value=240, unit="mg/dL", time="2026-03-04T08:00:00Z")
    assert StandardValue.objects.filter(is_held=True).count() == 1

    cells = text_of(nurse, f"/patients/{patient}/").partition('<td class="number muted wide before">')[2]

    assert cells.partition("</td>")[0].strip() == ""


def test_older_results_are_a_page_away_and_keep_their_flags(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    for day in range(1, 10):
        value = 240 if day == 1 else 150
        make_observation(patient, loinc=CHOLESTEROL, value=value, unit="mg/dL", time=f"2026-03-{day:02}T08:00:00Z")

    newest, older = (text_of(nurse, f"/patients/{patient}/laboratory/{asked}") for asked in ("", "?start=7"))

    assert "Times 1 to 7 of 9" in newest
    assert ">240<" not in newest
    assert '<span class="value high">240</span>' in older
    assert "?start=0" in older


def test_an_amended_result_shows_the_old_one_struck_through(as_client, doctor, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc=CHOLESTEROL, value=2400, unit="mg/dL")
    held = StandardValue.objects.get(is_held=True)
    as_client(doctor).post(f"/patients/{patient}/values/{held.pk}/", {"decision": "accept"})

    text = as_client(doctor).get(f"/patients/{patient}/laboratory/").content.decode()

    assert '<span class="value high">240</span>' in text
    assert "<s>2400</s>" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"valueString": "trace"}, "trace"),
        ({"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg/L"}}, "&lt; 5 mg/L"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 3}}}, "1 – 3"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1 : 128"),
        ({"dataAbsentReason": {"text": "Haemolysed"}}, "Haemolysed"),
    ],
)
def test_what_is_no_single_number_is_shown_as_received(value, shown, text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "Observation",
        status="final",
        subject={"reference": f"Patient/{patient}"},
        code={"text": "Protein in urine"},
        **value,
    )

    text = text_of(nurse, f"/patients/{patient}/laboratory/")

    assert "Protein in urine" in text
    assert shown in text


def test_a_result_without_a_time_is_not_lost(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "Observation",
        status="final",
        subject={"reference": f"Patient/{patient}"},
        code={"coding": [{"system": "http://loinc.org", "code": CHOLESTEROL}]},
        valueQuantity={"value": 150, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
    )

    assert "Results without a time" in text_of(nurse, f"/patients/{patient}/laboratory/")
