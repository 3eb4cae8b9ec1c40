"""Search by _id, identifier, patient, code, date, name, birth date, status, category."""

import pytest

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import parameters_of
from wardround.web.audit.models import AuditEvent


def ids(response):
    assert response.status_code == 200, response.content
    return [entry["resource"]["id"] for entry in response.json().get("entry", [])]


@pytest.fixture
def kovacs(make_patient):
    return make_patient(family="Kovács", given="Ilona", birth="1963")


@pytest.fixture
def nagy(make_patient):
    return make_patient(family="Nagy", given="Kovilla", birth="1958-04-17")


def test_a_patient_is_found_by_id(backend, kovacs, nagy):
    assert ids(backend.get(f"Patient?_id={kovacs}")) == [kovacs]


@pytest.mark.parametrize("value", ["urn:wardround:mrn:test-hospital|T-1002", "T-1002"])
def test_a_patient_is_found_by_number_with_or_without_its_system(backend, kovacs, nagy, value):
    assert ids(backend.get(f"Patient?identifier={value}")) == [nagy]


def test_a_number_of_another_system_is_another_number(backend, kovacs):
    assert ids(backend.get("Patient?identifier=urn:other|T-1001")) == []


@pytest.mark.parametrize("name", ["Kovács", "kovacs", "KOV", "kovács ilona"])
def test_a_name_is_found_by_its_beginning_without_regard_to_case_and_accents(backend, kovacs, name):
    assert ids(backend.get(f"Patient?name={name}")) == [kovacs]


def test_the_beginning_of_a_name_is_looked_for_in_every_part(backend, kovacs, nagy):
    assert ids(backend.get("Patient?name=kov")) == [kovacs, nagy]
    assert ids(backend.get("Patient?family=kov")) == [kovacs]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name:contains=ovác", True),
        ("name:contains=xyz", False),
        ("family:exact=Kovács", True),
        ("family:exact=kovács", False),
    ],
)
def test_a_name_is_found_by_a_part_or_exactly(backend, kovacs, query, found):
    assert bool(ids(backend.get(f"Patient?{query}"))) is found


@pytest.mark.parametrize(
    ("birth", "who"),
    [
        ("1963", "kovacs"),
        ("1958-04-17", "nagy"),
        ("1958-04", "nagy"),
        ("lt1960", "nagy"),
        ("ge1960", "kovacs"),
        ("gt1958-04-18", "kovacs"),
    ],
)
def test_a_patient_is_found_by_date_of_birth(backend, kovacs, nagy, birth, who):
    assert ids(backend.get(f"Patient?birthdate={birth}")) == [{"kovacs": kovacs, "nagy": nagy}[who]]


def test_observations_are_found_by_patient_code_and_date(backend, kovacs, nagy, make_observation):
    wanted = make_observation(kovacs, loinc="8480-6", value=120, unit="mm[Hg]", time="2026-03-02T08:00:00Z")
    make_observation(kovacs, loinc="8867-4", value=70, unit="/min", time="2026-03-02T08:00:00Z")
    make_observation(kovacs, loinc="8480-6", value=125, unit="mm[Hg]", time="2026-05-02T08:00:00Z")
    make_observation(nagy, loinc="8480-6", value=130, unit="mm[Hg]", time="2026-03-02T08:00:00Z")

    query = f"Observation?patient={kovacs}&code=http://loinc.org|8480-6&date=2026-03"

    assert ids(backend.get(query)) == [wanted]
    assert ids(backend.get(f"Observation?subject=Patient/{kovacs}&code=8480-6&date=lt2026-04&status=final")) == [wanted]


@pytest.mark.parametrize(
    ("date", "many"),
    [
        ("2026-03-02", 1),
        ("eq2026", 1),
        ("ne2026-03-02", 0),
        ("gt2026-03-01", 1),
        ("ge2026-03-03", 0),
        ("le2026-03-02", 1),
        ("sa2026-03-02", 0),
        ("eb2026-03-03", 1),
        ("ap2026-03-03", 1),
    ],
)
def test_every_date_prefix_means_what_fhir_says(backend, kovacs, make_observation, date, many):
    make_observation(kovacs, loinc="8480-6", value=120, unit="mm[Hg]", time="2026-03-02T08:00:00Z")

    assert len(ids(backend.get(f"Observation?date={date}"))) == many


def test_values_after_commas_are_alternatives_and_repeated_criteria_all_hold(backend, kovacs, make_observation):
    one = make_observation(kovacs, loinc="8480-6", value=120, unit="mm[Hg]")
    two = make_observation(kovacs, loinc="8867-4", value=70, unit="/min")

    assert ids(backend.get("Observation?code=8480-6,8867-4")) == [one, two]
    assert ids(backend.get("Observation?code=8480-6&code=8867-4")) == []


def test_a_search_is_audited_by_what_and_not_for_what(backend, kovacs):
    backend.get("Patient?name=kovács")

    event = AuditEvent.objects.get(action="record.search")
    assert event.detail == {"parameters": ["name"], "found": 1}


def test_the_capability_statement_says_what_the_server_does(client, backend, db):
    statement = client.get("/fhir/R4/metadata").json()
    described = {
        entry["type"]: {parameter["name"] for parameter in entry["searchParam"]}
        for entry in statement["rest"][0]["resource"]
    }

    assert statement["fhirVersion"] == "4.0.1"
    assert described == {name: set(parameters_of(name)) for name in resource_types()}
    values = {
        "date": "2026",
        "reference": "Patient/x",
        "token": "x",
        "string": "xyz",
        "quantity": "5.4",
        "number": "0.5",
        "uri": "urn:x",
    }
    for type_name in ("Patient", "Observation", "Condition", "Procedure", "Encounter", "Medication"):
        for code, parameter in parameters_of(type_name).items():
            value = values.get(parameter.type) or "$".join(
                values[parameters_of(type_name)[part].type] for part in parameter.components
            )
            assert backend.get(f"{type_name}?{code}={value}").status_code == 200, (type_name, code)
