"""The page of the fix queue: what waits, in groups, and what a steward decides there."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from wardround.hospital.intake.importing import import_files
from wardround.hospital.quality.queries import fix_queue
from wardround.hospital.quality.snapshots import measure
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceFinding, ResourceVersion, StandardValue
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("tests")
PAGE = "/quality/queue/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def slips(make_patient, make_observation):
    """Two pressures ten times too high, a cholesterol in the other unit, and a problem before its patient's birth."""
    for birth in ("1963", "1961"):
        patient_id = make_patient(birth=birth)
        make_observation(patient_id, loinc="8480-6", value=1400, unit="mm[Hg]")
    make_observation(patient_id, loinc="2093-3", value=5.2, unit="mg/dL")
    problem = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "onsetDateTime": "1916-03-14",
    }
    create_resource(problem, by=ME)
    return patient_id


def held_values():
    return StandardValue.objects.filter(is_held=True, is_current=True).order_by("pk")


def stored(finding) -> dict:
    """What the record of a finding says now."""
    [version] = ResourceVersion.objects.filter(resource=finding.resource).order_by("-number")[:1]
    return loads(open_bodies([version])[version.resource_id])


def held_record():
    return ResourceFinding.objects.get(is_held=True, is_current=True)


def test_each_line_says_whose_it_is_what_stands_there_what_is_found_and_what_was_meant(slips, steward, as_client):
    page = as_client(steward).get(PAGE).content.decode()

    assert "KOVÁCS, Ilona" in page
    assert "T-1001" in page
    assert "1400 mmHg" in page
    assert "Use 140 mmHg" in page
    assert held_values()[0].finding_sentence in page
    assert "14-Mar-1916" in page
    assert page.index("decimal slip") < page.index("unit slip")  # more patients first
    assert AuditEvent.objects.get(action="quality.queue").actor_name == steward.username


def test_the_group_that_gives_most_patients_back_stands_first(slips, steward, as_client):
    report = measure(ME)
    assert report.fixes
    from wardround.hospital.quality.models import QualitySnapshot

    snapshot = QualitySnapshot.objects.get()
    for fix in snapshot.facts["fixes"]:
        fix["patients_regained"] = 9 if "unit_slip" in fix["key"] else 0
    snapshot.save()

    page = as_client(steward).get(PAGE).content.decode()

    assert page.index(": unit slip</h2>") < page.index(": decimal slip</h2>")
    assert "gives 9 patients back" in page


def test_the_queue_is_narrowed_to_a_kind_and_to_a_measurement(slips, steward, as_client):
    client = as_client(steward)

    kind = client.get(PAGE, {"finding": "unit_slip"}).content.decode()
    measurement = client.get(PAGE, {"of": "systolic_pressure"}).content.decode()

    assert "1400 mmHg" not in kind
    assert "1400 mmHg" in measurement
    assert "14-Mar-1916" not in measurement
    assert "Nothing of this kind waits" in client.get(PAGE, {"finding": "future"}).content.decode()


def test_fifty_lines_stand_on_a_page(make_patient, make_observation, steward, as_client):
    patient_id = make_patient()
    for minute in range(52):
        make_observation(patient_id, loinc="8480-6", value=1400, unit="mm[Hg]", time=f"2026-03-02T08:{minute:02}:00Z")
    client = as_client(steward)

    first = client.get(PAGE).content.decode()
    second = client.get(PAGE, {"start": "50"}).content.decode()

    assert "1 to 50 of 52" in first
    assert "51 to 52 of 52" in second
    assert second.count("Use 140 mmHg") == 2
    assert client.get(PAGE, {"start": "many"}).status_code == 200


def test_a_suggestion_is_accepted(slips, steward, as_client):
    value = held_values()[0]

    page = as_client(steward).post(f"{PAGE}values/{value.pk}/", {"decision": "accept"}, follow=True)

    value.refresh_from_db()
    assert "The suggestion is accepted" in page.content.decode()
    assert (value.decision, value.decided_by) == ("accepted", steward.username)
    assert StandardValue.objects.get(resource=value.resource, is_current=True).value_number == 140
    assert AuditEvent.objects.filter(action="record.accept", actor_name=steward.username).exists()


def test_a_value_is_confirmed_and_the_page_stays_narrowed(slips, steward, as_client):
    value = held_values()[0]
    sent = {"decision": "confirm", "finding": "decimal_slip", "of": "systolic_pressure", "start": "0"}

    answer = as_client(steward).post(f"{PAGE}values/{value.pk}/", sent)

    value.refresh_from_db()
    assert value.decision == "confirmed"
    assert answer["Location"] == f"{PAGE}?finding=decimal_slip&of=systolic_pressure&start=0"
    assert AuditEvent.objects.filter(action="record.confirm", actor_name=steward.username).exists()


def test_a_value_is_corrected_as_people_write_it(slips, steward, as_client):
    value = held_values().get(finding="unit_slip")
    sent = {"decision": "correct", "value": "5,3", "unit": "mmol/L", "reason": "Read again from the paper form."}

    as_client(steward).post(f"{PAGE}values/{value.pk}/", sent)

    now = StandardValue.objects.get(resource=value.resource, is_current=True)
    value.refresh_from_db()
    assert (now.value_number, now.unit, now.is_held) == (205, "mg/dL", False)  # 5.3 x 38.67
    assert (value.decision, value.decision_reason) == ("corrected", sent["reason"])
    assert AuditEvent.objects.filter(action="record.correct", actor_name=steward.username).exists()


@pytest.mark.parametrize(
    ("typed", "unit", "reason", "said"),
    [
        ("high", "mmHg", "Read again.", "not a number"),
        ("140", "bananas", "Read again.", "not a UCUM unit"),
        ("140", "kg", "Read again.", "kg"),
        ("140", "mmHg", "", "needs its reason"),
    ],
)
def test_what_is_no_correction_changes_nothing_and_says_why(slips, steward, as_client, typed, unit, reason, said):
    value = held_values()[0]
    sent = {"decision": "correct", "value": typed, "unit": unit, "reason": reason}

    page = as_client(steward).post(f"{PAGE}values/{value.pk}/", sent, follow=True).content.decode()

    assert said in page
    value.refresh_from_db()
    assert value.is_held
    assert value.decision == ""


def test_the_record_of_a_value_is_entered_in_error(slips, steward, as_client):
    value = held_values()[0]
    client = as_client(steward)

    refused = client.post(f"{PAGE}values/{value.pk}/", {"decision": "withdraw"}, follow=True)
    client.post(f"{PAGE}values/{value.pk}/", {"decision": "withdraw", "reason": "Of another patient."})

    value.refresh_from_db()
    assert "needs its reason" in refused.content.decode()
    assert (value.decision, value.is_current) == ("withdrawn", False)
    assert not StandardValue.objects.filter(resource=value.resource, is_current=True, is_held=True).exists()
    assert ResourceVersion.objects.filter(resource=value.resource).count() == 2
    assert AuditEvent.objects.filter(action="record.withdraw", actor_name=steward.username).exists()


def test_a_record_gets_another_date(slips, steward, as_client):
    finding = held_record()
    sent = {"decision": "correct", "path": finding.path, "text": "1996-03-14", "reason": "Two digits changed places."}

    as_client(steward).post(f"{PAGE}records/{finding.pk}/", sent)

    finding.refresh_from_db()
    assert (finding.decision, finding.is_current) == ("corrected", False)
    assert not ResourceFinding.objects.filter(is_held=True, is_current=True).exists()
    assert AuditEvent.objects.filter(action="record.correct", actor_name=steward.username).exists()


@pytest.mark.parametrize("typed", ["14-Mar-1996", "1996-03-14", "14.3.1996", "14-März-1996", "14-Már-1996"])
def test_a_date_is_corrected_as_the_page_shows_it_and_as_people_write_it(slips, steward, as_client, typed):
    finding = held_record()
    sent = {"decision": "correct", "path": finding.path, "text": typed, "reason": "Two digits changed places."}

    as_client(steward).post(f"{PAGE}records/{finding.pk}/", sent)

    assert stored(finding)["onsetDateTime"] == "1996-03-14"


@pytest.mark.parametrize("typed", ["31-Feb-1996", "yesterday", ""])
def test_what_is_no_date_is_refused_with_a_right_example(slips, steward, as_client, typed):
    finding = held_record()
    sent = {"decision": "correct", "path": finding.path, "text": typed, "reason": "Two digits changed places."}

    page = as_client(steward).post(f"{PAGE}records/{finding.pk}/", sent, follow=True).content.decode()

    assert "This is not a date. Write 2026, 03-2026, 14-Mar-2026 or 14-Mar-2026 08:30." in page
    assert stored(finding)["onsetDateTime"] == "1916-03-14"


def test_a_time_of_day_is_corrected_in_the_sites_zone(make_patient, make_observation, steward, as_client):
    make_observation(make_patient(), loinc="8480-6", value=120, unit="mm[Hg]", time="2062-03-02T08:00:12Z")
    finding, client = held_record(), as_client(steward)
    box = re.search(r'name="text" value="([^"]+)"', client.get(PAGE).content.decode())[1]
    assert box == timezone.localtime(datetime(2062, 3, 2, 8, 0, tzinfo=UTC)).strftime("%d-Mar-2062 %H:%M")
    sent = {"decision": "correct", "path": finding.path, "reason": "Two digits changed places."}

    client.post(f"{PAGE}records/{finding.pk}/", {**sent, "text": box.replace("2062", "2026")})

    written = datetime.fromisoformat(stored(finding)["effectiveDateTime"])
    assert written == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_a_time_that_nobody_changed_keeps_its_seconds(make_patient, make_observation, steward, as_client):
    make_observation(make_patient(), loinc="8480-6", value=120, unit="mm[Hg]", time="2062-03-02T08:00:12Z")
    finding, client = held_record(), as_client(steward)
    box = re.search(r'name="text" value="([^"]+)"', client.get(PAGE).content.decode())[1]
    sent = {"decision": "correct", "path": finding.path, "text": box, "reason": "Nothing was changed."}

    client.post(f"{PAGE}records/{finding.pk}/", sent)

    assert stored(finding)["effectiveDateTime"] == "2062-03-02T08:00:12Z"


MACHINE = re.compile(r"\b\d{4}-\d{2}-\d{2}|\b[a-z]+(?:DateTime|Period|Date)\b|\b(?:Condition|Observation|Encounter)\b")


@pytest.mark.parametrize("address", [PAGE, "/patients/{0}/", "/patients/{0}/history/"])
def test_no_date_and_no_name_stands_there_as_machines_write_it(slips, steward, as_client, address):
    page = as_client(steward).get(address.format(slips)).content.decode()

    text = re.sub(r"(?s)<(script|style|pre)\b.*?</\1>|<[^>]+>", " ", page)
    boxes = re.findall(r'<input(?![^>]*type="hidden")[^>]* value="([^"]*)"', page)
    assert "14-Mar-1916" in text
    assert MACHINE.findall(text) == []
    assert [box for box in boxes if MACHINE.search(box)] == []


@pytest.mark.parametrize(("decision", "kept"), [("confirm", "confirmed"), ("withdraw", "withdrawn")])
def test_a_record_is_confirmed_or_entered_in_error(slips, steward, as_client, decision, kept):
    finding = held_record()

    as_client(steward).post(f"{PAGE}records/{finding.pk}/", {"decision": decision, "reason": "Asked the patient."})

    finding.refresh_from_db()
    assert finding.decision == kept
    assert AuditEvent.objects.filter(action=f"record.{decision}", actor_name=steward.username).exists()


def test_what_was_decided_already_is_said(slips, steward, as_client):
    value = held_values()[0]
    client = as_client(steward)
    client.post(f"{PAGE}values/{value.pk}/", {"decision": "confirm"})

    again = client.post(f"{PAGE}values/{value.pk}/", {"decision": "confirm"}, follow=True)

    assert "does not wait for a decision any more" in again.content.decode()
    assert client.post(f"{PAGE}values/{value.pk}/", {"decision": "guess"}).status_code == 400
    assert client.post(f"{PAGE}values/99999/", {"decision": "confirm"}).status_code == 404
    assert client.post(f"{PAGE}records/99999/", {"decision": "confirm"}).status_code == 404


def group_page(client):
    return client.get(f"{PAGE}accept/", {"group": "held:decimal_slip:systolic_pressure"})


def test_all_suggestions_of_a_group_are_accepted_only_as_they_were_shown(slips, steward, as_client):
    client = as_client(steward)
    page = group_page(client).content.decode()
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    assert len(shown) == 2

    done = client.post(f"{PAGE}accept/", {"kind": "values", "shown": [*shown, "1-forged"]}, follow=True)

    assert "2 suggestions are accepted" in done.content.decode()
    assert "Left: 1" in done.content.decode()
    assert AuditEvent.objects.filter(action="record.accept").count() == 2
    assert [held.finding for held in fix_queue(ME)] == ["unit_slip", held_record().kind]
    assert group_page(client).status_code == 404


def test_a_suggestion_that_changed_since_it_was_shown_is_left(slips, steward, as_client):
    client = as_client(steward)
    shown = re.findall(r'name="shown" value="([^"]+)"', group_page(client).content.decode())
    StandardValue.objects.filter(pk=held_values()[0].pk).update(suggestion=104)

    done = client.post(f"{PAGE}accept/", {"kind": "values", "shown": shown}, follow=True)

    assert "1 suggestion is accepted" in done.content.decode()
    assert "says something else by now" in done.content.decode()


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_another_role_is_refused_everywhere(slips, request, role, as_client):
    client = as_client(request.getfixturevalue(role))
    value = held_values()[0]

    assert client.get(PAGE).status_code == 403
    assert group_page(client).status_code == 403
    assert client.post(f"{PAGE}accept/", {"kind": "values", "shown": ["1-x"]}).status_code == 403
    assert client.post(f"{PAGE}values/{value.pk}/", {"decision": "confirm"}).status_code in {403, 404}
    assert client.post(f"{PAGE}records/{held_record().pk}/", {"decision": "confirm"}).status_code in {403, 404}
    value.refresh_from_db()
    assert value.decision == ""
    assert AuditEvent.objects.filter(outcome="refused").count() == 5


def test_nobody_decides_without_logging_in_nor_by_an_address(slips, client, steward):
    value = held_values()[0]

    assert client.get(PAGE)["Location"].startswith("/login/")
    assert client.post(f"{PAGE}values/{value.pk}/", {"decision": "confirm"})["Location"].startswith("/login/")
    client.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{PAGE}values/{value.pk}/", {"decision": "confirm"}).status_code == 405
    value.refresh_from_db()
    assert value.decision == ""


def test_a_decision_from_another_site_is_refused(slips, steward):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(f"{PAGE}values/{held_values()[0].pk}/", {"decision": "confirm"})

    assert answer.status_code == 403


def test_the_report_leads_to_the_queue_and_to_the_quarantine(slips, steward, as_client, tmp_path):
    (tmp_path / "torn.hl7").write_bytes(b"MSH|^~")
    import_files([tmp_path / "torn.hl7"], by=ME, form="hl7v2")
    measure(ME)

    page = as_client(steward).get("/quality/").content.decode()

    assert f"{PAGE}?finding=decimal_slip&amp;of=systolic_pressure" in page
    [address] = set(re.findall(r'href="(/imports/quarantine/\?reason=\w+)"', page))
    assert "of every reason" in as_client(steward).get(address).content.decode()
