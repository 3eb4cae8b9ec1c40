"""Schemathesis sends what the OpenAPI document allows, and what it forbids; every answer is one that it describes."""

from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
FUZZ = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@cache
def application():
    return get_wsgi_application()


@pytest.fixture
def operations(db, client):
    document = client.get("/fhir/R4/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application()
    schema.config.update(base_url="http://testserver/fhir/R4")
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture
def some_operations(operations):
    """Those of the whole system and of a few types: what differs between types is not the way they are served."""
    return [
        one
        for one in operations
        if set(one.tags or ()) & {"system", "Resource", "Patient", "Observation", "Group", "ViewDefinition"}
    ]


@pytest.fixture
def send(db):
    token = make_token("laboratory", scopes="system/*.cruds", days=1, by=system_actor("tests"))

    def sent(case):
        try:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
        except FailureGroup as group:
            raise AssertionError("\n".join(str(one) for one in group.exceptions)) from None

    # As Django's own test client does: the end of a request must not close the connection that holds the test's rows.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield sent
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@settings(max_examples=120, **FUZZ)
@given(data=st.data())
def test_every_answer_is_one_that_the_document_describes(some_operations, send, data):
    send(data.draw(_cases(some_operations)))


@pytest.mark.slow
@settings(max_examples=1500, **FUZZ)
@given(data=st.data())
def test_many_more_answers_are_ones_that_the_document_describes(operations, send, data):
    send(data.draw(_cases(operations)))


def _cases(operations):
    return st.sampled_from(operations).flatmap(
        lambda operation: st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]).flatmap(
            lambda mode: operation.as_strategy(generation_mode=mode)
        )
    )
