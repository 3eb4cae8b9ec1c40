"""The pages where a steward decides who is one person."""

import pytest
from two_records import ME

from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.searching import search_everybody
from wardround.hospital.records.access import patient_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(twice):
    search_everybody(ME)
    return f"/duplicates/{CandidatePair.objects.get().pk}/"


def test_a_steward_sees_the_pair_and_both_sides(address, twice, steward, as_client):
    client = as_client(steward)

    assert address in client.get("/duplicates/").content.decode()
    page = client.get(address).content.decode()
    assert page.count("kovacs") == 2
    for patient_id in twice:
        assert f"/patients/{patient_id}/" in page
        assert f'value="{patient_id}"' in page


def test_a_decision_is_sent_from_the_page_and_taken_back(address, twice, steward, as_client):
    kept, retired = twice
    client = as_client(steward)

    done = client.post(address, {"keep": kept, "reason": "Same card."}, follow=True)
    assert "1 records moved" in done.content.decode()
    assert patient_for(ME, retired).id == kept
    assert address in client.get("/duplicates/").content.decode()
    back = client.post(address, {"decision": "undo"}, follow=True)
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


def test_nobody_comes_in_without_logging_in(address, client):
    assert client.get(address)["Location"].startswith("/login/")
    assert client.post(address, {"decision": "different"}).status_code == 302
    assert CandidatePair.objects.get().state == "open"


def test_a_pair_that_is_not_there_is_404(steward, as_client):
    assert as_client(steward).get("/duplicates/99/").status_code == 404
