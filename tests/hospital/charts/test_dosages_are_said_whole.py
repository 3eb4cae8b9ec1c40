"""A dosage in words: nothing of it is left out, and what must not be given is not shown as if it should be."""

import pytest

from wardround.hospital.charts.dosage import dose_of, instruction_of, whole_dosage


def repeat(**elements: object) -> dict[str, object]:
    return {"timing": {"repeat": elements}}


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        (repeat(frequency=1, period=1, periodUnit="d"), "once a day"),
        (repeat(frequency=2, period=1, periodUnit="d"), "2 times a day"),
        (repeat(period=8, periodUnit="h"), "every 8 hours"),
        (repeat(period=4, periodMax=6, periodUnit="h"), "every 4 – 6 hours"),
        (repeat(frequency=2, period=3, periodUnit="wk"), "2 times every 3 weeks"),
        (repeat(frequency=1, period=1, periodUnit="d", when=["HS"]), "once a day, before sleep"),
        (repeat(dayOfWeek=["mon", "thu"], timeOfDay=["08:00:00"]), "on Mondays, on Thursdays, at 08:00"),
        (
            repeat(frequency=3, period=1, periodUnit="d", boundsDuration={"value": 7, "code": "d", "unit": "days"}),
            "3 times a day, for 7 days",
        ),
        ({"text": "one in the morning"}, "one in the morning"),
        ({"text": "as told", "additionalInstruction": [{"text": "With food"}]}, "as told, With food"),
        (
            {
                "asNeededCodeableConcept": {"text": "pain"},
                "maxDosePerPeriod": {
                    "numerator": {"value": 4, "unit": "g"},
                    "denominator": {"value": 24, "unit": "h"},
                },
            },
            "when needed: pain, at most 4 g in 24 h",
        ),
    ],
)
def test_how_often_when_and_how_long(dosage, words):
    assert instruction_of(dosage) == words


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        ({"doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg"}}]}, "500 mg"),
        (
            {"doseAndRate": [{"doseRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "g"}}}]},
            "1 – 2 g",
        ),
        (
            {"doseAndRate": [{"doseRange": {"low": {"value": 500, "unit": "mg"}, "high": {"value": 1, "unit": "g"}}}]},
            "500 mg – 1 g",
        ),
        ({"doseAndRate": [{"rateQuantity": {"value": 10, "unit": "mL/h"}}]}, "10 mL/h"),
        (
            {
                "dose": {"value": 1, "unit": "L"},
                "rateRatio": {"numerator": {"value": 100, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}},
            },
            "1 L, 100 mL in 1 h",
        ),
    ],
)
def test_how_much_and_how_fast(dosage, words):
    assert dose_of(dosage) == words


def test_a_range_of_two_units_keeps_both():
    dosage = {"doseAndRate": [{"doseRange": {"low": {"value": 500, "unit": "mg"}, "high": {"value": 1, "unit": "g"}}}]}

    assert "500 mg" in whole_dosage(dosage)


@pytest.fixture
def make_medicine(make_patient, make_resource):
    def make(type_name: str = "MedicationRequest", **elements: object) -> str:
        patient = make_patient()
        stated = {"status": "active", "medicationCodeableConcept": {"text": "Prednisolone"}}
        intent = {"intent": "order"} if type_name == "MedicationRequest" else {}
        make_resource(type_name, subject={"reference": f"Patient/{patient}"}, **{**stated, **intent, **elements})
        return patient

    return make


@pytest.mark.django_db
def test_a_dose_that_is_reduced_step_by_step_says_each_step(make_medicine, text_of, nurse):
    steps = [
        {"doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}], "text": f"week {week}"}
        for week, dose in ((1, 40), (2, 20))
    ]

    text = text_of(nurse, f"/patients/{make_medicine(dosageInstruction=steps)}/medicines/")

    assert "<b>40 mg</b>" in text
    assert "20 mg — week 2" in text


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["", "medicines/", "print/"])
def test_what_must_not_be_given_says_so_in_red(page, make_medicine, text_of, nurse):
    text = text_of(nurse, f"/patients/{make_medicine(doNotPerform=True)}/{page}")

    assert '<span class="flag high">Do not give</span>' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("elements", "word"), [({"intent": "proposal"}, "Proposed"), ({"intent": "plan"}, "Planned"), ({"status": "draft"}, "Draft")]
)  # fmt: skip
def test_what_is_not_ordered_yet_is_not_among_the_current_medicines(elements, word, make_medicine, text_of, nurse):
    text = text_of(nurse, f"/patients/{make_medicine(**elements)}/medicines/")

    assert ">Current</h2>" not in text
    assert ">Not ordered yet</h2>" in text
    assert f">{word}</span>" in text


@pytest.mark.django_db
def test_a_medicine_that_was_taken_until_a_day_says_until_when(make_medicine, text_of, nurse):
    patient = make_medicine("MedicationStatement", effectivePeriod={"start": "2020-01-02", "end": "2020-02-03"})

    assert "since 02-Jan-2020 · until 03-Feb-2020" in text_of(nurse, f"/patients/{patient}/medicines/")
