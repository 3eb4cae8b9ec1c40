"""Whose patients a nurse or doctor has: the first team, other teams, and who acts for the whole hospital."""

import pytest

from wardround.hospital.care.actions import (
    CareTeamError,
    join_team,
    leave_team,
    make_team,
    put_into_teams,
    release_patient,
    rename_team,
    take_patient,
)
from wardround.hospital.care.models import TeamMember, TeamPatient
from wardround.hospital.care.queries import teams_of_people
from wardround.hospital.records.access import NotAllowed, NotThere, patient_for, patients_of
from wardround.hospital.records.actions.merging import merge_patients
from wardround.hospital.records.actions.resources import create_resource, update_resource
from wardround.hospital.records.actions.unmerging import separate_patients
from wardround.hospital.records.errors import PatientMissing
from wardround.hospital.records.models import Resource
from wardround.hospital.records.patient_list import patient_page
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")


def seen_by(person) -> set[str]:
    return {line.id for line in patient_page(person).lines}


def is_open(person, patient_id: str) -> bool:
    try:
        patient_for(person, patient_id)
    except NotThere:
        return False
    return True


def test_a_new_hospital_works_at_once_and_writes_no_row_for_a_patient(nurse, doctor, make_patient):
    patients = {make_patient(), make_patient()}

    assert seen_by(nurse) == seen_by(doctor) == patients
    assert not TeamPatient.objects.exists()
    assert not TeamMember.objects.exists()


def test_each_sees_the_patients_of_their_own_teams_only(house, nurse, doctor):
    assert seen_by(doctor) == {house.heart}
    assert seen_by(nurse) == {house.other}
    assert is_open(doctor, house.heart)
    assert not is_open(doctor, house.other)
    assert is_open(nurse, house.other)
    assert not is_open(nurse, house.heart)


def test_a_search_by_name_finds_only_ones_own(house, nurse, doctor):
    assert [line.id for line in patient_page(doctor, "szab").lines] == [house.heart]
    assert patient_page(nurse, "szab").total == 0


def test_not_yours_and_not_there_are_refused_alike_and_both_are_in_the_audit_trail(house, nurse):
    AuditEvent.objects.all().delete()

    for patient_id in (house.heart, "nobody"):
        with pytest.raises(NotThere, match=r"^There is no such patient\.$"):
            patient_for(nurse, patient_id)

    refused = AuditEvent.objects.filter(action="patient.open", outcome="refused", actor_name="n.horvath")
    assert [event.patient_id for event in refused.order_by("id")] == [house.heart, "nobody"]


def test_whoever_acts_for_the_whole_hospital_sees_everybody(house, steward):
    assert seen_by(steward) == {house.heart, house.other}
    assert is_open(BY, house.heart)
    assert is_open(BY, house.other)


def test_who_joins_a_team_keeps_the_first_until_taken_off_it(house, nurse):
    join_team(house.cardiology, nurse.username, by=BY)
    assert seen_by(nurse) == {house.heart, house.other}

    leave_team(house.first, nurse.username, by=BY)
    assert seen_by(nurse) == {house.heart}


def test_who_is_in_no_team_any_more_has_no_patients(house, doctor):
    leave_team(house.cardiology, doctor.username, by=BY)

    assert seen_by(doctor) == set()
    assert teams_of_people([doctor.username]) == {doctor.username: []}


def test_a_patient_released_from_every_team_is_the_first_teams_again(house, nurse):
    release_patient(house.cardiology, house.heart, by=BY)

    assert seen_by(nurse) == {house.heart, house.other}


def test_a_patient_may_be_in_two_teams(house, nurse, doctor):
    take_patient(house.first, house.heart, by=BY)

    assert house.heart in seen_by(nurse)
    assert house.heart in seen_by(doctor)


def test_the_list_and_the_door_agree_on_every_row(house, nurse, doctor):
    for person in (nurse, doctor):
        rows = Resource.objects.filter(patients_of(person, column="logical_id"), type="Patient")
        assert set(rows.values_list("logical_id", flat=True)) == {
            p for p in (house.heart, house.other) if is_open(person, p)
        }


def test_the_care_team_costs_the_door_no_query(house, doctor, steward, django_assert_num_queries):
    with django_assert_num_queries(3):  # who was merged, is it there, the audit event
        patient_for(steward, house.heart)
    with django_assert_num_queries(3):
        patient_for(doctor, house.heart)


def test_who_registers_a_patient_outside_the_first_team_has_the_patient(house, nurse, doctor):
    new = create_resource({"resourceType": "Patient", "name": [{"family": "Fekete"}]}, by=doctor).logical_id

    assert new in seen_by(doctor)
    assert new not in seen_by(nurse)


def test_nothing_is_written_into_or_taken_out_of_anothers_chart(house, nurse, make_observation):
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    body = {
        "resourceType": "Observation",
        "id": value,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "subject": {"reference": f"Patient/{house.heart}"},
    }
    taken = {**body, "subject": {"reference": f"Patient/{house.other}"}}

    with pytest.raises(PatientMissing):
        create_resource(body, by=nurse)
    with pytest.raises(NotThere):
        update_resource(taken, type_name="Observation", logical_id=value, by=nurse)

    assert Resource.objects.get(logical_id=value).patient_id == house.heart


def test_the_survivor_of_a_merge_has_the_teams_of_both_until_it_is_undone(house, nurse, doctor):
    merge = merge_patients(house.other, into=house.heart, by=BY)

    assert seen_by(nurse) == seen_by(doctor) == {house.heart}
    assert patient_for(nurse, house.other).id == house.heart

    separate_patients(merge.id, by=BY)
    assert seen_by(doctor) == {house.heart}
    assert seen_by(nurse) == {house.other}


def test_a_merge_of_two_whom_nobody_put_anywhere_writes_no_row(nurse, make_patient):
    merge_patients(make_patient(), into=make_patient(), by=BY)

    assert not TeamPatient.objects.exists()


def test_every_change_of_a_team_is_in_the_audit_trail(house, nurse):
    rename_team(house.cardiology, "Heart and vessels", by=BY)
    release_patient(house.cardiology, house.heart, by=BY)

    actions = set(AuditEvent.objects.filter(action__startswith="team.").values_list("action", flat=True))
    assert actions == {"team.make", "team.rename", "team.take", "team.release", "team.join", "team.leave"}
    assert AuditEvent.objects.filter(action="team.take", patient_id=house.heart).count() == 1


@pytest.mark.parametrize("role", ["nurse", "doctor", "steward"])
def test_only_an_administrator_changes_teams(house, request, role):
    person = request.getfixturevalue(role)
    for change in (
        lambda: make_team("Own team", by=person),
        lambda: join_team(house.cardiology, "n.horvath", by=person),
        lambda: leave_team(house.first, "n.horvath", by=person),
        lambda: take_patient(house.cardiology, house.other, by=person),
        lambda: release_patient(house.cardiology, house.heart, by=person),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_a_team_needs_a_name_of_its_own_and_members_who_treat_patients(house, steward, stranger):
    for name in ("", " ", "cardiology", "x" * 101):
        with pytest.raises(CareTeamError):
            make_team(name, by=BY)
    for username in (steward.username, stranger.username, "nobody"):
        with pytest.raises(CareTeamError, match="not a nurse or doctor"):
            join_team(house.cardiology, username, by=BY)
    with pytest.raises(CareTeamError, match="There are: Cardiology, First team"):
        put_into_teams("n.horvath", ["Neurology"], by=BY)


def test_exactly_these_teams(house, nurse):
    put_into_teams(nurse.username, ["Cardiology"], by=BY)

    assert teams_of_people([nurse.username]) == {nurse.username: ["Cardiology"]}
    assert seen_by(nurse) == {house.heart}
