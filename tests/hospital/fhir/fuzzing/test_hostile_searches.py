"""No search, however it is written, is answered otherwise than by a Bundle or a sentence."""

from urllib.parse import quote

import pytest
from hostile import MARK, MODIFIERS, RAW_VALUES, VALUES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_answers import must_be_plain

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import parameters_of

TYPES = (
    "Patient", "Practitioner", "Organization", "Encounter", "Condition", "Observation", "DiagnosticReport",
    "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure", "Immunization",
    "DocumentReference", "Consent", "Provenance", "AuditEvent", "RiskAssessment", "ServiceRequest", "CarePlan",
    "QuestionnaireResponse",
)  # fmt: skip
RESULT_PARAMETERS = (
    "_sort", "_count", "_total", "_elements", "_summary", "_include", "_revinclude", "_include:iterate", "_contained",
    "_containedType", "_page", "_format", "_pretty", "_type", "_has", "_text", "_content", "_list", "_query",
    "_filter", "near", "_since", "_id", "_lastUpdated", "_profile", "_tag", "_security", "_source",
)  # fmt: skip
NAMES = (
    "_has:Observation:patient:code", "_has:Observation:patient:_has:Provenance:target:agent", "_has:::", "_has:a:b:c",
    "_has:Observation:patient:" * 5 + "code", "patient.name", "subject:Patient.name", "subject.subject.subject",
    "subject:Patient.general-practitioner:Practitioner.identifier", "encounter." * 40 + "status", "code.code", ".", "..",
    "patient.", ".name", "patient:Nothing.name", "result.code:not", "link.link.link.link.link.name", "\u202ename",
    "name\0", "x" * 3000, "-", "*", "component-code-value-quantity", "code-value-concept:missing",
)  # fmt: skip
FUZZ = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}

hostile_values = st.one_of(
    st.sampled_from(RAW_VALUES),
    st.sampled_from(VALUES).map(lambda text: quote(text, safe="")),
    st.text(max_size=60).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.from_regex(
        r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9.eE+:TZ-]{1,24}(\|[a-z]{0,4}\|[a-z/*0-9.]{0,8})?", fullmatch=True
    ).map(lambda text: quote(text, safe="")),
)


@st.composite
def searches(draw):
    """A type with one to three criteria."""
    type_name = draw(st.sampled_from(TYPES) | st.sampled_from(sorted(resource_types())))
    names = st.one_of(
        st.tuples(st.sampled_from(sorted(parameters_of(type_name))), st.sampled_from(MODIFIERS)).map("".join),
        st.sampled_from(RESULT_PARAMETERS),
        st.sampled_from(NAMES),
    ).map(lambda name: quote(name, safe=":.$"))
    pairs = draw(st.lists(st.tuples(names, hostile_values), min_size=1, max_size=3))
    return f"{type_name}?" + "&".join(f"{name}={value}" for name, value in pairs)


@pytest.fixture
def watched(backend, caplog, make_patient, make_observation):
    """A server with a patient in it, whose name no log may hold."""
    patient_id = make_patient(family="Geheimrat", given="Ottokar")
    make_observation(patient_id, loinc="8480-6", value=120, unit="mm[Hg]")
    caplog.set_level("DEBUG")
    yield backend
    assert "Geheimrat" not in caplog.text
    assert "Ottokar" not in caplog.text
    assert MARK not in caplog.text


@settings(max_examples=150, **FUZZ)
@given(search=searches())
def test_a_hostile_search_is_answered_plainly(watched, search):
    must_be_plain(watched.get(search), sent=search)


@pytest.mark.slow
@settings(max_examples=2000, **FUZZ)
@given(search=searches())
def test_thousands_of_hostile_searches_are_answered_plainly(watched, search):
    must_be_plain(watched.get(search), sent=search)


@pytest.mark.parametrize("kind", ["token", "string", "date", "reference", "quantity", "number", "uri", "composite"])
def test_every_hostile_value_is_answered_plainly_by_each_kind_of_parameter(watched, kind):
    types = [t for t in (*TYPES, "ValueSet") if any(one.type == kind for one in parameters_of(t).values())]
    type_name = types[0]
    codes = [code for code, one in parameters_of(type_name).items() if one.type == kind]
    for code in codes[:2]:
        for value in (*RAW_VALUES, *(quote(text, safe="") for text in VALUES)):
            must_be_plain(watched.get(f"{type_name}?{code}={value}"), sent=f"{type_name}?{code}={value}")


@pytest.mark.slow
@pytest.mark.parametrize("type_name", TYPES)
def test_every_parameter_answers_a_third_of_the_hostile_values_plainly(watched, type_name):
    values = (*RAW_VALUES, *(quote(text, safe="") for text in VALUES))
    for number, code in enumerate(parameters_of(type_name)):
        for value in values[number % 3 :: 3]:
            must_be_plain(watched.get(f"{type_name}?{code}={value}"), sent=f"{type_name}?{code}={value}")


def test_every_modifier_of_every_kind_is_answered_plainly(watched):
    for type_name, code in (("Patient", "gender"), ("Patient", "family"), ("Patient", "birthdate"),
                            ("Observation", "subject"), ("Observation", "value-quantity"),
                            ("RiskAssessment", "probability"), ("ValueSet", "url"),
                            ("Observation", "code-value-quantity")):  # fmt: skip
        for modifier in MODIFIERS:
            for value in ("true", MARK, "5", "2026"):
                search = f"{type_name}?{code}{quote(modifier, safe=':')}={value}"
                must_be_plain(watched.get(search), sent=search)


def test_result_parameters_and_chains_take_no_harm_from_hostile_values(watched):
    for name in (*RESULT_PARAMETERS, *NAMES):
        for value in (MARK, "%00", "%ff", "9" * 400, quote("Patient:*"), "*", "-_id", "Observation%3Asubject", "1e9"):
            search = f"Observation?{quote(name, safe=':.')}={value}"
            must_be_plain(watched.get(search), sent=search)
