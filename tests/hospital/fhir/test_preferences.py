"""Prefer: what a write answers with; and the shapes in which a read can be asked for."""

import pytest


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("handling=strict; return=minimal", None),
        ("return=everything", "Patient"),
        ("", "Patient"),
    ],
)
def test_a_write_answers_with_what_is_preferred(backend, patient_body, prefer, kind):
    created = backend.put("Patient/one", {**patient_body, "id": "one"}, Prefer=prefer)
    updated = backend.put("Patient/one", {**patient_body, "id": "one", "gender": "male"}, Prefer=prefer)

    for answer, status, version in ((created, 201, 1), (updated, 200, 2)):
        assert answer.status_code == status
        assert answer.headers["ETag"] == f'W/"{version}"'
        assert answer.headers["Location"].endswith(f"/fhir/R4/Patient/one/_history/{version}")
        assert "Last-Modified" in answer.headers
        assert (answer.json()["resourceType"] if answer.content else None) == kind


def test_a_deletion_says_so_where_an_outcome_is_preferred(backend, patient_body):
    backend.put("Patient/one", {**patient_body, "id": "one"})

    answer = backend.delete("Patient/one", Prefer="return=OperationOutcome")

    assert answer.status_code == 200
    assert answer.json()["issue"][0]["severity"] == "information"


def test_a_read_can_be_asked_for_in_part(backend, make_patient):
    address = f"Patient/{make_patient()}"

    summary = backend.get(f"{address}?_summary=true").json()
    elements = backend.get(f"{address}?_elements=gender").json()

    assert summary["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert set(elements) == {"resourceType", "id", "meta", "gender"}
    assert backend.get(f"{address}?_summary=some").status_code == 400
    assert backend.get(f"{address}?_elements=shoes").status_code == 400
    assert backend.get(f"{address}?name=x").status_code == 400
    assert backend.get(f"{address}?name=x", Prefer="handling=lenient").status_code == 200


def test_head_answers_like_get_without_a_body(backend, make_patient):
    answer = backend.request("HEAD", f"Patient/{make_patient()}")

    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.content == b""


def test_pretty_is_indented_and_keeps_every_digit(backend, make_patient):
    text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}'
    address = f"Observation/{backend.post('Observation', text).json()['id']}"

    assert '\n    "value": 1.50' in backend.get(f"{address}?_pretty=true").content.decode()


def test_x_provenance_is_refused_with_the_way_that_is_open(backend, patient_body):
    answer = backend.post("Patient", patient_body, **{"X-Provenance": '{"resourceType":"Provenance"}'})

    assert answer.status_code == 400
    assert "transaction Bundle" in answer.json()["issue"][0]["diagnostics"]
