"""FHIRPath over parsed JSON: paths, filters, types, references and three-valued logic."""

import pytest

from wardround.interchange.errors import FHIRPathError, NotFHIRPath
from wardround.interchange.fhir.path.compiler import compile_path
from wardround.interchange.fhir.path.scope import Context

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "name": [
        {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
        {"use": "usual", "given": ["Jim"]},
    ],
    "birthDate": "1974-12-25",
    "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
}
OBSERVATION = {
    "resourceType": "Observation",
    "subject": {"reference": "Patient/p1"},
    "valueQuantity": {"value": 5, "unit": "mg", "code": "mg"},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Patient.name.where(use = 'official').family", ["Chalmers"]),
        ("Practitioner.name | Patient.name.given", ["Peter", "James", "Jim"]),
        ("name[1].given", ["Jim"]),
        ("Patient.birthDate.extension('urn:time').value", ["1974-12-25T14:35:45-05:00"]),
        ("name.given.exists() and active", [True]),
        ("deceased.exists() and Patient.deceased != false", [False]),
        ("name.select(given.first())", ["Peter", "Jim"]),
        ("birthDate > @1974-01", [True]),
        ("birthDate = @1974", []),
        ("1 + 2 * 3 = 7 and {} = 1", []),
        ("iif(active, 'yes', 'no')", ["yes"]),
        ("(1 | 2 | 3).aggregate($this + $total, 0)", [6]),
        ("(name.given | name.given).first()", ["Peter"]),
        ("('a' | 'b' | 'a')", ["a", "b"]),
        ("@2020-01-31 + 1 month = @2020-02-29", [True]),
    ],
)
def test_an_expression_gives_what_stands_in_the_resource(expression, expected):
    assert compile_path(expression).evaluate(PATIENT) == expected


def test_a_choice_is_known_by_its_type():
    assert compile_path("(Observation.value as Quantity).value").evaluate(OBSERVATION) == [5]
    assert compile_path("Observation.value.ofType(string)").evaluate(OBSERVATION) == []
    assert compile_path("value").nodes(OBSERVATION)[0].type == "Quantity"


def test_the_type_of_a_reference_is_read_from_its_text():
    assert compile_path("Observation.subject.where(resolve() is Patient).reference").evaluate(OBSERVATION) == [
        "Patient/p1"
    ]
    assert compile_path("Observation.subject.where(resolve() is Group)").evaluate(OBSERVATION) == []


def test_a_resolver_gives_the_resource_behind_a_reference():
    context = Context(resolver={"Patient/p1": PATIENT}.get)

    assert compile_path("subject.resolve().name.family").evaluate(OBSERVATION, context=context) == ["Chalmers"]


@pytest.mark.parametrize("expression", ["", "@@", "name.", "name.where(", "name.unheard()", "a is Nonsense", "('" * 99])
def test_what_is_no_expression_is_refused_with_a_sentence(expression):
    with pytest.raises(NotFHIRPath, match=r"\.$"):
        compile_path(expression)


@pytest.mark.parametrize(
    "expression", ["name.given = %nobody", "name.given.single()", "active < 'a'", "repeat($this & 'a')"]
)
def test_what_has_no_result_is_refused_by_name(expression):
    with pytest.raises(FHIRPathError, match=r"\.$"):
        compile_path(expression).evaluate(PATIENT)
