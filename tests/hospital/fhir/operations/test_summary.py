"""Patient/$summary: the International Patient Summary over HTTP, to whom, and of which chart."""

import json

import pytest

from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.structure import check
from wardround.web.audit.models import AuditEvent

MRN = "urn:wardround:mrn:test-hospital"


@pytest.fixture
def ilona(make_patient, make_observation):
    """A patient with a glucose value, and another patient with a name that must not be seen."""
    patient_id = make_patient(identifier=[{"system": MRN, "value": "IPS-1"}])
    make_observation(patient_id, loinc="2339-0", value=126, unit="mg/dL")
    make_patient(family="Varga")
    return patient_id


def sections(answer):
    composition = json.loads(answer.content)["entry"][0]["resource"]
    return {section["title"]: section for section in composition["section"]}


def test_it_is_a_document_that_passes_our_own_check(backend, ilona):
    answer = backend.get(f"Patient/{ilona}/$summary")

    bundle = json.loads(answer.content)
    assert answer.status_code == 200
    assert check(loads(answer.content)) == []
    assert bundle["type"] == "document"
    assert bundle["entry"][0]["resource"]["type"]["coding"][0]["code"] == "60591-5"
    assert bundle["entry"][0]["resource"]["author"][0]["display"] == "Test Hospital"
    assert "Varga" not in answer.content.decode()


def test_values_stand_as_received_and_in_standard_units(backend, ilona, make_observation):
    make_observation(ilona, loinc="14647-2", value=5.2, unit="mmol/L")

    text = sections(backend.get(f"Patient/{ilona}/$summary"))["Results"]["text"]["div"]

    assert "<td>5.2 mmol/L</td>" in text
    assert " mg/dL</td>" in text


def test_a_held_value_is_marked(backend, ilona, make_observation):
    make_observation(ilona, loinc="8480-6", value=1200, unit="mm[Hg]")

    assert "Held until somebody decides" in sections(backend.get(f"Patient/{ilona}/$summary"))["Results"]["text"]["div"]


def test_an_identifier_finds_the_patient(backend, ilona):
    answer = backend.get(f"Patient/$summary?identifier={MRN}|IPS-1")

    patient = json.loads(answer.content)["entry"][1]["resource"]
    assert patient["id"] == ilona
    assert backend.get("Patient/$summary?identifier=IPS-2").status_code == 404
    assert backend.get("Patient/$summary").status_code == 400


def test_the_profile_of_the_summary_may_be_named_and_no_other(backend, ilona):
    profile = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"

    assert backend.get(f"Patient/{ilona}/$summary?profile={profile}|1.1.0").status_code == 200
    assert backend.get(f"Patient/{ilona}/$summary?profile=http://other.example/summary").status_code == 400


def test_the_specimen_of_a_value_comes_along(backend, ilona):
    subject = {"reference": f"Patient/{ilona}"}
    specimen = backend.post("Specimen", {"resourceType": "Specimen", "subject": subject}).json()["id"]
    value = {"resourceType": "Observation", "status": "final", "code": {"text": "Glucose"}, "subject": subject}
    assert backend.post("Observation", value | {"specimen": {"reference": f"Specimen/{specimen}"}}).status_code == 201

    entries = json.loads(backend.get(f"Patient/{ilona}/$summary").content)["entry"]

    assert any(entry["fullUrl"].endswith(f"Specimen/{specimen}") for entry in entries)


def test_types_that_the_scopes_do_not_open_are_left_out(backend_with, ilona):
    answer = backend_with("system/Patient.rs").get(f"Patient/{ilona}/$summary")

    assert answer.status_code == 200
    assert "Results" not in sections(answer)
    assert sections(answer)["Problems"]["emptyReason"]["coding"][0]["code"] == "withheld"
    assert backend_with("system/Observation.rs").get(f"Patient/{ilona}/$summary").status_code == 403


def test_nobodys_chart_and_nobody_logged_in(backend, client, ilona):
    assert backend.get("Patient/nobody/$summary").status_code == 404
    assert client.get(f"/fhir/R4/Patient/{ilona}/$summary").status_code == 401


def test_it_is_in_the_audit_trail(backend, ilona):
    backend.get(f"Patient/{ilona}/$summary")

    event = AuditEvent.objects.get(action="patient.summary")
    assert event.patient_id == ilona
    assert event.detail["entries"] >= 3
