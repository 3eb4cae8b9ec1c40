"""A stay put right: its kind, when it began and ended, its wards and beds; nothing in an order that cannot be."""

import re

import pytest
from statements import Correction, Statement, bodies, said

from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import Provenance, Resource
from wardround.hospital.wards.places import Place, place_of
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
IN = {"kind": "IMP", "began_date": "2026-03-02", "began_time": "08:00", "ward": "Acute Medical 2", "bed": "14"}
MOVE = {"moved_date": "2026-03-03", "moved_time": "10:00", "ward": "Cardiology", "bed": "3"}
OUT = {"ended_date": "2026-03-05", "ended_time": "11:30", "way_out": "home"}


class Stay:
    """A stay that was entered by the forms, and the form that corrects it."""

    def __init__(self, client, patient_id: str) -> None:
        self.client, self.patient_id = client, patient_id
        self.forms = {name: Statement(client, patient_id, name) for name in ("admit", "transfer", "discharge")}

    def entered(self, *, moves: bool = False, leaves: bool = True) -> Correction:
        self.forms["admit"].saved(**IN)
        if moves:
            self.forms["transfer"].saved(**MOVE)
        if leaves:
            self.forms["discharge"].saved(**OUT)
        rid = Resource.objects.filter(type="Encounter", patient_id=self.patient_id).latest("pk").logical_id
        return Correction(self.client, self.patient_id, "Encounter", rid)

    @property
    def present(self) -> dict:
        return bodies(self.patient_id, "Encounter")[-1]


@pytest.fixture
def stay(as_client, nurse, make_patient) -> Stay:
    return Stay(as_client(nurse), make_patient(birth="1963-05-02"))


def test_a_wrong_admission_time_is_corrected_with_its_reason_and_the_first_place_begins_with_it(stay):
    correction = stay.entered()

    answer = correction.saved(began_time="06:15", why="by the ambulance's sheet")

    assert answer.status_code == 302
    assert stay.present["period"]["start"].startswith("2026-03-02T06:15")
    assert stay.present["location"][0]["period"]["start"] == stay.present["period"]["start"]
    written = Provenance.objects.get(activity="correct")
    assert (written.agent_name, written.reason) == ("n.horvath", "by the ambulance's sheet")


def test_a_wrong_discharge_time_is_corrected_and_the_last_place_ends_with_it(stay):
    stay.entered().saved(ended_time="17:45", why="left in the afternoon")

    assert stay.present["period"]["end"].startswith("2026-03-05T17:45")
    assert stay.present["location"][0]["period"]["end"] == stay.present["period"]["end"]


def test_a_wrong_ward_and_kind_are_corrected_and_the_rest_stays(stay):
    correction = stay.entered(leaves=False)
    before = stay.present

    correction.saved(kind="OBSENC", ward0="Acute Medical 3", bed0="1", why="wrong line")

    after = stay.present
    assert place_of(after) == Place(ward="Acute Medical 3", bed="1")
    assert [one["name"] for one in after["contained"]] == ["1", "Acute Medical 3"]  # nothing that is named no more
    assert after["class"]["code"] == "OBSENC"
    assert (after["period"], after["status"], after["subject"]) == (
        before["period"],
        before["status"],
        before["subject"],
    )


def test_the_time_of_a_move_is_corrected_and_the_place_before_ends_then(stay):
    stay.entered(moves=True).saved(since1_time="12:00", why="moved after lunch")

    first, second = stay.present["location"]
    assert second["period"]["start"].startswith("2026-03-03T12:00")
    assert first["period"]["end"] == second["period"]["start"]


def test_the_ward_of_one_of_two_places_is_corrected(stay):
    stay.entered(moves=True).saved(ward0="Emergency", bed0="", why="wrong line")

    first, second = stay.present["location"]
    assert (first["location"]["display"], second["location"]["display"]) == ("Emergency", "Cardiology, 3")


def test_a_place_of_another_system_keeps_its_record_and_its_room(as_client, nurse, make_patient):
    by = system_actor("tests")
    ward = create_resource({"resourceType": "Location", "name": "West 4", "status": "active"}, by=by).logical_id
    patient_id = make_patient(birth="1963-05-02")
    body = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": {"start": "2026-03-02"},
        "location": [{"location": {"reference": f"Location/{ward}"}}],
    }
    rid = create_resource(body, by=by).logical_id
    correction = Correction(as_client(nurse), patient_id, "Encounter", rid)

    assert correction.filled()["ward0"] == "West 4"
    assert correction.saved(kind="SS", why="went home at night").status_code == 302

    after = bodies(patient_id, "Encounter")[-1]
    assert after["location"] == body["location"]
    assert after["period"] == body["period"]  # a day stays a day


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ended_date": "2026-03-01"}, "The end lies before the start"),
        ({"began_date": "2026-03-06"}, "The end lies before the start"),
        ({"since1_date": "2026-03-01"}, "The patient came here before the place before, or after the end"),
        ({"since1_date": "2026-03-07"}, "The patient came here before the place before, or after the end"),
        (
            {"began_date": "2150-01-01", "since1_date": "2150-01-02", "ended_date": "2150-01-03"},
            "This lies in the future",
        ),
        ({"began_date": "1916-01-01"}, "This lies before the patient was born"),
        ({"began_date": ""}, "Say when the patient was admitted"),
        ({"ward0": ""}, "Say which ward it is"),
        ({"kind": ""}, "Say what kind of stay it is"),
        ({"why": ""}, "Say why it is corrected"),
        ({}, "Nothing is changed"),
    ],
)
def test_what_cannot_be_true_is_not_saved(stay, typed, sentence):
    correction = stay.entered(moves=True)
    versions = len(bodies(stay.patient_id, "Encounter"))

    answer = correction.saved(**{"why": "typed again", **typed})

    assert sentence in said(answer)
    assert len(bodies(stay.patient_id, "Encounter")) == versions


def test_another_stay_at_the_same_time_is_pointed_out(stay):
    stay.entered()
    second = {**IN, "began_date": "2026-03-08", "bed": "2"}
    stay.forms["admit"].saved(**second)
    rid = Resource.objects.filter(type="Encounter").latest("pk").logical_id
    correction = Correction(stay.client, stay.patient_id, "Encounter", rid)

    asked = correction.saved(began_date="2026-03-04", why="by the letter")

    assert "Another stay is recorded for the same time: Inpatient, Acute Medical 2, 02-Mar-2026" in said(asked)
    assert correction.vouched(began_date="2026-03-04", why="by the letter").status_code == 302


def test_a_stay_that_begins_when_another_ends_is_no_overlap(stay):
    stay.entered()
    assert stay.forms["admit"].saved(**{**IN, "began_date": "2026-03-08", "bed": "2"}).status_code == 302
    rid = Resource.objects.filter(type="Encounter").latest("pk").logical_id
    correction = Correction(stay.client, stay.patient_id, "Encounter", rid)

    answer = correction.saved(began_date="2026-03-05", began_time="11:30", why="sent on to another ward")

    assert answer.status_code == 302


def test_a_discharge_that_never_was_is_taken_back_after_a_question(stay):
    correction = stay.entered()
    nothing = {"ended_date": "", "ended_time": "", "why": "another patient left"}

    assert "This takes back the discharge" in said(correction.saved(**nothing))
    assert correction.vouched(**nothing).status_code == 302

    assert stay.present["status"] == "in-progress"
    assert "end" not in stay.present["period"]
    assert "hospitalization" not in stay.present
    assert place_of(stay.present) == Place(ward="Acute Medical 2", bed="14")


def test_a_stay_that_goes_on_is_not_ended_by_a_correction(stay):
    assert "ended_date" not in stay.entered(leaves=False).filled()


def test_the_page_and_the_list_show_what_stood_before(stay):
    correction = stay.entered()
    correction.saved(began_time="06:15", why="by the ambulance's sheet")

    assert re.search(r"<s>Inpatient · 02-Mar-2026 08:00", correction.opened().content.decode())
    stays = stay.client.get(f"/patients/{stay.patient_id}/encounters/").content.decode()
    assert "Amended" in stays
    assert "<s>Inpatient · 02-Mar-2026 08:00 to 05-Mar-2026 11:30" in stays
    history = stay.client.get(f"/patients/{stay.patient_id}/history/?record=Encounter/{stay.present['id']}")
    assert "<s>02-Mar-2026 08:00 to 05-Mar-2026 11:30</s>" in history.content.decode()


def test_a_transfer_and_a_discharge_are_no_amendments(stay):
    stay.entered(moves=True)

    stays = stay.client.get(f"/patients/{stay.patient_id}/encounters/").content.decode()

    assert "Amended" not in stays


def test_a_wrong_ward_that_was_corrected_is_seen_in_the_list(stay):
    stay.entered(leaves=False).saved(ward0="Cardiology", bed0="", why="wrong line")

    stays = stay.client.get(f"/patients/{stay.patient_id}/encounters/").content.decode()

    assert re.search(r"<s>[^<]*Acute Medical 2, (bed )?14", stays)


def test_a_stay_of_another_chart_is_not_there(stay, make_patient):
    correction = stay.entered()

    assert stay.client.get(correction.address.replace(stay.patient_id, make_patient())).status_code == 404


def test_who_may_not_write_does_not_correct_a_stay(stay, as_client, stranger, steward):
    correction = stay.entered()
    for somebody in (stranger, steward):
        assert as_client(somebody).get(correction.address).status_code == 404
