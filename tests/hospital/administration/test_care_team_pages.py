"""An administrator makes care teams, and puts people and patients into them, by hospital number."""

import pytest

from wardround.hospital.care.models import CareTeam, TeamPatient
from wardround.hospital.records.patient_list import patient_page


@pytest.fixture
def cardiology(at_work, db) -> str:
    """The address of a new team."""
    return at_work.post("/administration/teams/", {"name": "Cardiology"}).url


def seen_by(person) -> set[str]:
    return {line.id for line in patient_page(person).lines}


def test_a_hospital_is_closed_step_by_step_on_the_pages(at_work, cardiology, doctor, nurse, make_patient):
    heart, other = make_patient(), make_patient()
    first = f"/administration/teams/{CareTeam.objects.get(is_first=True).pk}/"

    at_work.post(cardiology, {"change": "take", "numbers": "T-1001"})
    at_work.post(cardiology, {"change": "join", "username": doctor.username})
    at_work.post(first, {"change": "leave", "username": doctor.username})

    assert seen_by(doctor) == {heart}
    assert seen_by(nurse) == {other}
    text = at_work.get(cardiology).content.decode()
    assert "T-1001" in text
    assert "d.keller" in text


def test_several_numbers_are_taken_together_or_not_at_all(at_work, cardiology, make_patient):
    make_patient(), make_patient()

    answer = at_work.post(cardiology, {"change": "take", "numbers": "T-1001\nT-9999"}, follow=True).content.decode()
    assert "Number 2 of your list" in answer
    assert "T-9999" not in answer
    assert not TeamPatient.objects.exists()

    answer = at_work.post(cardiology, {"change": "take", "numbers": "T-1001, T-1002"}, follow=True).content.decode()
    assert "2 patients are in the team" in answer


def test_a_patient_is_released(at_work, cardiology, make_patient):
    patient = make_patient()
    at_work.post(cardiology, {"change": "take", "numbers": "T-1001"})

    at_work.post(cardiology, {"change": "release", "patient": patient})

    assert not TeamPatient.objects.filter(until=None).exists()
    assert "T-1001" not in at_work.get(cardiology).content.decode()


def test_no_page_of_a_team_names_a_patient(at_work, cardiology, make_patient):
    make_patient(family="Szabó", given="Magdolna")
    at_work.post(cardiology, {"change": "take", "numbers": "T-1001"})

    text = at_work.get(cardiology).content.decode()

    assert "Szabó" not in text
    assert "Magdolna" not in text


def test_a_team_is_renamed_and_two_are_never_called_alike(at_work, cardiology):
    at_work.post(cardiology, {"change": "rename", "name": "Heart and vessels"})
    assert CareTeam.objects.filter(name="Heart and vessels").exists()

    answer = at_work.post("/administration/teams/", {"name": "heart and vessels"}, follow=True).content.decode()
    assert "already a care team" in answer


def test_a_team_that_is_not_there(at_work):
    assert at_work.get("/administration/teams/999/").status_code == 404


def test_a_change_that_is_none_is_refused(at_work, cardiology):
    assert at_work.post(cardiology, {"change": "everything"}).status_code == 400
