"""delete: a last version that says so, and no reference left dangling."""

from wardround.hospital.records.models import INDEXES, Provenance, Resource, ResourceVersion, StandardValue
from wardround.web.audit.models import AuditEvent


def test_a_deleted_resource_is_gone_and_its_history_is_there(backend, make_patient, make_observation):
    observation = make_observation(make_patient(), loinc="8480-6", value=120, unit="mm[Hg]")
    address = f"Observation/{observation}"

    deleted = backend.delete(address)

    assert deleted.status_code == 204
    assert deleted.content == b""
    assert deleted.headers["ETag"] == 'W/"2"'
    assert backend.get(address).status_code == 410
    assert backend.get(f"{address}/_history/2").status_code == 410
    assert backend.get(f"{address}/_history/1").json()["valueQuantity"]["value"] == 120
    history = backend.get(f"{address}/_history").json()["entry"]
    assert [entry["request"]["method"] for entry in history] == ["DELETE", "POST"]
    assert "resource" not in history[0]
    assert backend.get("Observation?code=8480-6").json()["total"] == 0


def test_a_deletion_leaves_a_tombstone_with_provenance_and_audit_and_no_index(backend, make_patient, make_observation):
    patient_id = make_patient()
    observation = make_observation(patient_id, loinc="8480-6", value=120, unit="mm[Hg]")

    backend.delete(f"Observation/{observation}")

    row = Resource.objects.get(logical_id=observation)
    assert (row.is_deleted, row.version, row.versions.count()) == (True, 2, 2)
    tombstone = ResourceVersion.objects.get(resource=row, number=2)
    assert bytes(tombstone.body) == b""
    assert tombstone.provenance.activity == "delete"
    assert not any(table.objects.filter(resource=row).exists() for table in INDEXES)
    assert not StandardValue.objects.filter(resource=row, is_current=True).exists()
    event = AuditEvent.objects.get(action="record.delete")
    assert (event.patient_id, event.what) == (patient_id, f"Observation/{observation}/_history/2")


def test_what_is_deleted_or_was_never_there_can_be_deleted_again(backend, make_patient):
    address = f"Patient/{make_patient()}"

    assert [backend.delete(address).status_code for _ in range(2)] == [204, 204]
    assert backend.delete("Patient/never").status_code == 204
    assert Resource.objects.get(type="Patient").version == 2
    assert AuditEvent.objects.filter(action="record.delete").count() == 1


def test_an_update_brings_a_deleted_resource_back(backend, patient_body):
    body = {**patient_body, "id": "one"}
    backend.put("Patient/one", body)
    backend.delete("Patient/one")

    back = backend.put("Patient/one", body)

    assert back.status_code == 201
    assert back.headers["ETag"] == 'W/"3"'
    assert backend.get("Patient/one").status_code == 200
    assert backend.get("Patient?identifier=B-1").json()["total"] == 1


def test_a_patient_with_a_chart_is_not_deleted(backend, make_patient, make_observation):
    patient_id = make_patient()
    for value in (120, 121):
        make_observation(patient_id, loinc="8480-6", value=value, unit="mm[Hg]")

    refused = backend.delete(f"Patient/{patient_id}")

    assert refused.status_code == 409
    issue = refused.json()["issue"][0]
    assert issue["code"] == "conflict"
    assert "2 Observation" in issue["diagnostics"]
    assert patient_id not in issue["diagnostics"]
    assert Resource.objects.get(logical_id=patient_id).version == 1
    assert not Provenance.objects.filter(activity="delete").exists()


def test_what_others_refer_to_is_not_deleted_until_they_are(backend):
    backend.put("Organization/o", {"resourceType": "Organization", "id": "o", "name": "Ward"})
    location = {"resourceType": "Location", "id": "l", "managingOrganization": {"reference": "Organization/o"}}
    backend.put("Location/l", location)

    assert backend.delete("Organization/o").status_code == 409
    assert backend.delete("Location/l").status_code == 204
    assert backend.delete("Organization/o").status_code == 204


def test_a_reference_that_no_search_knows_counts_too(backend):
    backend.put("Organization/o", {"resourceType": "Organization", "id": "o", "name": "Ward"})
    extension = {"url": "urn:x:owner", "valueReference": {"reference": "Organization/o"}}
    backend.put("Location/l", {"resourceType": "Location", "id": "l", "name": "Room", "extension": [extension]})

    refused = backend.delete("Organization/o")

    assert refused.status_code == 409
    assert "1 Location" in refused.json()["issue"][0]["diagnostics"]


def test_who_refers_only_to_itself_can_be_deleted(backend):
    own = {"resourceType": "Organization", "id": "o", "name": "Ward", "partOf": {"reference": "Organization/o"}}
    backend.put("Organization/o", own)

    assert backend.delete("Organization/o").status_code == 204


def test_deleting_needs_its_scope_and_a_role_that_writes(backend_with, as_client, steward, make_patient):
    patient_id = make_patient()

    assert backend_with("system/Patient.crus").delete(f"Patient/{patient_id}").status_code == 403
    assert as_client(steward).delete(f"/fhir/R4/Patient/{patient_id}").status_code == 403
    assert not Resource.objects.get(logical_id=patient_id).is_deleted
