"""A record that is held: accept what was meant, correct it, confirm it, or mark it entered-in-error. Nothing by itself."""

import pytest

from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.actions.decisions import accept_suggestion, confirm_value, correct_value
from wardround.hospital.records.actions.record_decisions import (
    accept_record,
    confirm_record,
    correct_record,
    withdraw_record,
)
from wardround.hospital.records.actions.resources import create_resource, update_resource
from wardround.hospital.records.errors import NotDecidable, RecordError, Refused
from wardround.hospital.records.findings import findings_of
from wardround.hospital.records.models import Provenance, ResourceFinding, StandardValue
from wardround.hospital.records.queries import banner, history, standard_facts
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("tests")
WRONG = "2062-03-02T08:15:00Z"
RIGHT = "2026-03-02T08:15:00Z"


@pytest.fixture
def patient(make_patient):
    return make_patient(birth="1970-05-14")


@pytest.fixture
def future(patient, make_observation):
    """A glucose dated in the future; (patient id, observation id, the finding's id)."""
    observation = make_observation(patient, loinc="2345-7", value=95, unit="mg/dL", time=WRONG)
    return patient, observation, ResourceFinding.objects.get().pk


def usable(patient_id):
    return [value.value for value in standard_facts(patient_for(ME, patient_id)).values]


def present(patient_id, type_name, logical_id):
    return loads(history(patient_for(ME, patient_id), type_name, logical_id)[0].body)


def held(patient_id):
    return [found.kind for found in findings_of(patient_for(ME, patient_id)) if found.is_held]


def test_accepting_writes_the_date_that_was_meant_with_provenance_and_audit(future, steward):
    patient, observation, finding = future

    accept_record(finding, by=steward)

    body = present(patient, "Observation", observation)
    assert (body["effectiveDateTime"], body["status"]) == (RIGHT, "amended")
    assert "2062" in body["note"][0]["text"]
    assert Provenance.objects.get(activity="accept").agent_name == steward.username
    assert AuditEvent.objects.get(action="record.accept").patient_id == patient
    assert len(usable(patient)) == 1
    row = ResourceFinding.objects.get()
    assert (row.decision, row.decided_by, row.is_current) == ("accepted", steward.username, False)


def test_a_correction_is_judged_again(future, steward):
    patient, observation, finding = future
    path = "Observation.effectiveDateTime"

    correct_record(finding, by=steward, texts={path: "1926-03-02"}, reason="Read again.")
    again = ResourceFinding.objects.get(is_current=True)
    correct_record(again.pk, by=steward, texts={path: "2026-03-02"}, reason="Read once more.")

    assert again.kind == "before_birth"
    assert present(patient, "Observation", observation)["effectiveDateTime"] == "2026-03-02"
    assert held(patient) == []


def test_what_is_no_date_is_refused_and_changes_nothing(future, steward):
    with pytest.raises(Refused, match="effectiveDateTime"):
        correct_record(future[2], by=steward, texts={"Observation.effectiveDateTime": "2 March"}, reason="x")

    assert ResourceFinding.objects.get().decision == ""
    assert held(future[0]) == ["future"]


def test_a_date_that_is_missing_is_put_in(patient, steward):
    logical_id = create_resource(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
            "subject": {"reference": f"Patient/{patient}"},
            "valueQuantity": {"value": 95, "unit": "mg/dL"},
        },
        by=ME,
    ).logical_id
    finding = ResourceFinding.objects.get()
    assert (finding.kind, held(patient)) == ("missing_required", ["missing_required"])

    correct_record(finding.pk, by=steward, texts={finding.path: RIGHT}, reason="From the request form.")

    assert present(patient, "Observation", logical_id)["effectiveDateTime"] == RIGHT
    assert held(patient) == []


def test_a_place_that_is_no_date_and_no_code_is_refused(future, steward):
    for path in ("Observation.valueQuantity", "Observation.component[3].code", "Observation"):
        with pytest.raises(RecordError):
            correct_record(future[2], by=steward, texts={path: "x"}, reason="x")

    assert held(future[0]) == ["future"]


def test_confirming_frees_what_the_record_states_and_lasts_while_the_record_says_the_same(future, doctor):
    patient, observation, finding = future

    confirm_record(finding, by=doctor, reason="The clock of the device is right.")
    body = present(patient, "Observation", observation)
    update_resource({**body, "note": [{"text": "seen"}]}, type_name="Observation", logical_id=observation, by=ME)
    kept = held(patient)
    later = {**body, "effectiveDateTime": "2070-03-02"}
    update_resource(later, type_name="Observation", logical_id=observation, by=ME)

    assert kept == []
    assert AuditEvent.objects.get(action="record.confirm").actor_name == doctor.username
    assert held(patient) == ["future"]
    assert usable(patient) == []


def test_an_entry_that_came_twice_is_withdrawn_and_stays_in_the_history(patient, make_observation, steward):
    make_observation(patient, loinc="2345-7", value=95, unit="mg/dL", time=RIGHT)
    second = make_observation(patient, loinc="2345-7", value=95, unit="mg/dL", time=RIGHT)

    withdraw_record(ResourceFinding.objects.get().pk, by=steward, reason="It was sent twice.")

    assert present(patient, "Observation", second)["status"] == "entered-in-error"
    assert len(history(patient_for(ME, patient), "Observation", second)) == 2
    assert Provenance.objects.get(activity="withdraw").reason == "It was sent twice."
    assert (held(patient), len(usable(patient))) == ([], 1)


def test_a_condition_that_is_withdrawn_loses_its_clinical_status(make_patient, steward):
    patient = make_patient(gender="female")
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    logical_id = create_resource(
        {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{patient}"},
            "clinicalStatus": {"coding": [{"system": system, "code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C61"}]},
            "onsetDateTime": "2020-03-02",
        },
        by=ME,
    ).logical_id

    withdraw_record(ResourceFinding.objects.get().pk, by=steward, reason="It is her husband's.")

    body = present(patient, "Condition", logical_id)
    assert body["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in body
    assert held(patient) == []


def test_a_person_is_not_withdrawn(make_patient, steward):
    make_patient(birth="2062-03-14")

    with pytest.raises(NotDecidable, match="cannot be marked entered-in-error"):
        withdraw_record(ResourceFinding.objects.get().pk, by=steward, reason="x")


def test_accepting_the_year_of_a_birth_keeps_its_day(make_patient, steward):
    patient = make_patient(birth="2062-03-14")

    accept_record(ResourceFinding.objects.get().pk, by=steward)

    assert banner(patient_for(ME, patient)).birth == "1962-03-14"
    assert standard_facts(patient_for(ME, patient)).birth_year == 1962
    assert held(patient) == []


def test_exchanged_ends_are_accepted_together(patient, steward):
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    logical_id = create_resource(
        {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{patient}"},
            "clinicalStatus": {"coding": [{"system": system, "code": "resolved"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J18.9"}]},
            "onsetDateTime": "2020-05-10",
            "abatementDateTime": "2020-04-02",
        },
        by=ME,
    ).logical_id

    accept_record(ResourceFinding.objects.get().pk, by=steward)

    body = present(patient, "Condition", logical_id)
    assert (body["onsetDateTime"], body["abatementDateTime"]) == ("2020-04-02", "2020-05-10")
    assert held(patient) == []


def test_a_value_that_is_held_with_its_record_is_decided_with_it(future, steward):
    patient, _observation, _finding = future
    value = StandardValue.objects.get(is_held=True)

    with pytest.raises(NotDecidable, match="whole record"):
        correct_value(value.pk, by=steward, value=96, unit="mg/dL", reason="x")
    accept_suggestion(value.pk, by=steward)

    assert held(patient) == []
    assert len(usable(patient)) == 1


def test_confirming_a_value_that_is_held_with_its_record_confirms_the_record(future, steward):
    value = confirm_value(StandardValue.objects.get(is_held=True).pk, by=steward)

    assert (value.is_held, value.decision, value.finding) == (False, "confirmed", "future")
    assert ResourceFinding.objects.get().decision == "confirmed"


def test_a_record_is_decided_once_and_with_a_reason(future, steward):
    with pytest.raises(NotDecidable, match="reason"):
        correct_record(future[2], by=steward, texts={}, reason=" ")
    with pytest.raises(NotDecidable, match="reason"):
        withdraw_record(future[2], by=steward, reason="")
    accept_record(future[2], by=steward)

    with pytest.raises(NotDecidable, match="any more"):
        accept_record(future[2], by=steward)


def test_without_a_suggestion_there_is_nothing_to_accept(make_patient, make_observation, steward):
    make_observation(make_patient(birth="1930"), loinc="2345-7", value=95, unit="mg/dL", time=WRONG)

    with pytest.raises(NotDecidable, match="no suggestion"):
        accept_record(ResourceFinding.objects.get().pk, by=steward)


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_who_may_not_decide_changes_nothing_and_the_refusal_is_audited(future, request, role):
    user = request.getfixturevalue(role)
    for decide in (accept_record, confirm_record):
        with pytest.raises(NotThere):
            decide(future[2], by=user)
    with pytest.raises(NotThere):
        withdraw_record(future[2], by=user, reason="x")

    assert ResourceFinding.objects.get().is_held
    assert AuditEvent.objects.filter(outcome="refused", actor_name=user.username).count() == 3
