"""Which resources the search of a conditional interaction means."""

import pytest

from wardround.hospital.fhir.errors import FhirError, Forbidden
from wardround.hospital.fhir.searching.matching import matching_ids
from wardround.web.audit.actor import Actor, system_actor


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("gender=female", ["a", "b"]),
        ("?gender=female&name=kov", ["a"]),
        ("identifier=urn:mrn|1", ["a"]),
        ("_id=zzz", []),
        ("gender:missing=false", ["a", "b"]),
    ],
)
def test_the_first_that_it_means_are_found(store, search, ids):
    store("Patient/a", name=[{"family": "Kovács"}], gender="female", identifier=[{"system": "urn:mrn", "value": "1"}])
    store("Patient/b", gender="female")
    store("Patient/c", gender="female")
    store("Patient/d")

    assert matching_ids(system_actor("tests"), "Patient", search) == ids


@pytest.mark.parametrize("search", ["", "?", "favourite=blue", "_sort=name", "name=", "%ff=x", "_count=1"])
def test_a_condition_that_says_nothing_is_refused(db, search):
    with pytest.raises(FhirError):
        matching_ids(system_actor("tests"), "Patient", search)


def test_a_condition_needs_the_scope_of_a_search(db):
    with pytest.raises(Forbidden):
        matching_ids(Actor("service", "lab", "service", ("system/Patient.cru",)), "Patient", "gender=female")
