"""A discharge as "Died" records the death with the stay, or neither, after one question; and it can be taken back."""

import pytest
from statements import Correction, Statement, bodies, said, warned_in

from wardround.hospital.entry import once
from wardround.hospital.records.actions.resources import create_resource, update_resource
from wardround.hospital.records.models import Provenance, Resource, ResourceFinding
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
IN = {"kind": "IMP", "began_date": "2026-03-02", "began_time": "08:00", "ward": "Acute Medical 2", "bed": "14"}
DIED = {"ended_date": "2026-03-05", "ended_time": "11:30", "way_out": "exp"}
CONFIRMED = {**DIED, "why": "certified by Dr Keller"}


class Ward:
    """A patient who lies here, and the form of the discharge."""

    def __init__(self, client, patient_id: str) -> None:
        self.client, self.patient_id = client, patient_id
        Statement(client, patient_id, "admit").saved(**IN)
        self.discharge = Statement(client, patient_id, "discharge")

    @property
    def person(self) -> dict:
        return bodies(self.patient_id, "Patient")[-1]

    @property
    def stay(self) -> dict:
        return bodies(self.patient_id, "Encounter")[-1]


@pytest.fixture
def ward(as_client, nurse, make_patient) -> Ward:
    return Ward(as_client(nurse), make_patient(birth="1963-05-02"))


def test_the_death_is_asked_about_by_name_and_time_before_anything_is_stored(ward):
    asked = ward.discharge.saved(**DIED)

    assert "This records the death of KOVÁCS, Ilona: 05-Mar-2026 11:30." in said(asked)
    assert ward.stay["status"] == "in-progress"
    assert "deceasedDateTime" not in ward.person


def test_the_death_is_recorded_with_the_discharge_at_its_time(ward):
    assert ward.discharge.vouched(**CONFIRMED).status_code == 302

    assert ward.person["deceasedDateTime"] == ward.stay["period"]["end"]
    assert ward.stay["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "exp"
    both = Provenance.objects.filter(reason="certified by Dr Keller")
    assert {(p.agent_name, p.activity) for p in both} == {("n.horvath", "update")}
    assert AuditEvent.objects.filter(action="record.update", what__startswith="Patient/").count() == 1
    assert "Deceased, died 05-Mar-2026" in said(ward.client.get(f"/patients/{ward.patient_id}/"))


def test_another_time_of_death_is_taken_where_one_is_given(ward):
    ward.discharge.vouched(**CONFIRMED, died_date="2026-03-05", died_time="04:10")

    assert ward.person["deceasedDateTime"].startswith("2026-03-05T04:10")
    assert ward.stay["period"]["end"].startswith("2026-03-05T11:30")


def test_both_are_stored_or_neither(ward, monkeypatch):
    asked = ward.discharge.saved(**DIED)
    token = warned_in(asked)

    def fails(*_args, **_more):
        raise OSError("the disk is full")

    monkeypatch.setattr("wardround.hospital.entry.statement_saving.drafts.forget", fails)
    with pytest.raises(OSError, match="disk"):
        ward.discharge.saved(**CONFIRMED, warned=token)

    assert ward.stay["status"] == "in-progress"
    assert "deceasedDateTime" not in ward.person


def test_a_patient_whose_record_changed_meanwhile_is_not_overwritten(ward, monkeypatch):
    asked = ward.discharge.saved(**DIED)
    claim = once.claim

    def somebody_was_quicker(*args, **more):
        claim(*args, **more)
        changed = {**ward.person, "gender": "other"}
        update_resource(changed, type_name="Patient", logical_id=ward.patient_id, by=system_actor("tests"))

    monkeypatch.setattr(once, "claim", somebody_was_quicker)
    answer = ward.discharge.saved(**CONFIRMED, warned=warned_in(asked))

    assert "Somebody changed this a moment ago" in said(answer)
    assert ward.stay["status"] == "in-progress"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"died_date": "2026-03-01", "died_time": "10:00"}, "The death lies before the admission"),
        ({"died_date": "2026-03-05", "died_time": "12:00"}, "The death lies after the discharge"),
        ({"died_date": "2026-03-05", "died_time": "04:10", "way_out": "home"}, "A time of death is given"),
        ({"ended_date": "2150-03-05"}, "This lies in the future"),
    ],
)
def test_a_death_that_cannot_be_is_not_saved(ward, typed, sentence):
    assert sentence in said(ward.discharge.saved(**{**CONFIRMED, **typed}))
    assert ward.stay["status"] == "in-progress"
    assert "deceasedDateTime" not in ward.person


def test_who_goes_home_does_not_die(ward):
    ward.discharge.saved(**{**DIED, "way_out": "home"})

    assert len(bodies(ward.patient_id, "Patient")) == 1


def test_a_death_that_is_recorded_already_is_not_recorded_again(ward):
    person = Correction(ward.client, ward.patient_id, "Patient", ward.patient_id)
    person.vouched(life="died", died_date="2026-03-05", died_time="11:00", why="certified")

    assert "died_date" not in ward.discharge.opened().content.decode()
    assert ward.discharge.saved(**DIED).status_code == 302
    assert len(bodies(ward.patient_id, "Patient")) == 2


def test_a_value_after_the_death_is_stopped_at_the_form_and_held_from_elsewhere(ward):
    ward.discharge.vouched(**CONFIRMED)
    late = {"measured_date": "2026-03-08", "measured_time": "08:00", "heart_rate": "72"}

    answer = Statement(ward.client, ward.patient_id, "vital-signs").saved(**late)
    received = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{ward.patient_id}"},
        "effectiveDateTime": "2026-03-08T08:00:00Z",
        "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    }
    create_resource(received, by=system_actor("tests"))

    assert "lies after the patient died" in said(answer)
    assert Resource.objects.filter(type="Observation").count() == 1
    found = ResourceFinding.objects.get(is_current=True, kind="after_death")
    assert (found.resource.type, found.is_held) == ("Observation", True)


def test_what_was_recorded_later_than_the_death_is_found_when_the_death_is_recorded(ward, make_observation):
    make_observation(ward.patient_id, loinc="8867-4", value=72, unit="/min", time="2026-03-08T08:00:00Z")
    assert not ResourceFinding.objects.filter(kind="after_death").exists()

    ward.discharge.vouched(**CONFIRMED)

    assert ResourceFinding.objects.filter(is_current=True, kind="after_death").exists()


def test_a_death_that_was_wrong_is_taken_back_with_the_personal_details(ward):
    ward.discharge.vouched(**CONFIRMED)
    person = Correction(ward.client, ward.patient_id, "Patient", ward.patient_id)

    person.vouched(life="", died_date="", died_time="", why="another patient died")

    assert "deceasedDateTime" not in ward.person
    assert "Deceased" not in said(ward.client.get(f"/patients/{ward.patient_id}/"))


def test_a_way_out_that_is_corrected_to_died_records_the_death_too(ward):
    ward.discharge.saved(**{**DIED, "way_out": "home"})
    stay = Correction(ward.client, ward.patient_id, "Encounter", ward.stay["id"])

    assert "This records the death of KOVÁCS, Ilona" in said(stay.saved(way_out="exp", why="wrong line"))
    stay.vouched(way_out="exp", why="wrong line")

    assert ward.person["deceasedDateTime"] == ward.stay["period"]["end"]


def test_a_way_out_that_is_corrected_from_died_says_that_the_death_stands(ward):
    ward.discharge.vouched(**CONFIRMED)
    stay = Correction(ward.client, ward.patient_id, "Encounter", ward.stay["id"])

    assert "The death stays recorded." in said(stay.saved(way_out="home", why="wrong line"))


def test_a_death_that_was_taken_back_can_be_recorded_again_for_the_same_minute(ward):
    ward.discharge.vouched(**CONFIRMED)
    person = Correction(ward.client, ward.patient_id, "Patient", ward.patient_id)
    person.vouched(life="", died_date="", died_time="", why="another patient died")

    person = Correction(ward.client, ward.patient_id, "Patient", ward.patient_id)
    person.vouched(life="died", died_date="2026-03-05", died_time="11:30", why="it was this patient after all")

    assert ward.person["deceasedDateTime"].startswith("2026-03-05T11:30")
