"""One write: resource, version, indexes, standard values, provenance and audit, or nothing."""

import pytest

from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions import writing
from wardround.hospital.records.actions.drafts import store_drafts
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.errors import Duplicate, PatientMissing, Refused
from wardround.hospital.records.models import (
    DateIndex,
    Provenance,
    Resource,
    ResourceVersion,
    StandardValue,
    TokenIndex,
)
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.patient_list import patient_page
from wardround.hospital.records.queries import banner, iter_patients_facts, observations, problems
from wardround.interchange.draft import Draft, Source
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("tests")
SYSTEM = "urn:wardround:mrn:elsewhere"
pytestmark = pytest.mark.django_db


def patient(number, **elements):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": number}],
        "gender": "male",
        **elements,
    }


def cholesterol(number, *, order, value=200):
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:order", "value": order}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2093-3"}]},
        "subject": {"reference": f"Patient?identifier={SYSTEM}|{number}"},
        "effectiveDateTime": "2026-03-02T08:00:00Z",
        "valueQuantity": {"value": value, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
    }


def store(*messages):
    drafts = [Draft(tuple(m), Source("file", f"message {n}", b"raw")) for n, m in enumerate(messages, start=1)]
    return store_drafts(drafts, origin=Origin(actor=ME, activity="import", batch="b1"))


def test_a_write_leaves_every_trace_together(make_patient):
    patient_id = make_patient()

    row = Resource.objects.get(logical_id=patient_id)
    assert ResourceVersion.objects.get(resource=row).provenance.activity == "create"
    assert TokenIndex.objects.filter(resource=row, parameter="gender", code="female").exists()
    assert DateIndex.objects.get(resource=row, parameter="birthdate").low.year == 1963
    assert StandardValue.objects.get(resource=row, fact="birth_year").value_number == 1963
    assert AuditEvent.objects.get(action="record.create").what == f"Patient/{patient_id}/_history/1"


def test_when_the_audit_event_cannot_be_written_nothing_is(monkeypatch):
    def fail(*_arguments, **_keywords):
        raise RuntimeError("the audit table is gone")

    monkeypatch.setattr(writing, "record", fail)
    with pytest.raises(RuntimeError):
        create_resource(patient("1"), by=ME)

    assert not Resource.objects.exists()
    assert not ResourceVersion.objects.exists()
    assert not Provenance.objects.exists()


def test_a_reference_by_identifier_finds_the_patient_of_this_or_an_earlier_message():
    store([patient("7"), cholesterol("7", order="1")])
    store([cholesterol("7", order="2")])

    assert Resource.objects.filter(type="Observation").values("patient_id").distinct().count() == 1


def test_ids_made_of_identifiers_are_the_same_at_every_import_and_not_the_number_itself():
    store([patient("7")])
    stored_id = Resource.objects.get().logical_id
    store([patient("7")])

    assert Resource.objects.count() == 1
    assert stored_id != "7"
    assert len(stored_id) == 32


def test_a_secondary_identifier_may_be_several_resources_and_names_none_of_them():
    shared = {"use": "secondary", "system": "urn:sample", "value": "S9"}
    first, second = cholesterol("7", order="A"), cholesterol("7", order="B", value=210)
    first["identifier"].append(shared)
    second["identifier"].append(shared)

    store([patient("7"), first], [second])
    store([second])

    assert Resource.objects.filter(type="Observation").count() == 2
    assert TokenIndex.objects.filter(type="Observation", parameter="identifier", system="urn:sample").count() == 2
    assert ResourceVersion.objects.filter(resource__type="Observation").count() == 2


def test_a_reference_by_identifier_also_finds_a_patient_with_a_given_id():
    create_resource(patient("7"), by=ME)
    store([cholesterol("7", order="1")])

    assert Resource.objects.get(type="Observation").patient_id == Resource.objects.get(type="Patient").logical_id


def test_a_draft_is_stored_whole_or_not_at_all():
    bad = {**cholesterol("7", order="1"), "status": "banana"}

    outcomes = store([patient("7"), bad], [patient("8")])

    assert isinstance(outcomes[0].refusal, Refused)
    assert Resource.objects.count() == 1
    assert "banana" not in str(outcomes[0].refusal)


def test_an_observation_of_a_patient_who_is_not_here_is_refused():
    assert isinstance(store([cholesterol("9", order="1")])[0].refusal, PatientMissing)


def test_two_patients_with_one_number_are_refused():
    create_resource(patient("7"), by=ME)

    with pytest.raises(Duplicate, match="Another Patient has this identifier"):
        create_resource(patient("7", gender="female"), by=ME)


def test_the_same_resource_twice_in_one_file_becomes_two_versions():
    outcomes = store([patient("7")], [patient("7", active=True)], [patient("7", active=True)])

    assert [o.stored[0].change for o in outcomes] == ["created", "updated", "unchanged"]
    assert Resource.objects.get().version == 2
    assert TokenIndex.objects.filter(parameter="active").count() == 1


def test_the_older_values_of_a_changed_resource_are_not_current():
    store([patient("7"), cholesterol("7", order="1")], [cholesterol("7", order="1", value=210)])

    rows = StandardValue.objects.filter(fact="measurement").order_by("version")
    assert list(rows.values_list("value_number", "is_current")) == [(200, False), (210, True)]


def test_cholesterol_in_mmol_per_litre_is_stored_as_received_and_standardised_beside():
    body = cholesterol("7", order="1")
    body["valueQuantity"] = {"value": 5.2, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    store([patient("7"), body])

    [value] = observations(patient_for(ME, Resource.objects.get(type="Patient").logical_id), ["total_cholesterol"])
    assert (value.value, value.unit) == (201, "mg/dL")  # 5.2 x 38.665 = 201.06
    assert "38.66" in value.rule


def test_a_value_that_cannot_be_standardised_says_why():
    body = cholesterol("7", order="1")
    body["valueQuantity"] = {"value": 200, "unit": "bananas"}
    [outcome] = store([patient("7"), body])

    assert outcome.stored[1].not_standard == {"unknown_unit": 1}
    assert "bananas" in StandardValue.objects.get(fact="measurement").not_standard


def test_learning_sees_what_is_standard_and_counts_what_is_held():
    condition = {
        "resourceType": "Condition",
        "identifier": [{"system": "urn:problem", "value": "1"}],
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10"}]},
        "subject": {"reference": f"Patient?identifier={SYSTEM}|7"},
        "onsetDateTime": "2026-03-04",
    }
    store(
        [
            patient("7", birthDate="1960"),
            cholesterol("7", order="1"),
            cholesterol("7", order="2", value=2200),
            condition,
        ]
    )
    store([patient("8")])

    facts = {f.birth_year: f for f in iter_patients_facts(ME)}

    assert [(f.measurement or f.code, f.value) for f in facts[1960].values] == [
        ("total_cholesterol", 200),
        ("I25.10", None),
    ]
    assert (facts[1960].gender, facts[1960].held) == ("male", 1)
    assert facts[None].values == ()


def test_a_record_from_before_birth_or_from_the_future_is_held():
    early = {**cholesterol("7", order="1"), "effectiveDateTime": "1926-03-02"}
    late = {**cholesterol("7", order="2"), "effectiveDateTime": "2926-03-02"}
    store([patient("7", birthDate="1960"), early, late])

    assert set(StandardValue.objects.filter(is_held=True).values_list("finding", flat=True)) == {
        "before_birth",
        "future",
    }
    assert StandardValue.objects.filter(is_held=True).count() == 2


def test_an_observation_entered_in_error_states_nothing():
    store([patient("7"), {**cholesterol("7", order="1"), "status": "entered-in-error"}])

    assert not StandardValue.objects.filter(fact="measurement").exists()


def test_the_patient_list_finds_by_name_number_and_birth_year(make_patient, nurse):
    make_patient(family="Kovács", given="Ilona", birth="1963")
    make_patient(family="Nagy", given="Béla", birth="1958-04-17")

    def names(search):
        return [line.name for line in patient_page(nurse, search).lines]

    assert names("") == ["Kovács, Ilona", "Nagy, Béla"]
    assert names("kov") == names("T-1001") == names("1963") == names("ilo 1963") == ["Kovács, Ilona"]
    assert names("kov 1958") == names("xyz") == []
    assert AuditEvent.objects.filter(action="patient.list", actor_name=nurse.username).count() == 7


def test_the_patient_list_has_pages_and_counts_what_is_held(make_patient, make_observation, nurse):
    ids = [make_patient(family=f"Tóth{letter}") for letter in "abc"]
    make_observation(ids[2], loinc="8480-6", value=1400, unit="mm[Hg]")

    page = patient_page(nurse, page=2, size=2)

    assert (page.page, page.pages, page.total) == (2, 2, 3)
    assert [line.held for line in page.lines] == [1]
    assert patient_page(nurse, page=99, size=2).page == 2


def test_the_banner_says_who_it_is(make_patient, nurse):
    patient = patient_for(nurse, make_patient(birth="1963-05-02"))

    shown = banner(patient)

    assert (shown.name, shown.number, shown.birth) == ("Kovács, Ilona", "T-1001", "1963-05-02")
    assert shown.age >= 62


def test_problems_are_the_patients_diagnoses(make_patient, nurse):
    patient_id = make_patient()
    create_resource(
        {
            "resourceType": "Condition",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10", "display": "CAD"}]},
            "subject": {"reference": f"Patient/{patient_id}"},
            "onsetDateTime": "2026-03-04",
        },
        by=ME,
    )

    [problem] = problems(patient_for(nurse, patient_id))

    assert (problem.code, problem.title) == ("I25.10", "CAD")
