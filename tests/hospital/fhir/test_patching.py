"""JSON Patch by PATCH: on what is stored, inside the transaction of the write."""

import pytest

from wardround.hospital.records.models import Provenance, Resource
from wardround.web.audit.models import AuditEvent

HEART_RATE = (
    '{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},'
    '"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-03","valueQuantity":{"value":72.50,"unit":"/min",'
    '"system":"http://unitsofmeasure.org","code":"/min"}}'
)


def test_a_patch_is_a_new_version_and_the_rest_keeps_its_digits_and_order(backend, make_patient):
    created = backend.post("Observation", HEART_RATE % make_patient())
    address = f"Observation/{created.json()['id']}"

    patched = backend.patch(address, '[{"op":"add","path":"/note","value":[{"text":"at 1.0"}]}]')

    assert patched.status_code == 200
    assert patched.headers["ETag"] == 'W/"2"'
    assert '"value":72.50,' in patched.content.decode()
    assert list(patched.json()) == [*created.json(), "note"]
    assert backend.get(address).content == patched.content
    assert AuditEvent.objects.filter(action="record.patch", what=f"{address}/_history/2").count() == 1
    assert Provenance.objects.filter(activity="patch", agent_name="laboratory").count() == 1


def test_a_patch_writes_decimals_as_they_are_sent(backend, make_patient):
    address = f"Observation/{backend.post('Observation', HEART_RATE % make_patient()).json()['id']}"

    patched = backend.patch(address, '[{"op":"replace","path":"/valueQuantity/value","value":80.10}]')

    assert '"value":80.10,' in patched.content.decode()


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([{"op": "test", "path": "/gender", "value": "male"}], 422),
        ([{"op": "remove", "path": "/photo/0"}], 422),
        ([{"op": "replace", "path": "/gender", "value": "banana"}], 422),
        ([{"op": "replace", "path": "/id", "value": "other"}], 400),
        ([{"op": "replace", "path": "", "value": []}], 422),
        ([{"op": "replace", "path": "/resourceType", "value": "Person"}], 400),
        ([{"op": "spam"}], 400),
        ({"op": "remove", "path": "/gender"}, 400),
        ("[", 400),
    ],
)
def test_a_patch_that_cannot_be_is_refused_and_changes_nothing(backend, make_patient, steps, status):
    response = backend.patch(f"Patient/{make_patient()}", steps)

    assert response.status_code == status
    assert response.json()["resourceType"] == "OperationOutcome"
    assert Resource.objects.get(type="Patient").version == 1


def test_which_step_failed_is_said_without_what_stands_there(backend, make_patient):
    steps = [{"op": "test", "path": "/gender", "value": "female"}, {"op": "test", "path": "/birthDate", "value": "1"}]

    issue = backend.patch(f"Patient/{make_patient()}", steps).json()["issue"][0]

    assert issue["expression"] == ["operation[1]"]
    assert "1963" not in issue["diagnostics"]


def test_other_kinds_of_patches_are_refused_with_the_one_that_is_read(backend, make_patient):
    address = f"Patient/{make_patient()}"

    for content_type in ("application/fhir+json", "application/xml-patch+xml", "text/plain"):
        refused = backend.patch(address, {"resourceType": "Parameters"}, content_type=content_type)
        assert refused.status_code == 415
        assert refused.headers["Accept-Patch"] == "application/json-patch+json"


def test_a_patch_of_what_is_not_there_or_was_changed_is_refused(backend, make_patient):
    steps = [{"op": "replace", "path": "/gender", "value": "male"}]
    address = f"Patient/{make_patient()}"

    assert backend.patch("Patient/none", steps).status_code == 404
    assert backend.patch(address, steps, **{"If-Match": 'W/"3"'}).status_code == 412
    assert backend.patch(address, steps, **{"If-Match": 'W/"1"'}).status_code == 200
    backend.delete(address)
    assert backend.patch(address, steps).status_code == 410


def test_a_patch_needs_the_scope_of_an_update(backend_with, make_patient):
    assert backend_with("system/Patient.rs").patch(f"Patient/{make_patient()}", []).status_code == 403
