"""A record that comes back to what it said before a correction: a source that repeats itself undoes no correction; whoever has
seen the corrected version, and writes the old content again, means it."""

import pytest

from wardround.hospital.records.actions.changing import Changing, Precondition, Put, one_change
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
ACTOR = system_actor("tests")


@pytest.fixture
def person(make_patient):
    """A living patient of whom a death was written and then corrected away."""
    patient_id = make_patient()
    living = present(patient_id)
    write({**living, "deceasedDateTime": "2026-03-05T11:30:00+01:00"})
    write(living, activity="correct")
    return patient_id


def write(resource, *, activity="update", sees=None):
    only_if = Precondition(version=sees)
    with one_change(ACTOR):
        (stored,) = Changing(ACTOR).put([Put(resource, activity=activity, only_if=only_if, reason="said so")])
    return stored


def present(patient_id):
    newest = ResourceVersion.objects.filter(resource__type="Patient", resource__logical_id=patient_id).latest("number")
    return loads(open_body(newest, keyring=Keyring()))


def test_a_source_that_repeats_itself_undoes_no_correction(person):
    again = write({**present(person), "deceasedDateTime": "2026-03-05T11:30:00+01:00"})

    assert again.change == "unchanged"
    assert "deceasedDateTime" not in present(person)


def test_whoever_has_seen_the_correction_and_writes_the_same_again_is_heard(person):
    version = Resource.objects.get(type="Patient", logical_id=person).version

    again = write({**present(person), "deceasedDateTime": "2026-03-05T11:30:00+01:00"}, sees=version)

    assert (again.change, again.version) == ("updated", version + 1)
    assert present(person)["deceasedDateTime"] == "2026-03-05T11:30:00+01:00"


def test_and_what_stands_there_already_makes_no_version(make_patient):
    patient_id = make_patient()
    version = Resource.objects.get(type="Patient", logical_id=patient_id).version

    assert write(present(patient_id), sees=version).change == "unchanged"
