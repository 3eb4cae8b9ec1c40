"""A resource that is not FHIR R4 is told where and what would be right, without its data."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardround.interchange.fhir.json import Number, loads
from wardround.interchange.fhir.structure import check

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"
THEMSELVES_WRONG = {
    "ActivityDefinition-blood-tubes-supply.json": "its narrative is blank, against txt-2",
    "ActivityDefinition-heart-valve-replacement.json": "its narrative is blank, against txt-2",
    "DeviceMetric-example.json": "parent names a DeviceDefinition; R4 allows a Device",
    "DeviceUseStatement-example.json": "reasonReference names a Procedure, which R4 does not allow",
    "EventDefinition-example.json": "its narrative is blank, against txt-2",
    "MedicationRequest-medrx0301.json": "dispenseRequest.performer names a Practitioner; R4 allows an Organization",
    "Observation-clinical-gender.json": "performer names an Encounter, which R4 does not allow",
    "Questionnaire-qs1.json": "its items have no linkId, which R4 requires (1..1)",
    "Questionnaire-zika-virus-exposure-assessment.json": "its narrative is blank, against txt-2",
}

PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Kovács", "given": ["Éva"]}],
    "gender": "female",
    "birthDate": "1963",
}
CODE = {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}
OBSERVATION = {"resourceType": "Observation", "status": "final", "code": CODE}
VERIFIED = {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}


def problems(resource):
    return {problem.path: problem.sentence for problem in check(resource)}


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"{EXAMPLES.name}, the official R4 examples, are not on this machine")
def test_every_official_example_is_accepted_but_those_that_are_wrong_themselves():
    refused = {file.name for file in EXAMPLES.glob("*.json") if check(loads(file.read_bytes()))}

    assert refused == set(THEMSELVES_WRONG)


@pytest.mark.parametrize(
    ("resource", "path", "sentence"),
    [
        ([], "resource", "JSON object"),
        ({"resourceType": "Patience"}, "resourceType", "not one of FHIR R4"),
        (PATIENT | {"gender": "banana"}, "Patient.gender", "one of female, male, other, unknown"),
        (PATIENT | {"gendre": "male"}, "Patient.gendre", "no element gendre"),
        (PATIENT | {"birthDate": "2026-02-31"}, "Patient.birthDate", "not on the calendar"),
        (PATIENT | {"birthDate": "31.12.1963"}, "Patient.birthDate", "YYYY-MM-DD"),
        (PATIENT | {"birthDate": "1963-01-01T00:00:00Z"}, "Patient.birthDate", "YYYY-MM-DD"),
        (PATIENT | {"name": {"family": "K"}}, "Patient.name", "it is a list"),
        (PATIENT | {"gender": ["male"]}, "Patient.gender", "not in a list"),
        (PATIENT | {"active": "true"}, "Patient.active", "without quotes"),
        (PATIENT | {"id": "a b"}, "Patient.id", "1 to 64 letters"),
        (PATIENT | {"name": []}, "Patient.name", "empty list"),
        (PATIENT | {"name": [{}]}, "Patient.name[0]", "empty object"),
        (PATIENT | {"name": [{"given": ["", "Éva"]}]}, "Patient.name[0].given[0]", "may not be empty"),
        (PATIENT | {"deceasedBoolean": True, "deceasedDateTime": "2026"}, "Patient.deceased[x]", "one of them"),
        (PATIENT | {"multipleBirthInteger": Number("1.5")}, "Patient.multipleBirthInteger", "whole number"),
        ({"resourceType": "Observation", "status": "final"}, "Observation.code", "missing"),
        ({"resourceType": "Observation", "code": CODE}, "Observation.status", "missing"),
        (OBSERVATION | {"valueQuantity": {"value": "5"}}, "Observation.valueQuantity.value", "without quotes"),
        (OBSERVATION | {"effectiveDateTime": "2026-01-01T10:00"}, "Observation.effectiveDateTime", "YYYY"),
        (OBSERVATION | {"effectiveDateTime": "2026-01-01T10:00:00"}, "Observation.effectiveDateTime", "zone"),
        (OBSERVATION | {"issued": "2026-01-01"}, "Observation.issued", "to the second"),
        (
            {
                "resourceType": "Condition",
                "subject": {"display": "x"},
                "verificationStatus": {"coding": [{"code": "confirmed"}]},
            },
            "Condition.verificationStatus",
            "condition-ver-status",
        ),
        (
            {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": PATIENT | {"gender": "m"}}]},
            "Bundle.entry[0].resource.gender",
            "one of",
        ),
        (
            PATIENT | {"text": {"status": "generated", "div": "<div><script>x</script></div>"}},
            "Patient.text.div",
            "scripts",
        ),
    ],
)
def test_a_problem_names_its_element_and_what_would_be_right(resource, path, sentence):
    assert sentence in problems(resource)[path]


@pytest.mark.parametrize("date", ["1963", "1963-02", "1964-02-29"])
def test_a_date_may_be_partial(date):
    assert check(PATIENT | {"birthDate": date}) == []


def test_a_required_coding_of_the_right_system_is_accepted():
    condition = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient?identifier=urn:x|1"},
        "verificationStatus": {"coding": [VERIFIED]},
    }

    assert check(condition) == []


@pytest.mark.parametrize("text", ["taken once = 5 mg", "a &lt; b on = c", "see javascript: the language"])
def test_a_narrative_may_say_what_looks_like_code(text):
    assert (
        check(
            PATIENT
            | {"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}}
        )
        == []
    )


@pytest.mark.parametrize(
    "inside", ["<a href='javascript:x()'>x</a>", "<b onclick = 'x()'>x</b>", "< script>", "<!ENTITY x>"]
)
def test_a_narrative_may_not_act(inside):
    assert "Patient.text.div" in problems(PATIENT | {"text": {"status": "generated", "div": f"<div>{inside}</div>"}})


def test_a_primitive_may_be_said_by_its_extension_alone():
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }

    assert check({"resourceType": "Observation", "_status": absent, "code": CODE}) == []


def test_no_sentence_repeats_the_patients_data():
    secret = "Kovács-Éva-1963"
    broken = {
        "resourceType": "Patient",
        "gender": secret,
        "birthDate": secret,
        "active": secret,
        "id": secret,
        secret: 1,
    }

    assert len(check(broken)) == 5
    assert secret not in str(check(broken))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "_name", "code", "value", "extension", "url", "coding", "x"]), children
        )
    ),
    max_leaves=10,
)
elements = st.sampled_from(
    [
        "name",
        "_birthDate",
        "birthDate",
        "code",
        "status",
        "subject",
        "valueQuantity",
        "component",
        "contained",
        "entry",
        "id",
    ]
)


@settings(max_examples=150)
@given(
    st.sampled_from(["Patient", "Observation", "Bundle", "Condition"]),
    st.dictionaries(elements, json_values, max_size=5),
)
def test_any_json_is_judged_without_an_exception(resource_type, content):
    assert isinstance(check({"resourceType": resource_type} | content), list)
