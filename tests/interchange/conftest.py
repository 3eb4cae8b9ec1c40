"""Mappings and readings for the readers' tests."""

import pytest
from hypothesis import settings

from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.structure import check
from wardround.interchange.hl7v2 import read_again
from wardround.interchange.mapping import mapping_of

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def make_mapping():
    """A mapping from its sections; the source is a small hospital in Budapest unless said otherwise."""

    def make(form, *, source=None, **sections):
        basis = {"slug": "small", "format": form, "zone": "Europe/Budapest"}
        return mapping_of({"source": basis | (source or {})} | sections)

    return make


@pytest.fixture
def sort_out():
    """(the drafts' resources in one list, the reasons of the rejects)."""

    def sort(readings):
        readings = list(readings)
        resources = [resource for r in readings if isinstance(r, Draft) for resource in r.resources]
        return resources, [r.reason for r in readings if not isinstance(r, Draft)]

    return sort


@pytest.fixture
def take_message(make_mapping):
    """A function from a kind ("ORM^O01") and the segments after PID and PV1 to what is read: a Draft that is FHIR, or a Reject."""
    mapping = make_mapping("hl7v2", source={"assigning_authority": "BUDAPEST"})

    def take(kind, *segments, control="M1", visit="PV1|1|O|||||||||||||||||V1"):
        header = f"MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|X|20260203083000||{kind}|{control}|P|2.5.1"
        person = "PID|1||7^^^BUDAPEST^MR||Kov\u00e1cs^\u00c9va||196302|F"
        text = "\r".join([header, person, *([visit] if visit else []), *segments])
        (reading,) = read_again(Source("x.hl7", "message 1", text.encode()), mapping=mapping)
        if isinstance(reading, Draft):
            assert not [problem for resource in reading.resources for problem in check(resource)]
        return reading

    return take


@pytest.fixture
def resources_of_message(take_message):
    """A function from a message to its resources of one type."""

    def resources(type_name, *message, **options):
        draft = take_message(*message, **options)
        assert isinstance(draft, Draft), draft.reason
        return [resource for resource in draft.resources if resource["resourceType"] == type_name]

    return resources


@pytest.fixture
def only_one(resources_of_message):
    """A function from a message to its one resource of a type."""

    def one(type_name, *message, **options):
        (resource,) = resources_of_message(type_name, *message, **options)
        return resource

    return one
