"""A held value: accept, correct, confirm. Nothing changes by itself."""

import pytest

from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.actions.decisions import (
    accept_suggestion,
    confirm_value,
    correct_value,
)
from wardround.hospital.records.actions.resources import create_resource, update_resource
from wardround.hospital.records.errors import NotDecidable
from wardround.hospital.records.models import Provenance, StandardValue
from wardround.hospital.records.queries import history, standard_facts, standard_values
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("tests")


@pytest.fixture
def slip(make_patient, make_observation):
    """A systolic pressure ten times too high; (patient id, observation id, standard value)."""
    patient_id = make_patient()
    observation_id = make_observation(patient_id, loinc="8480-6", value=1400, unit="mm[Hg]")
    return patient_id, observation_id, StandardValue.objects.get(is_held=True)


def used_values(patient_id):
    return [fact.value for fact in standard_facts(patient_for(ME, patient_id)).values]


def test_a_likely_slip_is_held_out_of_learning_with_what_was_probably_meant(slip):
    patient_id, _observation_id, held = slip

    assert (held.finding, held.suggestion, held.suggestion_unit) == ("decimal_slip", 140, "mm[Hg]")
    assert used_values(patient_id) == []


def test_accepting_writes_an_amended_version_with_reason_provenance_and_audit(slip, steward):
    patient_id, observation_id, held = slip

    accept_suggestion(held.pk, by=steward, reason="Read again from the paper chart.")

    newest, first = history(patient_for(ME, patient_id), "Observation", observation_id)
    amended = loads(newest.body)
    assert (amended["status"], amended["valueQuantity"]["value"]) == ("amended", 140)
    assert amended["note"][0]["text"] == "Read again from the paper chart."
    assert loads(first.body)["valueQuantity"]["value"] == 1400
    provenance = Provenance.objects.get(activity="accept")
    assert (provenance.agent_name, provenance.reason) == (steward.username, "Read again from the paper chart.")
    assert AuditEvent.objects.get(action="record.accept").patient_id == patient_id
    assert used_values(patient_id) == [140]
    held.refresh_from_db()
    assert (held.decision, held.decided_by, held.is_current) == ("accepted", steward.username, False)


def test_confirming_lifts_the_hold_and_leaves_the_record_alone(slip, doctor):
    patient_id, observation_id, held = slip

    confirm_value(held.pk, by=doctor, reason="The device shows it.")

    assert used_values(patient_id) == [1400]
    assert len(history(patient_for(ME, patient_id), "Observation", observation_id)) == 1
    event = AuditEvent.objects.get(action="record.confirm")
    assert (event.actor_name, event.patient_id) == (doctor.username, patient_id)


def test_a_confirmed_value_stays_confirmed_when_another_element_changes(slip, doctor):
    patient_id, observation_id, held = slip
    confirm_value(held.pk, by=doctor)
    body = loads(history(patient_for(ME, patient_id), "Observation", observation_id)[0].body)

    update_resource({**body, "note": [{"text": "seen"}]}, type_name="Observation", logical_id=observation_id, by=ME)

    assert used_values(patient_id) == [1400]


def test_a_correction_is_checked_again(slip, steward):
    patient_id, _observation_id, held = slip

    correct_value(held.pk, by=steward, value=1500, unit="mm[Hg]", reason="Read again.")
    again = StandardValue.objects.get(is_held=True, is_current=True)
    correct_value(again.pk, by=steward, value=150, unit="mm[Hg]", reason="Read once more.")

    assert again.suggestion == 150
    assert used_values(patient_id) == [150]


def test_a_correction_without_a_reason_is_refused(slip, steward):
    with pytest.raises(NotDecidable, match="reason"):
        correct_value(slip[2].pk, by=steward, value=140, unit="mm[Hg]", reason=" ")


def test_a_value_is_decided_once(slip, steward):
    accept_suggestion(slip[2].pk, by=steward)

    with pytest.raises(NotDecidable, match="any more"):
        accept_suggestion(slip[2].pk, by=steward)


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_who_may_not_decide_changes_nothing_and_the_refusal_is_audited(slip, request, role):
    user = request.getfixturevalue(role)
    for decide in (accept_suggestion, confirm_value):
        with pytest.raises(NotThere):
            decide(slip[2].pk, by=user)

    slip[2].refresh_from_db()
    assert slip[2].is_held
    assert AuditEvent.objects.filter(outcome="refused", actor_name=user.username).count() == 2


def test_swapped_pressures_that_came_one_after_the_other_are_held_and_accepted_together(
    make_patient, make_observation, steward
):
    patient_id = make_patient()
    make_observation(patient_id, loinc="8480-6", value=80, unit="mm[Hg]")
    make_observation(patient_id, loinc="8462-4", value=130, unit="mm[Hg]")
    held = StandardValue.objects.filter(is_held=True, is_current=True).order_by("id")
    assert [(row.measurement, row.suggestion) for row in held] == [
        ("systolic_pressure", 130),
        ("diastolic_pressure", 80),
    ]

    accept_suggestion(held[0].pk, by=steward)

    assert sorted(used_values(patient_id)) == [80, 130]
    assert not held.all().exists()


def test_swapped_pressures_in_one_observation_are_accepted_together(make_patient, steward):
    patient_id = make_patient()
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        }
        for code, value in (("8480-6", 80), ("8462-4", 130))
    ]
    create_resource(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
            "subject": {"reference": f"Patient/{patient_id}"},
            "effectiveDateTime": "2026-03-02T08:00:00Z",
            "component": parts,
        },
        by=ME,
    )
    held = StandardValue.objects.filter(is_held=True, is_current=True)
    assert held.count() == 2

    accept_suggestion(held.first().pk, by=steward)

    values = {value.measurement: value.value for value in standard_values(patient_for(ME, patient_id))}
    assert values == {"systolic_pressure": 130, "diastolic_pressure": 80}
    assert not held.all().exists()
