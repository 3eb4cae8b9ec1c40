"""Admission, transfer and discharge: one Encounter with its places, as messages make it."""

import pytest
from statements import Statement, bodies, said

from wardround.hospital.records.models import Resource
from wardround.hospital.wards.places import Place, place_of

pytestmark = pytest.mark.django_db
IN = {"kind": "IMP", "began_date": "2026-03-02", "began_time": "08:00", "ward": "Acute Medical 2", "bed": "14"}
MOVE = {"moved_date": "2026-03-03", "moved_time": "10:00", "ward": "Cardiology", "bed": "3"}
OUT = {"ended_date": "2026-03-05", "ended_time": "11:30", "way_out": "home"}


@pytest.fixture
def stay(as_client, nurse, make_patient):
    client, patient_id = as_client(nurse), make_patient(birth="1963-05-02")
    return {name: Statement(client, patient_id, name) for name in ("admit", "transfer", "discharge")}


def _present(stay) -> dict:
    return bodies(stay["admit"].patient_id, "Encounter")[-1]


def test_an_admission_is_a_stay_under_way_in_a_ward_and_bed(stay):
    assert stay["admit"].saved(**IN, reason="chest pain").status_code == 302

    body = _present(stay)
    assert (body["status"], body["class"]["code"]) == ("in-progress", "IMP")
    assert body["period"]["start"].startswith("2026-03-02T08:00")
    assert place_of(body) == Place(ward="Acute Medical 2", bed="14")
    assert body["reasonCode"] == [{"text": "chest pain"}]


def test_a_transfer_ends_the_old_place_and_opens_the_new(stay):
    stay["admit"].saved(**IN)
    assert stay["transfer"].saved(**MOVE).status_code == 302

    body = _present(stay)
    assert [place["status"] for place in body["location"]] == ["completed", "active"]
    assert body["location"][0]["period"]["end"] == body["location"][1]["period"]["start"]
    assert place_of(body) == Place(ward="Cardiology", bed="3")
    assert Resource.objects.filter(type="Encounter").count() == 1


def test_a_discharge_ends_the_stay_and_says_where_to(stay):
    stay["admit"].saved(**IN)
    assert stay["discharge"].saved(**OUT).status_code == 302

    body = _present(stay)
    assert body["status"] == "finished"
    assert body["period"]["end"].startswith("2026-03-05T11:30")
    assert body["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "home"
    assert body["location"][0]["status"] == "completed"


def test_two_open_stays_are_asked_about(stay):
    stay["admit"].saved(**IN)
    again = {**IN, "bed": "15", "began_date": "2026-03-04"}

    asked = stay["admit"].saved(**again)

    assert "A stay is open since 02-Mar-2026 08:00 (Acute Medical 2, 14)." in said(asked)
    assert stay["admit"].vouched(**again, why="the old one is of another house").status_code == 302


def test_with_two_open_stays_the_one_is_chosen_that_ends(stay):
    stay["admit"].saved(**IN)
    stay["admit"].vouched(**{**IN, "bed": "15", "began_date": "2026-03-04"}, why="two at once")

    assert "Say which stay is meant" in said(stay["discharge"].saved(**OUT))


def test_an_admission_into_a_stay_that_has_ended_is_asked_about(stay):
    stay["admit"].saved(**IN)
    stay["discharge"].saved(**OUT)

    asked = stay["admit"].saved(**{**IN, "began_date": "2026-03-04", "ward": "Cardiology"})

    assert "Another stay is recorded for the same time: Inpatient, Acute Medical 2, 02-Mar-2026" in said(asked)
    assert len(bodies(stay["admit"].patient_id, "Encounter")) == 2


def test_a_taken_bed_is_asked_about_without_saying_by_whom(stay, make_patient):
    other = make_patient(family="Szabó")
    Statement(stay["admit"].client, other, "admit").saved(**IN)

    asked = stay["admit"].saved(**IN)

    assert "Another patient is recorded in this bed." in said(asked)
    assert "SZABÓ" not in said(asked).upper()


def test_known_wards_are_offered(stay):
    stay["admit"].saved(**IN)

    assert '<option value="Acute Medical 2">' in stay["transfer"].opened().content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ward": ""}, "Say which ward it is"),
        ({"began_date": ""}, "Say when the patient was admitted"),
        ({"began_date": "2150-01-01"}, "This lies in the future"),
        ({"began_date": "1916-01-01"}, "This lies before the patient was born"),
        ({"began_date": "2026-02-31"}, "This is not a day and a time"),
        ({"kind": ""}, "Say what kind of stay it is"),
    ],
)
def test_an_admission_that_cannot_be_true_is_not_saved(stay, typed, sentence):
    assert sentence in said(stay["admit"].saved(**{**IN, **typed}))
    assert bodies(stay["admit"].patient_id, "Encounter") == []


def test_nobody_moves_or_leaves_before_they_came(stay):
    stay["admit"].saved(**IN)
    stay["transfer"].saved(**MOVE)

    moved = stay["transfer"].saved(**{**MOVE, "ward": "ICU", "moved_date": "2026-03-01"})
    left = stay["discharge"].saved(**{**OUT, "ended_date": "2026-03-02"})

    assert "came to the present place only after this" in said(moved)
    assert "came to the present place only after this" in said(left)


def test_nobody_leaves_who_is_not_here(stay):
    assert "No stay is open. Admit the patient first." in said(stay["discharge"].saved(**OUT))
    assert "No stay is open. Admit the patient first." in said(stay["transfer"].saved(**MOVE))


def test_a_discharge_says_where_to(stay):
    stay["admit"].saved(**IN)

    assert "Say where the patient went" in said(stay["discharge"].saved(**{**OUT, "way_out": ""}))


def test_the_same_place_is_no_transfer(stay):
    stay["admit"].saved(**IN)
    same = {**MOVE, "ward": IN["ward"], "bed": IN["bed"]}

    assert "recorded in this place already" in said(stay["transfer"].saved(**same))
