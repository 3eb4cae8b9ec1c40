"""Two records of one person, each with a chart of its own."""

import pytest
from two_records import ILONA, ME, WEIGHT

from wardround.hospital.records.actions.resources import create_resource


@pytest.fixture
def twice(make_patient, make_observation):
    """(kept, retired): Ilona under two numbers, with a weight in each chart."""
    kept = make_patient(**ILONA)
    retired = make_patient(**ILONA)
    make_observation(kept, loinc=WEIGHT, value=71.5, unit="kg", time="2026-03-02T08:00:00Z")
    make_observation(retired, loinc=WEIGHT, value=72.25, unit="kg", time="2026-04-02T08:00:00Z")
    return kept, retired


@pytest.fixture
def store(db):
    """Store one resource and return its id."""
    return lambda resource: create_resource(resource, by=ME).logical_id
