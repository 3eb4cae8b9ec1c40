"""A chart outside one's care teams, opened in an emergency: exact words, an hour, a report, and a review."""

from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.hospital.administration import people_actions
from wardround.hospital.care.actions import take_patient
from wardround.hospital.care.models import EmergencyAccess, EmergencyRefusal
from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.patient_list import patient_page
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

REASON = "Unconscious in the emergency room"


@pytest.fixture
def officer(db):
    return User.objects.create(username="p.weber", role="privacy_officer", password="!")


@pytest.fixture
def heart(house, nurse):
    """A patient of Cardiology, T-1001, born 1963, who is not the nurse's."""
    return house.heart


def asked(client, *, number="T-1001", birth="1963", reason=REASON):
    return client.post("/emergency-access/", {"number": number, "birth": birth, "reason": reason})


def opened(client):
    asked(client)
    return EmergencyAccess.objects.get()


def test_number_and_birth_date_open_the_chart_with_a_strip(heart, nurse, as_client):
    client = as_client(nurse)
    assert client.get(f"/patients/{heart}/").status_code == 404

    answer = client.post("/emergency-access/", {"number": " T-1001 ", "birth": "1963", "reason": REASON}, follow=True)

    text = answer.content.decode()
    assert answer.redirect_chain == [(f"/patients/{heart}/", 302)]
    assert "Emergency access until" in text
    assert REASON in text
    assert client.get(f"/patients/{heart}/history/").content.decode().count("Emergency access until") == 1


def test_it_lasts_sixty_minutes(heart, nurse, as_client):
    access = opened(as_client(nurse))
    assert access.until - access.opened == timedelta(minutes=60)
    assert patient_for(nurse, heart).emergency_until == access.until

    EmergencyAccess.objects.update(until=timezone.now() - timedelta(seconds=1))

    with pytest.raises(NotThere):
        patient_for(nurse, heart)
    assert heart not in {line.id for line in patient_page(nurse).lines}


def test_it_is_that_persons_alone(heart, nurse, as_client):
    opened(as_client(nurse))
    other = User.objects.create(username="other", role="nurse", password="!")

    with pytest.raises(NotThere):
        patient_for(other, heart)


@pytest.mark.parametrize("birth", ["02-May-1971", "1971-05-02", "2. Mai 1971", "1971. máj. 2.", "02.05.1971"])
def test_a_birth_date_is_read_as_people_write_it(birth, house, make_patient, nurse, as_client):
    there = make_patient(birth="1971-05-02")
    take_patient(house.cardiology, there, by=system_actor("tests"))
    client = as_client(nurse)
    assert client.get(f"/patients/{there}/").status_code == 404

    assert asked(client, number="T-1003", birth=birth).url == f"/patients/{there}/"


@pytest.mark.parametrize(
    ("number", "birth"), [("T-1001", "1964"), ("T-1001", ""), ("T-9999", "1963"), ("", "1963"), ("T-100", "1963")]
)
def test_wrong_words_look_like_nobody(heart, nurse, as_client, number, birth):
    text = asked(as_client(nurse), number=number, birth=birth).content.decode()

    assert "There is no such patient." in text
    assert not EmergencyAccess.objects.exists()
    assert AuditEvent.objects.filter(action="emergency.open", outcome="refused", patient_id="").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "help", "x" * 501])
def test_a_reason_is_needed(heart, nurse, as_client, reason):
    assert "in a few words" in asked(as_client(nurse), reason=reason).content.decode()
    assert not EmergencyAccess.objects.exists()


def test_who_guesses_is_stopped_even_with_the_right_words(heart, nurse, as_client):
    client = as_client(nurse)
    for _attempt in range(5):
        asked(client, birth="1900")

    assert "Too many attempts" in asked(client).content.decode()
    assert not EmergencyAccess.objects.exists()
    assert AuditEvent.objects.filter(action="emergency.open", detail__why="too many in a row").count() == 1


def test_it_is_audited_and_every_opening_names_it(heart, nurse, as_client):
    access = opened(as_client(nurse))
    patient_for(nurse, heart)

    event = AuditEvent.objects.get(action="emergency.open", outcome="done")
    assert (event.actor_name, event.patient_id, event.what) == ("n.horvath", heart, f"EmergencyAccess/{access.id}")
    assert AuditEvent.objects.filter(action="patient.open").latest("id").detail["emergency"] == access.id


def test_the_reason_lies_encrypted(heart, nurse, as_client):
    access = opened(as_client(nurse))

    assert REASON.encode() not in bytes(access.reason)
    assert REASON not in str(list(AuditEvent.objects.values_list("detail", "what")))


def test_the_person_ends_it_early(heart, nurse, as_client):
    client = as_client(nurse)
    access = opened(client)

    client.post(f"/emergency-access/{access.id}/end/")

    assert client.get(f"/patients/{heart}/").status_code == 404
    assert AuditEvent.objects.filter(action="emergency.end", patient_id=heart).count() == 1


def test_nobody_ends_anothers(heart, nurse, as_client):
    access = opened(as_client(nurse))
    other = User.objects.create(username="other", role="doctor", password="!")

    as_client(other).post(f"/emergency-access/{access.id}/end/")

    assert patient_for(nurse, heart).emergency_until == access.until


def test_an_alert_stands_until_somebody_reviews_it_with_a_note(heart, nurse, officer, stranger, as_client):
    access = opened(as_client(nurse))
    for reviewer in (officer, stranger):
        text = as_client(reviewer).get("/administration/emergencies/").content.decode()
        assert "1 emergency access waits for a review" in text
        assert REASON in text
    client = as_client(officer)

    client.post("/administration/emergencies/", {"access": access.id, "note": " "})
    assert EmergencyAccess.objects.get().reviewed is None
    client.post("/administration/emergencies/", {"access": access.id, "note": "Justified, spoke with the ward."})

    text = client.get("/administration/emergencies/").content.decode()
    assert "1 emergency access waits for a review" not in text
    assert "Justified, spoke with the ward." in text
    assert b"Justified" not in bytes(EmergencyAccess.objects.get().note)
    assert AuditEvent.objects.get(action="emergency.review").actor_name == "p.weber"


@pytest.mark.parametrize("role", ["steward", "stranger"])
def test_only_nurses_and_doctors_open_charts_so(heart, request, role, as_client):
    client = as_client(request.getfixturevalue(role))

    assert client.get("/emergency-access/").status_code == 403
    assert asked(client).status_code == 403


@pytest.mark.parametrize("role", ["nurse", "doctor", "steward"])
def test_only_privacy_officers_and_administrators_review(heart, request, role, as_client):
    client = as_client(request.getfixturevalue(role))

    assert client.get("/administration/emergencies/").status_code == 403
    assert client.post("/administration/emergencies/", {"access": "x", "note": "Fine"}).status_code == 403


def test_who_has_the_patient_needs_no_emergency(house, doctor, as_client):
    asked(as_client(doctor))

    assert patient_for(doctor, house.heart).emergency_until is None


@pytest.mark.parametrize("change", ["role", "deactivated"])
def test_it_ends_for_good_with_the_role_or_the_right_to_log_in(heart, nurse, stranger, as_client, change):
    access = opened(as_client(nurse))

    if change == "role":
        people_actions.change_role(nurse.username, role="doctor", by=stranger)
    else:
        people_actions.deactivate(nurse.username, by=stranger)
        people_actions.activate(nurse.username, by=stranger)

    with pytest.raises(NotThere):
        patient_for(User.objects.get(pk=nurse.pk), heart)
    ended = AuditEvent.objects.get(action="emergency.end")
    assert (ended.actor_name, ended.what) == (stranger.username, str(access))


def test_nobody_reviews_their_own_in_a_later_role(heart, nurse, as_client):
    access = opened(as_client(nurse))
    User.objects.filter(pk=nurse.pk).update(role="privacy_officer")
    client = as_client(User.objects.get(pk=nurse.pk))

    answer = client.post("/administration/emergencies/", {"access": access.id, "note": "All well."}, follow=True)

    assert "Nobody reviews their own" in answer.content.decode()
    assert EmergencyAccess.objects.get().reviewed is None
    assert AuditEvent.objects.filter(action="emergency.review", outcome="refused").count() == 1


def test_it_does_not_end_with_a_log_out_and_is_not_prolonged_by_asking_again(heart, nurse, as_client):
    client = as_client(nurse)
    access = opened(client)
    client.post("/logout/")

    asked(as_client(nurse))

    assert EmergencyAccess.objects.get().until == access.until
    assert patient_for(nurse, heart).emergency_until == access.until


def test_a_form_that_was_open_when_the_hour_ended_saves_nothing(heart, nurse, as_client):
    client = as_client(nurse)
    opened(client)
    form = f"/patients/{heart}/enter/vital-signs/"
    assert client.get(form).status_code == 200
    EmergencyAccess.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert client.post(form, {"heart_rate": "80", "save": "1"}).status_code == 404


def test_an_attempt_counts_before_anything_is_looked_up_so_that_many_at_once_are_stopped(
    heart, nurse, as_client, monkeypatch
):
    counted = []
    monkeypatch.setattr(
        "wardround.hospital.emergency.actions.patients_by_number",
        lambda _number: counted.append(EmergencyRefusal.objects.count()) or {},
    )
    for _attempt in range(3):
        asked(as_client(nurse), birth="1901")

    assert counted == [1, 2, 3]


def test_a_right_answer_begins_the_count_anew(heart, house, nurse, as_client):
    client = as_client(nurse)
    for _attempt in range(4):
        asked(client, birth="1901")
    asked(client)

    assert EmergencyRefusal.objects.count() == 0
    asked(client)  # is open already
    assert EmergencyRefusal.objects.count() == 0
