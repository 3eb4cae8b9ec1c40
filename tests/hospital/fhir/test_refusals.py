"""Every refusal is an OperationOutcome that says where and what would be right."""

import pytest

from wardround.hospital.records.models import Resource
from wardround.web.audit.models import AuditEvent


def issue(response):
    assert response.headers["Content-Type"].startswith("application/fhir+json")
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("Patient/none", 404, "not-found"),
        ("Patients", 404, "not-found"),
        ("Bundle/x", 404, "not-found"),
        ("patient/x", 404, "not-found"),
        ("Patient/x/y/z", 404, "not-found"),
        ("Patient/none/_history", 404, "not-found"),
        ("Patient?favourite=blue", 400, "invalid"),
        ("Patient?name:sounds=x", 400, "invalid"),
        ("Patient?birthdate=yesterday", 400, "invalid"),
        ("Observation?date=2026-13", 400, "invalid"),
        ("Patient?_count=many", 400, "invalid"),
        ("Patient?name=", 400, "invalid"),
        ("Patient?name=%21", 400, "invalid"),
        ("Patient?name:contains=ab", 400, "invalid"),
        ("Observation?patient.name=x", 400, "invalid"),
    ],
)
def test_a_read_or_search_that_cannot_be_is_refused(backend, address, status, code):
    response = backend.get(address)

    assert response.status_code == status
    assert issue(response)["code"] == code


def test_an_unknown_parameter_is_refused_with_those_that_are_known(backend):
    assert "identifier" in issue(backend.get("Patient?favourite=blue"))["diagnostics"]


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ('{"resourceType": "Patient", ', 400, None),
        ("[]", 400, "Patient"),
        ('{"resourceType": "Observation"}', 400, "resourceType"),
        ('{"resourceType": "Patient", "gender": "banana"}', 422, "Patient.gender"),
        ('{"resourceType": "Patient", "birthDate": "17.04.1958"}', 422, "Patient.birthDate"),
        ('{"resourceType": "Patient", "nickname": "x"}', 422, "Patient.nickname"),
        ('{"resourceType": "Patient", "active": NaN}', 400, None),
    ],
)
def test_a_body_that_is_no_fhir_is_refused_and_nothing_is_stored(backend, body, status, path):
    response = backend.post("Patient", body)

    assert response.status_code == status
    assert issue(response).get("expression") == ([path] if path else None)
    assert not Resource.objects.exists()
    assert not AuditEvent.objects.filter(action="record.create").exists()


def test_everything_that_is_wrong_is_named_at_once(backend):
    response = backend.post("Patient", {"resourceType": "Patient", "gender": "banana", "birthDate": "x"})

    assert len(response.json()["issue"]) == 2


def test_an_observation_of_nobody_is_refused(backend):
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/none"},
    }

    response = backend.post("Observation", body)

    assert response.status_code == 422
    assert "Store the patient first" in issue(response)["diagnostics"]


def test_a_number_that_is_taken_is_refused(backend, patient_body):
    backend.post("Patient", patient_body)

    response = backend.post("Patient", {**patient_body, "name": [{"family": "Other"}]})

    assert response.status_code == 409
    assert issue(response)["code"] == "duplicate"
    assert Resource.objects.count() == 1


def test_a_patient_put_under_an_id_of_its_own_may_share_a_number_and_the_number_then_names_nobody(
    backend, patient_body
):
    assert backend.put("Patient/a", {**patient_body, "id": "a"}).status_code == 201
    assert backend.put("Patient/b", {**patient_body, "id": "b"}).status_code == 201

    number = patient_body["identifier"][0]
    reference = {"reference": f"Patient?identifier={number['system']}|{number['value']}"}
    response = backend.post(
        "Observation", {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": reference}
    )

    assert response.status_code == 422
    assert "More than one Patient has this identifier" in issue(response)["diagnostics"]
    assert not Resource.objects.filter(type="Observation").exists()


def test_another_method_is_refused_with_those_that_are_possible(backend, make_patient):
    response = backend.request("POST", f"Patient/{make_patient()}")

    assert response.status_code == 405
    assert response.headers["Allow"] == "DELETE, GET, HEAD, PATCH, PUT"
    assert issue(response)["code"] == "not-supported"


def test_another_format_is_refused(backend):
    assert backend.get("Patient", Accept="application/fhir+xml").status_code == 406
    assert backend.get("Patient?_format=application/fhir+json").status_code == 200
    assert backend.post("Patient", "<Patient/>", content_type="application/fhir+xml").status_code == 415


def test_the_id_in_the_address_and_in_the_body_are_the_same(backend, patient_body):
    response = backend.put("Patient/one", {**patient_body, "id": "two"})

    assert response.status_code == 400
    assert issue(response)["expression"] == ["Patient.id"]


def test_an_if_match_that_is_no_etag_is_refused(backend, patient_body):
    assert backend.put("Patient/one", {**patient_body, "id": "one"}, **{"If-Match": "3"}).status_code == 400


def test_a_body_beyond_the_limit_is_refused(backend, settings, patient_body):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert backend.post("Patient", patient_body).status_code == 413


def test_ciphertext_copied_to_another_row_is_an_error_and_no_chart(backend, make_patient):
    from wardround.hospital.records.models import ResourceVersion

    one, other = make_patient(), make_patient(family="Other")
    body = ResourceVersion.objects.get(resource__logical_id=other).body
    ResourceVersion.objects.filter(resource__logical_id=one).update(body=body)

    response = backend.get(f"Patient/{one}")

    assert response.status_code == 500
    assert "altered or moved" in issue(response)["diagnostics"]
