"""In whose chart a resource lies: the patient compartment of R4, one rule for all types."""

import pytest

from wardround.hospital.records.compartment import CARE_DATES
from wardround.hospital.records.search.references import lies_in_chart_of
from wardround.hospital.records.whose_chart import OF_SEVERAL, chart_of
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_parameters import compartment_parameters, parameters_of

P1, P2 = {"reference": "Patient/p1"}, {"reference": "Patient/p2"}


def chart(type_name, **elements):
    return chart_of(type_name, index_entries({"resourceType": type_name, **elements}))


@pytest.mark.parametrize(
    ("type_name", "elements", "owner"),
    [
        ("Observation", {"subject": P1}, "p1"),
        ("Observation", {"performer": [P1]}, "p1"),
        ("Observation", {"subject": {"reference": "Patient/p1/_history/3"}}, "p1"),
        ("Immunization", {"patient": P1}, "p1"),
        ("Coverage", {"policyHolder": P2, "beneficiary": P1}, "p1"),
        ("Claim", {"patient": P1, "payee": {"party": P2}}, "p1"),
        ("Provenance", {"target": [{"reference": "Observation/o"}, P1]}, "p1"),
        ("AuditEvent", {"entity": [{"what": P1}]}, "p1"),
        ("QuestionnaireResponse", {"author": P1}, "p1"),
        ("Account", {"subject": [P1, P2]}, "p1"),
        ("List", {"subject": P1}, "p1"),
        ("RelatedPerson", {"patient": P1}, "p1"),
    ],
)
def test_a_resource_lies_in_the_chart_of_the_patient_it_is_about(type_name, elements, owner):
    assert chart(type_name, **elements) == owner


def test_whom_it_is_about_comes_before_who_wrote_it():
    assert chart("Observation", performer=[P2], subject=P1) == "p1"
    assert chart("Composition", author=[P2], subject=P1) == "p1"


@pytest.mark.parametrize(
    ("type_name", "elements"),
    [
        ("Appointment", {"participant": [{"actor": P1}]}),
        ("AppointmentResponse", {"actor": P1}),
        ("Group", {"member": [{"entity": P1}]}),
        ("Person", {"link": [{"target": P1}]}),
        ("ResearchSubject", {"individual": P1}),
        ("Schedule", {"actor": [P1]}),
    ],
)
def test_what_brings_several_people_together_lies_in_nobodys_chart(type_name, elements):
    assert type_name in OF_SEVERAL
    assert chart(type_name, **elements) == ""


@pytest.mark.parametrize(
    ("type_name", "elements"),
    [
        ("Observation", {}),
        ("Observation", {"subject": {"reference": "Group/g"}}),
        ("Observation", {"subject": {"reference": "https://elsewhere.example/fhir/Patient/p1"}}),
        ("Observation", {"subject": {"reference": "#p1"}}),
        ("Observation", {"focus": [P1]}),
        ("Basic", {"subject": {"reference": "Group/g"}}),
        ("List", {}),
        ("Patient", {"link": [{"other": P2, "type": "seealso"}]}),
    ],
)
def test_what_names_no_patient_of_ours_by_a_compartment_parameter_lies_in_nobodys_chart(type_name, elements):
    assert chart(type_name, **elements) == ""


def test_the_rule_knows_every_type():
    assert all(chart(name) == "" for name in resource_types())
    assert all(compartment_parameters(name) for name in OF_SEVERAL)


def test_a_search_by_chart_and_the_rule_agree():
    """Where a search takes the chart for the answer to `patient` or `subject`, it is whom that parameter names."""
    agreed = [
        (name, parameter)
        for name in resource_types()
        for parameter in ("patient", "subject")
        if lies_in_chart_of(name, parameter)
    ]

    assert len(agreed) > 30
    for name, parameter in agreed:
        element = parameters_of(name)[parameter].paths[0].removesuffix("@Patient")
        assert chart(name, **{element: P1}) == "p1", name


def test_every_date_of_care_is_a_published_date_parameter():
    for name, parameters in CARE_DATES.items():
        assert all(parameters_of(name)[parameter].type == "date" for parameter in parameters), name
