"""Charts to look at."""

import pytest


@pytest.fixture
def make_pressure(make_observation):
    """Store a systolic pressure and return the observation's id."""

    def make(patient_id: str, value: float, *, time: str = "2026-03-02T08:00:00Z") -> str:
        return make_observation(patient_id, loinc="8480-6", value=value, unit="mm[Hg]", time=time)

    return make


@pytest.fixture
def text_of(as_client):
    """text_of(doctor, "/patients/1/"): the page's HTML as this person sees it."""

    def read(user, path: str) -> str:
        return as_client(user).get(path).content.decode()

    return read


@pytest.fixture
def make_resource(db):
    """Store any resource and return its id: make_resource("Condition", subject=..., code=...)."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    def make(type_name: str, **elements: object) -> str:
        return create_resource({"resourceType": type_name, **elements}, by=system_actor("tests")).logical_id

    return make
