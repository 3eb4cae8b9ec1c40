"""A token reads through a search only what its scopes open to a search."""

import pytest

from wardround.web.audit.models import AuditEvent


@pytest.fixture
def chart(store, observe, patients):
    store("Organization/o", name="Saint Rókus")
    store("Patient/p3", name=[{"family": "Szabó"}], managingOrganization={"reference": "Organization/o"})
    observe("a", subject={"reference": "Patient/p1"}, code={"coding": [{"code": "x"}]})
    observe("b", subject={"reference": "Patient/p3"}, performer=[{"reference": "Organization/o"}])


@pytest.mark.parametrize(
    ("scopes", "search"),
    [
        ("system/Patient.rs", "Observation?code=x"),
        ("system/Observation.cru", "Observation?code=x"),
        ("system/Observation.rs", "Observation?subject:Patient.name=kov"),
        ("system/Observation.rs", "Observation?patient.name=kov"),
        ("system/Observation.rs system/Patient.r", "Observation?patient.name=kov"),
        ("system/Observation.rs system/Patient.rs", "Observation?patient.organization.name=saint"),
        ("system/Patient.rs", "Patient?_has:Observation:patient:code=x"),
        ("system/Observation.rs", "Observation?_include=Observation:subject:Patient"),
        ("system/Observation.rs", "Observation?_include=Observation:subject"),
        ("system/Patient.rs", "Patient?_revinclude=Observation:subject"),
        ("system/Observation.rs", "?_type=Observation,Patient"),
        ("system/Observation.r", "?_lastUpdated=gt2020"),
        ("system/Patient.rs", "Patient/p1/Observation"),
    ],
)
def test_a_type_outside_the_scopes_is_not_read_through(chart, backend_with, scopes, search):
    response = backend_with(scopes).get(search)

    assert response.status_code == 403, response.content
    assert response.json()["issue"][0]["code"] == "forbidden"
    assert AuditEvent.objects.filter(action="token.scope", outcome="refused").exists()


def test_an_untyped_chain_and_an_untyped_include_reach_as_far_as_the_scopes(chart, backend_with, found):
    client = backend_with("system/Observation.rs system/Organization.rs")

    assert found("Observation?performer.name=saint", client) == ["b"]
    entries = client.get("Observation?_include=Observation:*").json()["entry"]
    types = {entry["resource"]["resourceType"] for entry in entries}
    assert types == {"Observation", "Organization"}


def test_a_search_over_all_types_covers_those_that_the_scopes_open(chart, backend_with, found):
    client = backend_with("system/Observation.rs system/Organization.rs")

    assert found("?_lastUpdated=gt2020", client) == ["o", "a", "b"]
    assert found("Patient/p3/*", client) == ["b"]


def test_a_person_without_charts_searches_nothing(as_client, stranger, chart):
    assert as_client(stranger).get("/fhir/R4/Observation?code=x").status_code == 403


def test_a_search_through_other_types_is_audited_by_what(chart, backend):
    backend.get("Observation?patient.name=kov&_include=Observation:subject")

    event = AuditEvent.objects.filter(action="record.search").last()
    assert event.detail == {"parameters": ["patient"], "found": 1, "included": 1}
    assert "kov" not in str(event.detail)


def test_a_compartment_is_opened_like_every_chart(chart, backend):
    backend.get("Patient/p1/Observation")

    assert AuditEvent.objects.filter(action="patient.open", patient_id="p1").exists()
