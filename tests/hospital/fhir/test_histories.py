"""Histories of a resource, a type and the system, in pages that stay whole while data change."""

import pytest

from wardround.hospital.records.models import ResourceVersion
from wardround.web.audit.models import AuditEvent


def versions(bundle):
    found = []
    for entry in bundle.get("entry", []):
        version = entry["response"]["etag"].strip('W/"')
        found.append((entry["fullUrl"].split("/R4/")[1], version))
    return found


def following(bundle):
    return next((one["url"].split("/R4/")[1] for one in bundle["link"] if one["relation"] == "next"), None)


@pytest.fixture
def three_wards(backend):
    for number in (1, 2, 3):
        backend.put(f"Organization/w{number}", {"resourceType": "Organization", "id": f"w{number}", "name": "Ward"})
    backend.put("Organization/w1", {"resourceType": "Organization", "id": "w1", "name": "Ward One"})
    backend.put("Location/l", {"resourceType": "Location", "id": "l", "name": "Room"})
    backend.delete("Organization/w2")


def test_a_types_history_is_newest_first_with_deletions(backend, three_wards):
    bundle = backend.get("Organization/_history").json()

    assert bundle["type"] == "history"
    assert bundle["total"] == 5
    assert versions(bundle) == [
        ("Organization/w2", "2"),
        ("Organization/w1", "2"),
        ("Organization/w3", "1"),
        ("Organization/w2", "1"),
        ("Organization/w1", "1"),
    ]
    assert bundle["entry"][0]["request"] == {"method": "DELETE", "url": "Organization/w2"}


def test_the_systems_history_has_every_type(backend, three_wards):
    bundle = backend.get("_history").json()

    assert bundle["total"] == 6
    assert ("Location/l", "1") in versions(bundle)
    assert AuditEvent.objects.filter(action="record.history", what="*").exists()


@pytest.mark.parametrize("address", ["_history", "Organization/_history", "Organization/w1/_history"])
def test_pages_join_to_the_whole_although_something_is_written_in_between(backend, three_wards, address):
    whole = versions(backend.get(address).json())

    page = backend.get(f"{address}?_count=1").json()
    found = versions(page)
    while next_address := following(page):
        body = {"resourceType": "Organization", "id": "w1", "name": f"Ward {len(found)}"}
        backend.put("Organization/w1", body)
        page = backend.get(next_address).json()
        assert page["total"] == len(whole)
        found += versions(page)

    assert found == whole


def test_since_and_at_narrow_a_history(backend, three_wards):
    moments = list(ResourceVersion.objects.order_by("pk").values_list("recorded", flat=True))
    fourth = moments[3].isoformat().replace("+00:00", "Z")

    since = versions(backend.get(f"_history?_since={fourth}").json())
    at = versions(backend.get(f"Organization/_history?_at={fourth}").json())

    assert since == [("Organization/w2", "2"), ("Location/l", "1"), ("Organization/w1", "2")]
    assert at == [("Organization/w1", "2"), ("Organization/w3", "1"), ("Organization/w2", "1")]
    assert versions(backend.get("_history?_since=2199").json()) == []
    assert versions(backend.get("_history?_at=1999").json()) == []


@pytest.mark.parametrize(
    "query", ["_count=0", "_count=x", "_count=%D9%A1", "_since=yesterday", "_at=2026-13", "_page=made-up", "name=x"]
)
def test_what_a_history_does_not_understand_is_refused(backend, query):
    answer = backend.get(f"Organization/_history?{query}")

    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_page_link_of_one_history_does_not_open_another(backend, three_wards):
    link = following(backend.get("Organization/_history?_count=1").json())

    assert backend.get(link.replace("Organization/_history", "_history")).status_code == 400


def test_a_history_shows_what_the_scopes_open(backend, backend_with, three_wards):
    narrow = backend_with("system/Location.rs")

    assert versions(narrow.get("_history").json()) == [("Location/l", "1")]
    assert narrow.get("Organization/_history").status_code == 403
    assert narrow.get("Organization/w1/_history").status_code == 403
    assert backend_with("system/Location.r").get("Location/_history").status_code == 403


def test_a_stranger_sees_no_history(as_client, stranger, make_patient):
    make_patient()

    answer = as_client(stranger).get("/fhir/R4/_history")

    assert answer.status_code == 403
    assert "Kov" not in answer.content.decode()
