"""create, read, vread, update, history."""

import json

from wardround.hospital.records.models import Resource
from wardround.web.audit.models import AuditEvent

HEART_RATE = (
    '{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},'
    '"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-03","valueQuantity":{"value":72.50,"unit":"/min",'
    '"system":"http://unitsofmeasure.org","code":"/min"},"note":[{"text":"Z\\u00fcrich"}]}'
)


def test_a_created_patient_can_be_read_and_both_are_audited(backend, patient_body):
    created = backend.post("Patient", patient_body)
    assert created.status_code == 201
    address = created.headers["Location"].split("/fhir/R4/")[1].split("/_history")[0]

    read = backend.get(address)

    assert read.json()["name"] == patient_body["name"]
    assert read.headers["ETag"] == 'W/"1"'
    assert "Last-Modified" in read.headers
    assert Resource.objects.get(type="Patient").version == 1
    written = AuditEvent.objects.get(action="record.create")
    assert (written.actor_kind, written.actor_name, written.what) == ("service", "laboratory", f"{address}/_history/1")
    assert AuditEvent.objects.filter(action="record.read", what=f"{address}/_history/1").exists()


def test_the_body_comes_back_as_it_came_in_with_decimals_partial_dates_and_order(backend, make_patient):
    text = HEART_RATE % make_patient()

    stored = backend.post("Observation", text).content.decode()

    assert '"value":72.50,' in stored
    assert '"effectiveDateTime":"2026-03"' in stored
    elements = list(json.loads(stored))
    assert elements == ["resourceType", "id", "meta", *list(json.loads(text))[1:]]


def test_an_update_makes_a_new_version_and_the_old_one_stays(backend, make_patient):
    patient_id = make_patient()
    body = backend.get(f"Patient/{patient_id}").json()

    updated = backend.put(f"Patient/{patient_id}", {**body, "gender": "other"})

    assert updated.status_code == 200
    assert updated.headers["ETag"] == 'W/"2"'
    assert backend.get(f"Patient/{patient_id}/_history/1").json()["gender"] == "female"
    history = backend.get(f"Patient/{patient_id}/_history").json()
    assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["2", "1"]
    assert history["type"] == "history"
    assert AuditEvent.objects.filter(action="record.update", patient_id=patient_id).count() == 1


def test_the_same_update_again_changes_nothing(backend, make_patient):
    patient_id = make_patient()
    body = backend.get(f"Patient/{patient_id}").json()

    assert backend.put(f"Patient/{patient_id}", body).headers["ETag"] == 'W/"1"'


def test_an_update_of_an_old_version_is_refused(backend, make_patient):
    patient_id = make_patient()
    body = backend.get(f"Patient/{patient_id}").json()
    backend.put(f"Patient/{patient_id}", {**body, "gender": "other"}, **{"If-Match": 'W/"1"'})

    late = backend.put(f"Patient/{patient_id}", {**body, "gender": "male"}, **{"If-Match": 'W/"1"'})

    assert late.status_code == 412
    assert "present version is 2" in late.json()["issue"][0]["diagnostics"]


def test_an_update_may_create_under_the_clients_id(backend, patient_body):
    created = backend.put("Patient/zb-1", {**patient_body, "id": "zb-1"})

    assert created.status_code == 201
    assert backend.get("Patient/zb-1").status_code == 200


def test_an_observation_stays_in_its_patients_chart(backend, make_patient, make_observation):
    one, other = make_patient(), make_patient(family="Other")
    observation_id = make_observation(one, loinc="8480-6", value=120, unit="mm[Hg]")
    body = backend.get(f"Observation/{observation_id}").json()

    moved = backend.put(f"Observation/{observation_id}", {**body, "subject": {"reference": f"Patient/{other}"}})

    assert moved.status_code == 422
    assert "another patient's chart" in moved.json()["issue"][0]["diagnostics"]
    assert Resource.objects.get(logical_id=observation_id).patient_id == one


def test_an_unchanged_resource_need_not_be_sent_again(backend, make_patient):
    assert backend.get(f"Patient/{make_patient()}", **{"If-None-Match": 'W/"1"'}).status_code == 304
