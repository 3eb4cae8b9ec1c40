"""References: by id, with a type, by a whole address, by identifier."""

import pytest


@pytest.fixture
def referring(store, observe, patients):
    store("Practitioner/p1", name=[{"family": "Keller"}])
    observe("a", subject={"reference": "Patient/p1"}, performer=[{"reference": "Practitioner/p1"}])
    observe("b", subject={"reference": "Patient/p2"}, performer=[{"reference": "Patient/p1"}])
    observe(
        "c", subject={"reference": "Group/g"}, performer=[{"reference": "http://other.example/fhir/Practitioner/7"}]
    )
    observe("d", performer=[{"identifier": {"system": "urn:staff", "value": "K-7"}}])


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("subject=Patient/p1", ["a"]),
        ("subject=p1", ["a"]),
        ("subject:Patient=p1", ["a"]),
        ("subject:Patient=Patient/p1", ["a"]),
        ("subject=Patient/p1/_history/1", ["a"]),
        ("subject=http://testserver/fhir/R4/Patient/p1", ["a"]),
        ("patient=p1", ["a"]),
        ("patient=Patient/p1,Patient/p2", ["a", "b"]),
        ("subject=Group/g", ["c"]),
        ("subject:Group=g", ["c"]),
        ("performer=p1", ["a", "b"]),
        ("performer=Practitioner/p1", ["a"]),
        ("performer:Patient=p1", ["b"]),
        ("performer=http://other.example/fhir/Practitioner/7", ["c"]),
        ("performer=http://other.example/fhir/Practitioner/7,Practitioner/p1", ["a", "c"]),
        ("performer:identifier=urn:staff|K-7", ["d"]),
        ("performer:identifier=K-7", ["d"]),
        ("performer:identifier=urn:other|K-7", []),
        ("subject:missing=true", ["d"]),
        ("performer:missing=true", []),
        ("patient:missing=false", ["a", "b"]),
        ("encounter=Encounter/none", []),
    ],
)
def test_a_reference_is_found_by_id_type_address_or_identifier(referring, found, search, ids):
    assert found(f"Observation?{search}") == ids


@pytest.mark.parametrize(
    "search",
    [
        "subject=Patient/",
        "subject=a/b/c",
        "subject=Nonsense/p1",
        "subject:Group=Patient/p1",
        "subject=p 1",
        "subject=/",
    ],
)
def test_what_is_no_reference_is_refused_with_one_that_is(refused, search):
    sentence, path = refused(f"Observation?{search}")

    assert "Patient/123" in sentence
    assert path == "subject"


def test_a_type_that_the_reference_cannot_have_is_refused(refused):
    sentence, _path = refused("Observation?subject:Practitioner=p1")

    assert "it refers to Device, Group, Location, Patient" in sentence


def test_a_canonical_address_without_a_version_is_meant_in_every_version(store, patients, found):
    url = "http://example.org/Questionnaire/q"
    store("QuestionnaireResponse/a", status="completed", questionnaire=url)
    store("QuestionnaireResponse/b", status="completed", questionnaire=f"{url}|2.0")
    store("QuestionnaireResponse/c", status="completed", questionnaire=f"{url}2")

    assert found(f"QuestionnaireResponse?questionnaire={url}") == ["a", "b"]
    assert found(f"QuestionnaireResponse?questionnaire={url}|2.0") == ["b"]
