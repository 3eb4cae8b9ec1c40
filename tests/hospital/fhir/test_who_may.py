"""Allowed, wrong role, stranger, signed out; and what a token's scopes open."""

import json

import pytest
from django.test import Client

from wardround.web.audit.models import AuditEvent


@pytest.fixture
def addresses(make_patient, make_observation):
    patient_id = make_patient()
    observation_id = make_observation(patient_id, loinc="8480-6", value=120, unit="mm[Hg]")
    return [
        f"/fhir/R4/Patient/{patient_id}",
        f"/fhir/R4/Patient/{patient_id}/_history",
        f"/fhir/R4/Patient/{patient_id}/_history/1",
        f"/fhir/R4/Observation/{observation_id}",
        "/fhir/R4/Patient?name=kov",
        f"/fhir/R4/Observation?patient={patient_id}",
    ]


@pytest.mark.parametrize("role", ["nurse", "doctor", "steward"])
def test_who_sees_charts_reads_and_searches(as_client, addresses, request, role):
    client = as_client(request.getfixturevalue(role))

    assert {client.get(address).status_code for address in addresses} == {200}


def test_a_stranger_reads_and_finds_nothing_and_the_refusal_is_audited(as_client, addresses, stranger):
    client = as_client(stranger)

    answers = [client.get(address) for address in addresses]

    assert {answer.status_code for answer in answers} == {403}
    assert all("Kov" not in answer.content.decode() for answer in answers)
    assert AuditEvent.objects.filter(outcome="refused", actor_name=stranger.username).count() == len(addresses)


def test_who_is_signed_out_is_told_how_to_come_in(client, addresses):
    answers = [client.get(address) for address in addresses]

    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.headers["WWW-Authenticate"].startswith("Bearer") for answer in answers)
    assert client.get("/fhir/R4/anything/else").status_code == 401


def test_an_unknown_token_opens_nothing(client, addresses):
    answer = client.get(addresses[0], headers={"Authorization": "Bearer wrt_guess"})

    assert answer.status_code == 401
    assert AuditEvent.objects.filter(action="token.use", outcome="refused").exists()


@pytest.mark.parametrize(("role", "status"), [("nurse", 201), ("doctor", 201), ("steward", 403), ("stranger", 403)])
def test_only_clinical_roles_write(as_client, request, patient_body, role, status):
    client = as_client(request.getfixturevalue(role))

    answer = client.post("/fhir/R4/Patient", json.dumps(patient_body), content_type="application/json")

    assert answer.status_code == status


def test_a_session_needs_its_csrf_token_to_write(nurse, patient_body):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nurse, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post("/fhir/R4/Patient", json.dumps(patient_body), content_type="application/json")

    assert answer.status_code == 403
    assert "CSRF" in answer.json()["issue"][0]["diagnostics"]


def test_a_token_needs_no_csrf_token(backend_with, patient_body):
    backend = backend_with("system/*.cruds", client=Client(enforce_csrf_checks=True))

    assert backend.post("Patient", patient_body).status_code == 201


def test_scopes_open_their_letters_on_their_types(backend_with, make_patient, patient_body):
    patient_id = make_patient()
    reader = backend_with("system/Patient.rs")

    assert reader.get(f"Patient/{patient_id}").status_code == 200
    assert reader.get("Patient?name=kov").status_code == 200
    assert reader.get("Observation?code=x").status_code == 403
    assert reader.post("Patient", patient_body).status_code == 403
    assert AuditEvent.objects.filter(action="token.scope", outcome="refused").count() == 2


def diagnosis(patient_id: str, verification: str) -> dict[str, object]:
    system = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{system}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{system}ver-status", "code": verification}]},
        "code": {"text": "Stroke"},
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def test_a_nurse_confirms_no_diagnosis_by_way_of_the_interface(as_client, nurse, doctor, make_patient):
    patient_id = make_patient()

    def sent(client, body, *, to: str = "Condition", method: str = "post"):
        return getattr(client, method)(f"/fhir/R4/{to}", json.dumps(body), content_type="application/fhir+json")

    assert sent(as_client(nurse), diagnosis(patient_id, "confirmed")).status_code == 403
    suspected = sent(as_client(nurse), diagnosis(patient_id, "provisional")).json()
    at = f"Condition/{suspected['id']}"
    confirmed = {**suspected, **diagnosis(patient_id, "confirmed")}
    assert sent(as_client(nurse), confirmed, to=at, method="put").status_code == 403
    assert sent(as_client(doctor), confirmed, to=at, method="put").status_code == 200
    noted = {**confirmed, "note": [{"text": "Speech is clearer today."}]}
    assert sent(as_client(nurse), noted, to=at, method="put").status_code == 200
