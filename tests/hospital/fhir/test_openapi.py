"""The OpenAPI document says what the interface serves, neither more nor less."""

import json
import re

import pytest
from django.urls import resolve

from wardround.hospital.fhir.interactions import INTERACTIONS
from wardround.hospital.fhir.openapi_operations import template_of
from wardround.hospital.fhir.operations.registry import OPERATIONS

_FILLED = {"{id}": "x", "{vid}": "1", "{type}": "Observation", "{job_id}": "0" * 32, "{number}": "1"}


@pytest.fixture
def document(client, db):
    return client.get("/fhir/R4/openapi.json").json()


@pytest.fixture
def statement(client, db):
    return client.get("/fhir/R4/metadata").json()["rest"][0]


def _filled(path):
    for name, value in _FILLED.items():
        path = path.replace(name, value)
    return f"/fhir/R4{re.sub('{[^}]*}', 'x', path)}"


def _of(document):
    return [one for path in document["paths"].values() for one in path.values()]


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


def test_every_interaction_and_operation_that_is_served_is_described(document):
    for one in INTERACTIONS:
        address = "/" + one.address.replace("{type|*}", "{type}")
        named = address if address.startswith("/Patient/") else address.replace("{type}", "Observation")
        assert one.method.lower() in document["paths"][named], one
    for operation in OPERATIONS:
        assert {method.lower() for method in operation.handlers} <= set(
            document["paths"][template_of(operation.address)]
        )


def test_every_type_interaction_and_search_parameter_of_the_statement_is_described(document, statement):
    described = {one["operationId"]: one for one in _of(document)}

    for resource in statement["resource"]:
        for interaction in resource["interaction"]:
            assert f"{interaction['code']}-{resource['type']}" in described
        named = {one["$ref"] for one in described[f"search-type-{resource['type']}"]["parameters"]}
        for parameter in resource["searchParam"]:
            assert f"#/components/parameters/{resource['type']}.{parameter['name']}" in named


def test_every_reference_within_the_document_leads_to_something_and_every_name_is_said_once(document):
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.split("/"):
            place = place[step]
    names = [one["operationId"] for one in _of(document)]
    assert len(names) == len(set(names))
    for path, methods in document["paths"].items():
        for one in methods.values():
            given = [document["components"]["parameters"][p["$ref"].split("/")[-1]] if "$ref" in p else p
                     for p in one.get("parameters", ())]  # fmt: skip
            assert {p["name"] for p in given if p["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path)), path


def test_only_the_two_descriptions_are_open_to_everybody(document, client):
    is_open = {
        path for path, methods in document["paths"].items() if any(o.get("security") == [] for o in methods.values())
    }

    assert is_open == {"/metadata"}
    for path, methods in document["paths"].items():
        if path not in is_open and (path.startswith(("/Patient", "/_", "/$")) or path == "/"):
            for method in methods:
                assert client.generic(method.upper(), _filled(path)).status_code == 401, path
