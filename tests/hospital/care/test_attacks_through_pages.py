"""Ids of another team's patients, put into every other address and form: as if they were not there, and nothing is changed."""

import re

import pytest

from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import Resource, ResourceFinding, StandardValue
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
NOBODY = "nobody"


@pytest.fixture
def theirs(house, make_observation) -> dict[str, str]:
    """What lies in the chart of a patient who is not the doctor's: a held value, a held record, a document."""
    value = make_observation(house.other, loinc="8480-6", value=1200, unit="mm[Hg]")
    subject = {"reference": f"Patient/{house.other}"}
    unborn = {"resourceType": "Procedure", "status": "completed", "code": {"text": "Cast"}, "subject": subject}
    create_resource({**unborn, "performedDateTime": "1850-01-01"}, by=BY)
    letter = {"contentType": "text/plain", "data": "U2VjcmV0"}
    document = {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": letter}]}
    stored = create_resource({**document, "subject": subject, "type": {"text": "Letter"}}, by=BY)
    held = StandardValue.objects.get(resource__logical_id=value)
    finding = ResourceFinding.objects.filter(resource__patient_id=house.other).first()
    assert held.is_held
    assert finding is not None
    return {"observation": value, "value": str(held.pk), "finding": str(finding.pk), "document": stored.logical_id}


def seen(answer, *ids: str) -> tuple[object, ...]:
    """What a caller sees of an answer but the ids and the tokens that are new on every page."""
    text = answer.content.decode()
    for one in ids:
        text = text.replace(one, "ID")
    return answer.status_code, re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text), answer.get("Location", "")


# A page of one's own chart (own), or of theirs (other), that names something of theirs.
READ = {
    "their chart": lambda h, t: (f"/patients/{h.other}/", f"/patients/{NOBODY}/"),
    "their print": lambda h, t: (f"/patients/{h.other}/print/", f"/patients/{NOBODY}/print/"),
    "their history": lambda h, t: (f"/patients/{h.other}/history/", f"/patients/{NOBODY}/history/"),
    "their points": lambda h, t: (
        f"/patients/{h.other}/vital-signs/points/",
        f"/patients/{NOBODY}/vital-signs/points/",
    ),
    "their document in one's own chart": lambda h, t: tuple(
        f"/patients/{h.heart}/documents/DocumentReference/{one}/" for one in (t["document"], NOBODY)
    ),
    "its file": lambda h, t: tuple(
        f"/patients/{h.heart}/documents/DocumentReference/{one}/files/0/" for one in (t["document"], NOBODY)
    ),
    "their value to correct in one's own chart": lambda h, t: tuple(
        f"/patients/{h.heart}/correct/Observation/{one}/" for one in (t["observation"], NOBODY)
    ),
    "the history of their record in one's own chart": lambda h, t: tuple(
        f"/patients/{h.heart}/history/?record=Observation/{one}" for one in (t["observation"], NOBODY)
    ),
}


@pytest.mark.parametrize("addresses", READ.values(), ids=READ.keys())
def test_reading_by_an_id_of_theirs(house, theirs, doctor, as_client, addresses):
    one, none = addresses(house, theirs)
    client = as_client(doctor)

    found, missing = client.get(one), client.get(none)

    ids = (house.other, theirs["document"], theirs["observation"], NOBODY)
    assert seen(found, *ids) == seen(missing, *ids)
    assert "Secret" not in found.content.decode()


SENT = {
    "decide on their value in one's own chart": lambda h, t: (
        f"/patients/{h.heart}/values/{t['value']}/",
        f"/patients/{h.heart}/values/987654/",
        {"decision": "confirm"},
    ),
    "decide on their record in one's own chart": lambda h, t: (
        f"/patients/{h.heart}/records/{t['finding']}/",
        f"/patients/{h.heart}/records/987654/",
        {"decision": "confirm"},
    ),
    "decide on their value in the queue": lambda h, t: (
        f"/quality/queue/values/{t['value']}/",
        "/quality/queue/values/987654/",
        {"decision": "confirm"},
    ),
    "decide on their record in the queue": lambda h, t: (
        f"/quality/queue/records/{t['finding']}/",
        "/quality/queue/records/987654/",
        {"decision": "confirm"},
    ),
    "correct their value in one's own chart": lambda h, t: (
        f"/patients/{h.heart}/correct/Observation/{t['observation']}/",
        f"/patients/{h.heart}/correct/Observation/{NOBODY}/",
        {"withdraw": "1", "version": "1", "why_error": "wrong patient"},
    ),
    "a draft about them": lambda h, t: (
        f"/drafts/vital-signs:{h.other}/",
        f"/drafts/vital-signs:{NOBODY}/",
        {"heart_rate": "80"},
    ),
    "a verdict on them": lambda h, t: (
        f"/patients/{h.other}/verdict/",
        f"/patients/{NOBODY}/verdict/",
        {"choice": "hide"},
    ),
    "vital signs of theirs": lambda h, t: (
        f"/patients/{h.other}/enter/vital-signs/",
        f"/patients/{NOBODY}/enter/vital-signs/",
        {"heart_rate": "80"},
    ),
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT.keys())
def test_sending_with_an_id_of_theirs(house, theirs, doctor, as_client, sent):
    one, none, typed = sent(house, theirs)
    versions = list(Resource.objects.order_by("pk").values_list("pk", "version", "is_deleted"))
    client = as_client(doctor)

    found, missing = client.post(one, typed), client.post(none, typed)

    ids = (house.other, theirs["observation"], NOBODY)
    assert seen(found, *ids) == seen(missing, *ids)
    assert found.status_code == 404
    assert list(Resource.objects.order_by("pk").values_list("pk", "version", "is_deleted")) == versions


def test_the_audit_trail_is_changed_by_no_address(house, stranger, as_client):
    before = AuditEvent.objects.count()
    client = as_client(stranger)
    for method in ("put", "patch", "delete", "post"):
        for address in ("/administration/audit/export.csv", "/administration/audit/1/", "/fhir/R4/AuditEvent/1"):
            assert getattr(client, method)(address).status_code >= 400
        overridden = client.post("/administration/audit/export.csv", headers={"X-HTTP-Method-Override": method})
        assert overridden.status_code == 405

    assert AuditEvent.objects.count() >= before


@pytest.mark.parametrize("page", ["/", "/login/", "/patients/"])
def test_no_page_is_shown_inside_another(doctor, as_client, page):
    answer = as_client(doctor).get(page, follow=True)

    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_a_host_of_another_name_is_refused(doctor, as_client):
    assert as_client(doctor).get("/patients/", headers={"Host": "evil.example"}).status_code == 400
