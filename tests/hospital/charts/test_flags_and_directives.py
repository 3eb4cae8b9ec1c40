"""Active flags and what a patient has decided in advance are seen on the summary and on paper; nothing that is over is."""

import pytest

pytestmark = pytest.mark.django_db
TERMS = "http://terminology.hl7.org/CodeSystem/"


def code(system: str, value: str, display: str) -> dict[str, object]:
    return {"coding": [{"system": f"{TERMS}{system}", "code": value, "display": display}]}


@pytest.fixture
def flagged(make_patient, make_resource):
    def make(**elements: object) -> str:
        patient = make_patient()
        stated = {"status": "active", "code": {"text": "High risk of falls"}, **elements}
        make_resource("Flag", subject={"reference": f"Patient/{patient}"}, **stated)
        return patient

    return make


@pytest.fixture
def consented(make_patient, make_resource):
    def make(scope: str, category: str, *, system: str = "consentcategorycodes", **elements: object) -> str:
        patient = make_patient()
        stated = {
            "status": "active",
            "scope": code("consentscope", scope, "Scope"),
            "category": [code(system, category, f"The {category} form")],
            "policyRule": {"text": "Hospital policy"},
            "dateTime": "2025-06-01",
            **elements,
        }
        make_resource("Consent", patient={"reference": f"Patient/{patient}"}, **stated)
        return patient

    return make


@pytest.mark.parametrize("page", ["", "print/"])
def test_an_active_flag_is_seen_with_its_kind(page, flagged, text_of, nurse):
    patient = flagged(category=[code("flag-category", "safety", "Safety")], period={"start": "2026-01-02"})

    text = text_of(nurse, f"/patients/{patient}/{page}")

    assert '<span class="flag high">Safety</span> <b>High risk of falls</b>' in text
    assert "since 02-Jan-2026" in text


def test_a_flag_of_another_kind_does_not_shout(flagged, text_of, nurse):
    patient = flagged(category=[code("flag-category", "admin", "Administrative")])

    text = text_of(nurse, f"/patients/{patient}/")

    assert '<span class="flag held">Administrative</span> <b>High risk of falls</b>' in text


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "inactive"},
        {"status": "entered-in-error"},
        {"period": {"end": "2020-01-01"}},
        {"period": {"start": "2999-01-01"}},
    ],
)
def test_a_flag_that_is_not_in_force_is_not_on_the_summary(elements, flagged, text_of, nurse):
    assert "High risk of falls" not in text_of(nurse, f"/patients/{flagged(**elements)}/")


@pytest.mark.parametrize(("scope", "category"), [("adr", "acd"), ("treatment", "dnr"), ("patient-privacy", "polst")])
def test_an_advance_directive_is_seen_first(scope, category, consented, text_of, nurse):
    text = text_of(nurse, f"/patients/{consented(scope, category)}/")

    assert f'<span class="flag high">Advance directive</span> <b>The {category} form</b>' in text
    assert text.index("Advance directive</span>") < text.index("Vital signs</h2>")


def test_what_a_patient_refuses_is_said(consented, text_of, nurse):
    refused = {"type": "deny", "code": [{"text": "Blood transfusion"}]}

    text = text_of(nurse, f"/patients/{consented('treatment', 'research', provision=refused)}/")

    assert "refused: Blood transfusion" in text


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"])
def test_a_directive_that_is_not_active_is_not_on_the_summary(status, consented, text_of, nurse):
    assert "Advance directive" not in text_of(nurse, f"/patients/{consented('adr', 'acd', status=status)}/")


def test_what_a_patient_excepts_from_a_refusal_is_said_with_it(consented, text_of, nurse):
    excepted = {"type": "permit", "code": [{"text": "Albumin"}]}
    refused = {"type": "deny", "code": [{"text": "Blood products"}], "provision": [excepted]}

    text = text_of(nurse, f"/patients/{consented('treatment', 'research', provision=refused)}/")

    assert text.index("refused: Blood products") < text.index("agreed: Albumin")


@pytest.mark.parametrize("period", [{"end": "2020-01-01"}, {"start": "2999-01-01"}])
def test_a_directive_of_another_time_is_not_on_the_summary(period, consented, text_of, nurse):
    patient = consented("adr", "acd", provision={"period": period})

    assert "Advance directive" not in text_of(nurse, f"/patients/{patient}/")


def test_a_code_of_another_system_makes_no_directive(consented, text_of, nurse):
    patient = consented("patient-privacy", "acd", system="of-others")

    assert "The acd form" not in text_of(nurse, f"/patients/{patient}/")


def test_a_consent_to_share_data_is_no_directive_and_stands_in_the_whole_record(consented, text_of, nurse):
    patient = consented("patient-privacy", "npp")

    assert "The npp form" not in text_of(nurse, f"/patients/{patient}/")
    assert "The npp form" in text_of(nurse, f"/patients/{patient}/everything/")
