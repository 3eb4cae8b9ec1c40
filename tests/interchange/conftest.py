"""Mappings and readings for the readers' tests."""

import pytest
from hypothesis import settings

from wardround.interchange.draft import Draft
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
