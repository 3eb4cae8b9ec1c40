"""An allergy; or "no known allergies", which is said by somebody who asked."""

import pytest
from statements import Statement, bodies, said

from wardround.hospital.records.models import Resource

pytestmark = pytest.mark.django_db
PENICILLIN = {
    "kind": "allergy",
    "substance_text": "Penicillin",
    "category": "medication",
    "criticality": "high",
    "reaction": "anaphylaxis",
    "severity": "severe",
    "certainty": "confirmed",
}


@pytest.fixture
def allergy(as_client, nurse, make_patient):
    return Statement(as_client(nurse), make_patient(), "allergy")


def test_an_allergy_is_stored_with_what_happened(allergy):
    assert allergy.saved(**PENICILLIN).status_code == 302

    (body,) = bodies(allergy.patient_id, "AllergyIntolerance")
    assert body["code"] == {"text": "Penicillin"}
    assert (body["category"], body["criticality"]) == (["medication"], "high")
    assert body["reaction"] == [{"manifestation": [{"text": "anaphylaxis"}], "severity": "severe"}]
    assert body["patient"] == {"reference": f"Patient/{allergy.patient_id}"}


def test_no_known_allergies_is_recorded_as_such(allergy):
    assert allergy.saved(kind="none").status_code == 302

    (body,) = bodies(allergy.patient_id, "AllergyIntolerance")
    assert body["code"]["text"] == "No known allergies"
    assert body["code"]["coding"] == [{"system": "http://snomed.info/sct", "code": "716186003"}]
    assert body["recorder"]["display"] == "n.horvath"


def test_a_later_allergy_ends_that_there_was_none(allergy):
    allergy.saved(kind="none")
    allergy.saved(**PENICILLIN)

    versions = [b for b in bodies(allergy.patient_id, "AllergyIntolerance") if "coding" in b["code"]]
    assert [b["clinicalStatus"]["coding"][0]["code"] for b in versions] == ["active", "resolved"]


def test_that_there_was_none_does_not_come_back_when_the_allergy_was_an_error(allergy):
    allergy.saved(kind="none")
    assert "No known allergies" in said(allergy.client.get(f"/patients/{allergy.patient_id}/"))
    allergy.saved(**PENICILLIN)
    rid = Resource.objects.filter(type="AllergyIntolerance").latest("pk").logical_id
    address = f"/patients/{allergy.patient_id}/correct/AllergyIntolerance/{rid}/"
    allergy.client.post(address, {"withdraw": "1", "version": "1", "why_error": "another patient"})

    assert "Not asked yet" in said(allergy.client.get(f"/patients/{allergy.patient_id}/"))


def test_none_known_is_refused_while_one_is_recorded(allergy):
    allergy.saved(**PENICILLIN)

    answer = allergy.saved(kind="none")

    assert "An allergy is recorded: Penicillin." in said(answer)
    assert len(bodies(allergy.patient_id, "AllergyIntolerance")) == 1


def test_the_same_allergy_is_pointed_out_whatever_its_case(allergy):
    allergy.saved(**PENICILLIN)

    asked = allergy.saved(**{**PENICILLIN, "substance_text": "PENICILLIN"})

    assert "Already recorded on" in said(asked)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "Say what is recorded"),
        ({"substance_text": ""}, "Write what causes it"),
        ({"reaction": ""}, "Write what the reaction was"),
        ({"onset": "2150"}, "This lies in the future"),
        ({"onset": "1916"}, "This lies before the patient was born"),
        ({"criticality": "huge"}, "Choose one of those that are offered"),
    ],
)
def test_what_cannot_be_true_is_not_saved(allergy, typed, sentence):
    assert sentence in said(allergy.saved(**{**PENICILLIN, **typed}))
    assert bodies(allergy.patient_id, "AllergyIntolerance") == []
