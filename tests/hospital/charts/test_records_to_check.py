"""Records that wait for a decision: shown in the chart, decided there by who may, and told in the change history."""

import re
from datetime import UTC, datetime

import pytest

from wardround.hospital.records.models import ResourceFinding
from wardround.web.layout.dates import printed_time


@pytest.fixture
def waiting(make_patient, make_observation):
    """A glucose of 2062; (patient id, the address that decides about it)."""
    patient_id = make_patient(birth="1970")
    make_observation(patient_id, loinc="2345-7", value=95, unit="mg/dL", time="2062-03-02T08:15:00Z")
    return patient_id, f"/patients/{patient_id}/records/{ResourceFinding.objects.get().pk}/"


def shown(client, patient_id, *, page=""):
    return client.get(f"/patients/{patient_id}/{page}").content.decode()


def test_a_held_record_is_shown_with_what_was_probably_meant(waiting, doctor, as_client):
    client = as_client(doctor)

    page, history = shown(client, waiting[0]), shown(client, waiting[0], page="history/")

    assert "Records to check" in page
    assert f"Use {printed_time(datetime(2026, 3, 2, 8, 15, tzinfo=UTC))}" in page
    assert "mg/dL is right" not in page  # the value is not in doubt
    assert "in the future" in history


def test_accepting_in_the_chart_mends_the_record(waiting, doctor, as_client):
    client = as_client(doctor)

    answer = client.post(waiting[1], {"decision": "accept", "reason": "Read again."}, follow=True)

    assert "The suggestion is accepted" in answer.content.decode()
    assert "Records to check" not in shown(client, waiting[0])
    assert ResourceFinding.objects.get().decision_reason == "Read again."


def test_confirming_and_withdrawing_in_the_chart(waiting, doctor, as_client):
    client = as_client(doctor)

    refused = client.post(waiting[1], {"decision": "withdraw"}, follow=True).content.decode()
    client.post(waiting[1], {"decision": "withdraw", "reason": "Another patient's."})

    assert "needs its reason" in refused
    assert ResourceFinding.objects.get().decision == "withdrawn"
    assert "Marked as entered in error" in shown(client, waiting[0], page="history/")


def test_a_person_is_confirmed_or_corrected_and_never_entered_in_error(make_patient, doctor, as_client):
    patient_id = make_patient(birth="2062")
    client = as_client(doctor)
    address = f"/patients/{patient_id}/records/{ResourceFinding.objects.get().pk}/"

    page = shown(client, patient_id)
    client.post(address, {"decision": "withdraw", "reason": "Nobody."})

    assert 'value="confirm"' in page
    assert 'value="withdraw"' not in page
    assert ResourceFinding.objects.get().decision == ""


def test_a_confirmed_record_says_who_confirmed_it(waiting, doctor, as_client):
    client = as_client(doctor)

    client.post(waiting[1], {"decision": "confirm"})

    assert "Records to check" not in shown(client, waiting[0])
    assert f"Confirmed by {doctor.username}." in shown(client, waiting[0], page="history/")


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_who_may_not_decide_finds_no_page_and_changes_nothing(waiting, as_client, request, role):
    answer = as_client(request.getfixturevalue(role)).post(waiting[1], {"decision": "confirm"})

    assert answer.status_code == 404
    assert ResourceFinding.objects.get().is_held


def test_who_is_signed_out_is_asked_to_sign_in(waiting, client):
    assert client.post(waiting[1], {"decision": "confirm"}).status_code == 302
    assert ResourceFinding.objects.get().is_held


def test_a_finding_of_another_chart_or_an_unknown_decision_is_refused(waiting, make_patient, doctor, as_client):
    client = as_client(doctor)
    elsewhere = waiting[1].replace(waiting[0], make_patient())

    assert client.post(elsewhere, {"decision": "confirm"}).status_code == 404
    assert client.post(waiting[1], {"decision": "perhaps"}).status_code == 400
    assert ResourceFinding.objects.get().is_held


def test_what_was_entered_twice_is_named_by_what_it_is_and_not_by_an_id(
    make_patient, make_observation, doctor, as_client
):
    patient_id = make_patient(birth="1970")
    for _twice in range(2):
        make_observation(patient_id, loinc="8867-4", value=101, unit="/min", time="2026-03-02T08:15:00Z")

    page = " ".join(re.sub(r"<[^>]+>", " ", shown(as_client(doctor), patient_id)).split())

    card = page.partition("Records to check")[2]
    assert re.search(r"Heart rate Held 101 /min · 02-Mar-2026 08:15 It says the same as another record, at the", card)
    assert not re.search(r"Observation/\w", page)
    assert "It says the same as another record" in page.partition("Records to check")[0]  # beside the value
