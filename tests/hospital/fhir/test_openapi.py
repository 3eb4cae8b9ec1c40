"""The OpenAPI document says what the interface serves, neither more nor less."""

import pytest
from django.urls import resolve

_FILLED = {"{id}": "x", "{vid}": "1"}


@pytest.fixture
def document(client, db):
    return client.get("/fhir/R4/openapi.json").json()


@pytest.fixture
def statement(client, db):
    return client.get("/fhir/R4/metadata").json()["rest"][0]


def _filled(path):
    for name, value in _FILLED.items():
        path = path.replace(name, value)
    return f"/fhir/R4{path}"


def test_the_document_is_open_as_metadata_is(client, db):
    answer = client.get("/fhir/R4/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["openapi"] == "3.1.0"


def test_every_described_address_is_one_that_is_served_by_its_method(document, backend, client):
    for path, methods in document["paths"].items():
        assert resolve(_filled(path)).url_name != "fhir-nowhere", path
        if path.startswith(("/Patient", "/_", "/$")) or path == "/":
            for method in methods:
                assert backend.request(method.upper(), _filled(path).removeprefix("/fhir/R4/")).status_code != 405, path


def test_every_type_interaction_and_search_parameter_of_the_statement_is_described(document, statement):
    described = {one["operationId"]: one for path in document["paths"].values() for one in path.values()}

    for resource in statement["resource"]:
        for interaction in resource["interaction"]:
            assert f"{interaction['code']}-{resource['type']}" in described
        if "searchParam" in resource:
            search = described[f"search-type-{resource['type']}"]
            assert {one["name"] for one in resource["searchParam"]} <= {one.get("name") for one in search["parameters"]}
