"""Family history: relation, what they had, at what age, and whether they are alive; on the problems page, summary and paper."""

import pytest

pytestmark = pytest.mark.django_db
UCUM = "http://unitsofmeasure.org"


def years(value: int) -> dict[str, object]:
    return {"value": value, "unit": "years", "system": UCUM, "code": "a"}


@pytest.fixture
def make_relative(make_patient, make_resource):
    def make(relation: str, *, patient: str = "", **elements: object) -> str:
        whose = patient or make_patient()
        stated = {"status": "completed", "relationship": {"text": relation}, "date": "2019-05-02"}
        make_resource("FamilyMemberHistory", patient={"reference": f"Patient/{whose}"}, **{**stated, **elements})
        return whose

    return make


@pytest.mark.parametrize("page", ["", "problems/", "print/"])
def test_a_relative_stands_with_condition_age_at_onset_and_death(page, make_relative, text_of, nurse):
    conditions = [
        {"code": {"text": "Breast cancer"}, "onsetAge": years(45), "outcome": {"text": "Remission"}},
        {"code": {"text": "Stroke"}, "onsetAge": years(72), "contributedToDeath": True},
    ]
    patient = make_relative("Mother", condition=conditions, deceasedAge=years(72))

    text = text_of(nurse, f"/patients/{patient}/{page}")

    assert '<b>Mother</b> <span class="muted">deceased, at 72 years</span>' in text
    assert 'Breast cancer <span class="muted">at 45 years · Remission</span>' in text
    assert 'Stroke <span class="muted">at 72 years · cause of death</span>' in text


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedDate": "1999"}, "deceased, 1999"),
        ({"deceasedString": "in the war"}, "deceased, in the war"),
        ({"deceasedRange": {"low": years(60), "high": years(70)}}, "deceased, at 60 years – 70 years"),
        ({"deceasedBoolean": False, "ageAge": years(1)}, "alive · 1 year"),
        ({"ageAge": years(63), "estimatedAge": True}, "about 63 years"),
        ({"bornDate": "1930-04"}, "born Apr-1930"),
        ({"ageAge": {"value": 8, "system": UCUM, "code": "mo", "unit": "months"}}, "8 months"),
    ],
)
def test_how_old_a_relative_is_or_became(elements, words, make_relative, text_of, nurse):
    text = text_of(nurse, f"/patients/{make_relative('Brother', **elements)}/problems/")

    assert f'<span class="muted">{words}</span>' in text


def test_what_is_not_known_of_a_relative_is_said(make_relative, text_of, nurse):
    patient = make_relative("Father", status="health-unknown")

    assert "Health not known</span>" in text_of(nurse, f"/patients/{patient}/problems/")


def test_what_was_entered_in_error_is_no_relative(make_relative, text_of, nurse):
    patient = make_relative("Father", status="entered-in-error")

    assert "<b>Father</b>" not in text_of(nurse, f"/patients/{patient}/problems/")
    assert "No family history is recorded." in text_of(nurse, f"/patients/{patient}/problems/")
    assert "Family history" not in text_of(nurse, f"/patients/{patient}/").partition("<main")[2]
