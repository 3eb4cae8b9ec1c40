"""The CapabilityStatement says what is registered, no more and no less."""

from urllib.parse import urlsplit

import pytest

from wardround.hospital.fhir.interactions import INTERACTIONS
from wardround.hospital.fhir.operations.operation import EVERY_TYPE
from wardround.hospital.fhir.operations.registry import OPERATIONS
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.search_parameters import parameters_of
from wardround.interchange.fhir.structure import check


@pytest.fixture
def rest(client):
    return client.get("/fhir/R4/metadata").json()["rest"][0]


def test_it_is_valid_itself_and_open_to_everybody(client):
    response = client.get("/fhir/R4/metadata")

    assert response.status_code == 200
    statement = loads(response.content)
    assert check(statement) == []
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"]["url"].endswith("/fhir/R4")


def test_every_type_is_there_with_every_interaction_of_the_table(rest):
    listed = {one["type"]: {item["code"] for item in one["interaction"]} for one in rest["resource"]}

    assert listed.keys() == resource_types()
    table = {one.code for one in INTERACTIONS if one.level != "system" and one.is_listed}
    assert all(codes == table for codes in listed.values())
    system = {one.code for one in INTERACTIONS if one.level == "system"}
    assert {item["code"] for item in rest["interaction"]} == system


def test_every_search_parameter_of_the_registry_is_there(rest):
    for resource in rest["resource"]:
        listed = {one["name"]: (one["type"], one["definition"]) for one in resource["searchParam"]}
        known = {one.code: (one.type, one.url) for one in parameters_of(resource["type"]).values()}
        assert listed == known


def test_every_operation_of_the_registry_is_there(rest):
    listed = {("", one["name"], one["definition"]) for one in rest.get("operation", ())}
    for resource in rest["resource"]:
        listed |= {(resource["type"], one["name"], one["definition"]) for one in resource.get("operation", ())}

    assert listed == {
        (type_name, one.name, one.definition)
        for one in OPERATIONS
        for type_name in (resource_types() if one.type_name == EVERY_TYPE else {one.type_name})
    }


def test_what_is_listed_is_answered_at_its_address(backend, rest):
    """No interaction of the table is refused as a method that is not there."""
    for one in INTERACTIONS:
        address = one.address.replace("{type}", "Basic").replace("{type|*}", "Condition")
        address = address.replace("{id}", "x").replace("{vid}", "1")
        assert backend.request(one.method, address).status_code != 405, one


def test_another_mode_is_refused(client):
    assert client.get("/fhir/R4/metadata?mode=full").status_code == 200
    assert client.get("/fhir/R4/metadata?mode=terminology").status_code == 400


@pytest.mark.parametrize("type_name", ["AuditEvent", "Binary", "OperationOutcome", "Parameters", "Bundle", "Basic"])
def test_types_of_every_kind_are_stored(backend, type_name):
    bodies = {
        "AuditEvent": {
            "type": {"code": "rest"},
            "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"requestor": True}],
            "source": {"observer": {"display": "x"}},
        },
        "Binary": {"contentType": "text/plain", "data": "eA=="},
        "OperationOutcome": {"issue": [{"severity": "error", "code": "invalid"}]},
        "Bundle": {"type": "collection"},
        "Basic": {"code": {"text": "x"}},
    }
    created = backend.post(type_name, {"resourceType": type_name, **bodies.get(type_name, {})})

    assert created.status_code == 201
    assert urlsplit(created.headers["Location"]).path.startswith(f"/fhir/R4/{type_name}/")
