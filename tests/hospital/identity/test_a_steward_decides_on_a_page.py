"""The pages where a steward decides who is one person."""

import pytest
from django.test import Client
from two_records import ME

from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.searching import search_everybody
from wardround.hospital.merges.models import Merge
from wardround.hospital.records.access import patient_for
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(twice):
    search_everybody(ME)
    return f"/duplicates/{CandidatePair.objects.get().pk}/"


def test_a_steward_sees_the_pair_and_both_sides(address, twice, steward, as_client):
    client = as_client(steward)

    assert address in client.get("/duplicates/").content.decode()
    page = client.get(address).content.decode()
    assert page.count("<td>kovacs</td>") == 2
    assert page.count("KOVÁCS, Ilona") == 2
    for patient_id in twice:
        assert f"/patients/{patient_id}/" in page
        assert f'value="{patient_id}"' in page


def test_a_decision_is_sent_from_the_page_and_taken_back(address, twice, steward, as_client):
    kept, retired = twice
    client = as_client(steward)

    done = client.post(address, {"keep": kept, "reason": "Same card."}, follow=True)
    assert "1 records moved" in done.content.decode()
    assert patient_for(ME, retired).id == kept
    assert address in client.get("/duplicates/?state=merged").content.decode()
    assert "Same card." in client.get(address).content.decode()
    back = client.post(address, {"decision": "undo", "reason": "Two cards after all."}, follow=True)
    assert "went back" in back.content.decode()
    client.post(address, {"decision": "different"})
    assert CandidatePair.objects.get().state == "different"
    assert client.post(address, {"decision": "perhaps"}).status_code == 400
    again = client.post(address, {"keep": kept}, follow=True)
    assert "decided already" in again.content.decode()


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("stranger", 403), ("doctor", 200)])
def test_only_who_looks_after_data_comes_in(address, request, role, status, as_client):
    client = as_client(request.getfixturevalue(role))

    assert client.get("/duplicates/").status_code == status
    assert client.get(address).status_code == status
    if status == 403:
        assert client.post(address, {"decision": "different"}).status_code == 403
        assert CandidatePair.objects.get().state == "open"


def test_nobody_comes_in_without_logging_in(address, client):
    assert client.get(address)["Location"].startswith("/login/")
    assert client.post(address, {"decision": "different"}).status_code == 302
    assert CandidatePair.objects.get().state == "open"


def test_what_agrees_is_said_in_words_and_the_fuller_record_is_chosen(
    twice, address, steward, as_client, make_observation
):
    fuller = twice[1]
    make_observation(fuller, loinc="8867-4", value=70, unit="/min")

    page = as_client(steward).get(address).content.decode()

    assert "</svg>equal</span>" in page
    assert "</svg>different</span>" in page  # their numbers
    assert f'value="{fuller}" checked' in page
    assert "Observations 2" in page
    assert "Neither states" in page


def test_each_decision_is_kept_with_its_reason_and_in_the_audit_trail(twice, address, steward, as_client):
    client = as_client(steward)

    client.post(address, {"keep": twice[0], "decision": "merge", "reason": "Same card."})
    client.post(address, {"decision": "undo", "reason": "Two cards after all."})
    client.post(address, {"decision": "different", "reason": "Twins."})

    deeds = AuditEvent.objects.filter(actor_name=steward.username, outcome="done")
    assert {"patient.merge", "patient.unmerge", "identity.different"} <= set(deeds.values_list("action", flat=True))
    assert Merge.objects.get().undone_reason == "Two cards after all."
    assert "Twins." in client.get("/duplicates/?state=different").content.decode()
    assert client.get("/duplicates/?state=perhaps").status_code == 404


def test_a_decision_from_another_site_is_refused(address, steward):
    client = Client(enforce_csrf_checks=True)
    client.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(address, {"decision": "different"}).status_code == 403
    assert CandidatePair.objects.get().state == "open"


def test_a_pair_that_is_not_there_is_404(steward, as_client):
    assert as_client(steward).get("/duplicates/99/").status_code == 404
