"""Chains through references and back: subject:Patient.name, _has:Observation:patient:code."""

import pytest


@pytest.fixture
def chained(store, observe, patients):
    store("Organization/o", name="Saint Rókus")
    store("Patient/p3", name=[{"family": "Szabó"}], managingOrganization={"reference": "Organization/o"})
    for name, patient, code in (("a", "p1", "x"), ("b", "p2", "x"), ("c", "p3", "y")):
        observe(name, subject={"reference": f"Patient/{patient}"}, code={"coding": [{"code": code}]})
    observe("d", code={"coding": [{"code": "x"}]}, hasMember=[{"reference": "Observation/a"}])


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("subject:Patient.name=kov", ["a"]),
        ("subject.name=kov", ["a"]),
        ("patient.name=kov", ["a"]),
        ("patient.gender=male", ["b"]),
        ("patient.gender:not=male", ["a", "c"]),
        ("patient.birthdate=1958-04", ["b"]),
        ("subject:Patient.name:exact=Kovács", ["a"]),
        ("subject:Patient._id=p1,p3", ["a", "c"]),
        ("patient.organization.name=saint", ["c"]),
        ("patient.organization=Organization/o", ["c"]),
        ("has-member:Observation.patient.name=kov", ["d"]),
        ("patient.name=kov&code=x", ["a"]),
        ("patient.name=kov&code=y", []),
        ("_has:Observation:has-member:code=x", ["a"]),
        ("patient._has:Observation:patient:code=y", ["c"]),
    ],
)
def test_a_chain_asks_the_resource_that_is_referred_to(chained, found, search, ids):
    assert found(f"Observation?{search}") == ids


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("_has:Observation:patient:code=x", ["p1", "p2"]),
        ("_has:Observation:patient:code=y", ["p3"]),
        ("_has:Observation:subject:code=x&gender=male", ["p2"]),
        ("_has:Observation:patient:code=x,y&_has:Observation:patient:status=final", ["p1", "p2", "p3"]),
        ("_has:Observation:patient:_has:Observation:has-member:code=x", ["p1"]),
        ("_has:Observation:patient:patient.name=kov", ["p1"]),
    ],
)
def test_a_reverse_chain_asks_the_resources_that_refer_to_it(chained, found, search, ids):
    assert found(f"Patient?{search}") == ids


def test_what_was_deleted_is_not_read_through(chained, backend, found):
    backend.request("DELETE", "Observation/c")

    assert found("Patient?_has:Observation:patient:code=y") == []


@pytest.mark.parametrize(
    "search",
    [
        "Observation?code.name=x",
        "Observation?subject:Practitioner.name=x",
        "Observation?subject.nonsense=x",
        "Observation?patient.nonsense=x",
        "Observation?patient.organization.partof.partof.name=abc",
        "Observation?focus.status=final",
        "Patient?_has:Observation:patient=x",
        "Patient?_has:Nonsense:patient:code=x",
        "Patient?_has:Observation:encounter:code=x",
        "Patient?_has:Observation:code:code=x",
        "Patient?_has:",
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(refused, search):
    sentence, _path = refused(search)

    assert sentence.endswith(".")


def test_three_links_are_followed_and_four_are_not(chained, found, refused):
    assert found("Observation?has-member:Observation.patient.organization.name=saint") == []
    sentence, _path = refused("Observation?has-member:Observation.patient.organization.partof.name=saint")
    assert "at most 3 links" in sentence
