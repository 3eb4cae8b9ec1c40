"""The audit trail on a page: filters, who opened one record, export, and whether it is whole."""

import csv
import io
import json

import pytest

from wardround.hospital.records.access import NotThere, patient_for
from wardround.web.audit.models import AuditEvent


@pytest.fixture
def trail(nurse, doctor, make_patient) -> str:
    """A nurse and a doctor opened one patient's record, and the nurse was refused another's."""
    patient = make_patient()
    make_patient()
    patient_for(nurse, patient)
    patient_for(doctor, patient)
    with pytest.raises(NotThere):
        patient_for(nurse, "nobody")
    return patient


@pytest.fixture
def reviewer(officer, as_client):
    return as_client(officer)


def shown(client, **asked) -> str:
    text = client.get("/administration/audit/", asked).content.decode()
    return text[text.index('id="h-events"') :]


def test_the_trail_is_narrowed_to_a_person_a_role_an_action_and_an_outcome(reviewer, trail):
    assert "d.keller" not in shown(reviewer, person="n.horvath")
    assert "n.horvath" not in shown(reviewer, role="doctor")
    assert "record.create" not in shown(reviewer, action="patient.open")
    refused = shown(reviewer, outcome="refused")
    assert "n.horvath" in refused
    assert "d.keller" not in refused


def test_the_trail_is_narrowed_to_days(reviewer, trail):
    assert "No event fits." in shown(reviewer, until="2020-01-01")
    assert "n.horvath" in shown(reviewer, since="2020-01-01")
    assert "A day is written as" in reviewer.get("/administration/audit/", {"since": "soon"}).content.decode()


def test_who_opened_this_record_is_asked_by_hospital_number(reviewer, trail):
    answer = reviewer.post("/administration/audit/", {"number": "T-1001", "action": "patient.open"})

    assert answer.url == f"/administration/audit/?action=patient.open&patient={trail}"
    text = shown(reviewer, action="patient.open", patient=trail)
    assert "Who opened this record" in text
    assert "2 events" in text
    assert "n.horvath" in text
    assert "d.keller" in text


def test_a_number_that_nobody_has_is_said(reviewer, trail):
    answer = reviewer.post("/administration/audit/", {"number": "T-9999"}, follow=True)

    assert "No patient here has this hospital number." in answer.content.decode()
    assert "T-9999" not in str(list(AuditEvent.objects.values_list("what", "detail")))


def test_reading_the_trail_is_in_the_trail(reviewer, trail):
    shown(reviewer, patient=trail)

    event = AuditEvent.objects.get(action="audit.read")
    assert (event.actor_name, event.patient_id) == ("p.weber", trail)


def test_the_trail_leaves_as_csv_and_json_lines_and_that_is_in_it(reviewer, trail):
    answer = reviewer.get("/administration/audit/export.csv", {"person": "d.keller"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    answer = reviewer.get("/administration/audit/export.jsonl", {"person": "d.keller"})
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]

    assert [row["action"] for row in rows] == [line["action"] for line in lines] == ["patient.open"]
    assert AuditEvent.objects.filter(action="audit.export", actor_name="p.weber").count() == 2
    assert reviewer.get("/administration/audit/export.pdf").status_code == 400


def test_a_whole_trail_is_said_to_be_whole_and_an_edited_one_is_not(reviewer, trail):
    assert "The trail is whole" in reviewer.post("/administration/audit/check/", follow=True).content.decode()

    event = AuditEvent.objects.filter(actor_name="d.keller").earliest("id")
    AuditEvent.objects.filter(pk=event.pk).update(actor_name="n.horvath")

    text = reviewer.post("/administration/audit/check/", follow=True).content.decode()
    assert f"Event {event.pk}, at place" in text
    assert "was edited" in text


def test_long_trails_come_in_pages(reviewer, nurse, trail):
    for _time in range(60):
        patient_for(nurse, trail)

    first, second = shown(reviewer, person="n.horvath"), shown(reviewer, person="n.horvath", start="50")

    assert "1 to 50 of" in first
    assert "?person=n.horvath&amp;start=50" in first
    assert "51 to" in second
