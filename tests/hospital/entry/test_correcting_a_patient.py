"""Who a patient is, put right: a new version with its reason, hard stops, and what is asked about first."""

import re

import pytest
from statements import Correction, Statement, bodies, said, warned_in

from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.searching import search_everybody
from wardround.hospital.records.models import Provenance, Resource, ResourceFinding
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
NAMES = [
    {"use": "maiden", "family": "Kis", "given": ["Ilona"]},
    {"use": "official", "family": "Kovács", "given": ["Ilona"], "prefix": ["Ms"]},
]
TOLD = {
    "telecom": [{"system": "phone", "value": "+36 1 234 5678", "use": "home"}],
    "address": [{"use": "home", "line": ["Fő utca 1"], "city": "Budapest", "postalCode": "1011", "country": "HU"}],
}


@pytest.fixture
def correction(as_client, nurse, make_patient):
    def of(**elements) -> Correction:
        patient_id = make_patient(**{"birth": "1963-05-02", **elements})
        return Correction(as_client(nurse), patient_id, "Patient", patient_id)

    return of


def _present(correction) -> dict:
    return bodies(correction.patient_id, "Patient")[-1]


def test_a_name_is_corrected_in_a_new_version_with_who_and_why(correction):
    person = correction()

    answer = person.saved(family="Kovácsné", why="as in the passport")

    assert answer.status_code == 302
    old, new = bodies(person.patient_id, "Patient")
    assert (old["name"][0]["family"], new["name"][0]["family"]) == ("Kovács", "Kovácsné")
    written = Provenance.objects.get(activity="correct")
    assert (written.agent_name, written.reason) == ("n.horvath", "as in the passport")
    assert AuditEvent.objects.filter(action="record.correct", patient_id=person.patient_id).exists()


def test_the_page_shows_the_old_name_struck_through(correction):
    person = correction()
    person.saved(family="Kovácsné", why="as in the passport")

    page = person.opened().content.decode()

    assert re.search(r"<s>Kovács · Ilona", page)
    assert "Reason: as in the passport" in said(person.opened())


def test_the_history_says_what_was_there_before(correction):
    person = correction()
    person.saved(family="Kovácsné", why="as in the passport")

    page = person.client.get(f"/patients/{person.patient_id}/history/").content.decode()

    assert "<s>KOVÁCS, Ilona</s>" in page
    assert "<b>KOVÁCSNÉ, Ilona</b>" in page


def test_what_nobody_touched_stays_as_it_was_received(correction):
    person = correction(name=NAMES, **TOLD, extension=[{"url": "urn:x", "valueString": "kept"}])

    person.saved(given="Ilona Mária", why="second name")

    old, new = bodies(person.patient_id, "Patient")
    assert new["name"] == [NAMES[0], {**NAMES[1], "given": ["Ilona", "Mária"]}]
    assert {k: v for k, v in new.items() if k not in {"name", "meta"}} == {
        k: v for k, v in old.items() if k not in {"name", "meta"}
    }


def test_each_part_that_the_record_has_can_be_corrected(correction):
    person = correction(name=NAMES, **TOLD)

    person.saved(
        title="Dr", birth="02-06-1963", sex="other", number0="T-77", contact0="+36 1 999", street0="Fő utca 2",
        postcode0="1012", city0="Buda", country0="Hungary", why="read from the card",
    )  # fmt: skip

    body = _present(person)
    assert body["name"][1]["prefix"] == ["Dr"]
    assert (body["birthDate"], body["gender"]) == ("1963-06-02", "other")
    assert body["identifier"] == [{"system": "urn:wardround:mrn:test-hospital", "value": "T-77"}]
    assert body["telecom"] == [{"system": "phone", "value": "+36 1 999", "use": "home"}]
    assert body["address"] == [
        {"use": "home", "line": ["Fő utca 2"], "city": "Buda", "postalCode": "1012", "country": "Hungary"}
    ]


def test_a_telephone_and_an_address_can_be_added_where_there_are_none(correction):
    person = correction()

    person.saved(contact0="+36 1 999", street0="Fő utca 2", city0="Buda", why="told at the desk")

    body = _present(person)
    assert body["telecom"] == [{"system": "phone", "value": "+36 1 999"}]
    assert body["address"] == [{"use": "home", "line": ["Fő utca 2"], "city": "Buda"}]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"birth": "2150-01-01"}, "This lies in the future"),
        ({"birth": "yesterday"}, "This is not a date"),
        ({"family": ""}, "Write the family name"),
        ({"sex": ""}, "Say the sex, or that it is not known"),
        ({"number0": ""}, "A patient has a number"),
        ({"life": "died", "died_date": "1962-12-31"}, "The death lies before the birth"),
        ({"life": "died", "died_date": "2150-01-01"}, "This lies in the future"),
        ({"life": "", "died_date": "2026-03-05"}, "A time of death is given"),
        ({"why": ""}, "Say why it is corrected"),
        ({}, "Nothing is changed"),
    ],
)
def test_what_cannot_be_true_is_not_saved(correction, typed, sentence):
    person = correction()

    answer = person.saved(**{"why": "typed again", **typed})

    assert sentence in said(answer)
    assert len(bodies(person.patient_id, "Patient")) == 1


def test_a_birth_after_the_death_is_not_saved(correction):
    person = correction(deceasedDateTime="1999-04-01")

    assert "The death lies before the birth" in said(person.saved(birth="1999-05", why="typed again"))
    assert len(bodies(person.patient_id, "Patient")) == 1


def test_who_dies_on_the_day_of_birth_is_no_contradiction(correction):
    person = correction(birth="2026-03-05")

    answer = person.vouched(life="died", died_date="2026-03-05", died_time="00:10", why="stillborn after labour")

    assert answer.status_code == 302
    assert _present(person)["deceasedDateTime"].startswith("2026-03-05T00:10")


def test_an_age_that_changes_by_decades_is_asked_about(correction):
    person = correction()

    asked = person.saved(birth="1936-05-02", why="the digits were exchanged")

    assert "changes the patient's age by 27 years" in said(asked)
    assert len(bodies(person.patient_id, "Patient")) == 1
    assert person.vouched(birth="1936-05-02", why="the digits were exchanged").status_code == 302
    assert _present(person)["birthDate"] == "1936-05-02"


def test_a_day_that_changes_is_not_asked_about(correction):
    assert correction().saved(birth="1963-05-03", why="as in the passport").status_code == 302


def test_name_and_birth_that_both_change_may_be_another_person(correction):
    asked = correction().saved(family="Szabó", birth="1965-01-01", why="typed again")

    assert "Is it the same person, and not another patient?" in said(asked)


def test_another_patient_with_the_same_number_is_pointed_out_and_waits_for_a_steward(correction, make_patient):
    person = correction(given="Ilka")
    other = make_patient(birth="1963-05-12")
    search_everybody(system_actor("tests"))
    assert not CandidatePair.objects.exists()
    number = bodies(other, "Patient")[0]["identifier"][0]["value"]

    asked = person.saved(number0=number, why="from the wrist band")

    assert "KOVÁCS, Ilona has this number already." in said(asked)
    assert len(bodies(person.patient_id, "Patient")) == 1
    answer = person.saved(number0=number, why="from the wrist band", warned=warned_in(asked))
    assert answer.status_code == 302
    assert CandidatePair.objects.filter(
        one__in=(person.patient_id, other), other__in=(person.patient_id, other)
    ).exists()


def test_somebody_outside_the_care_team_is_not_named(correction, make_patient, doctor):
    from wardround.hospital.care.actions import join_team, make_team, take_patient

    person, other = correction(), make_patient(family="Szabó")
    by = system_actor("tests")
    team = make_team("Surgery", by=by)
    join_team(team, doctor.username, by=by)
    take_patient(team, other, by=by)
    number = bodies(other, "Patient")[0]["identifier"][0]["value"]

    asked = person.saved(number0=number, why="from the wrist band")

    assert "Another patient here has this number already." in said(asked)
    assert "SZABÓ" not in said(asked).upper()


def test_each_number_is_called_what_it_is_and_can_be_taken_out(correction):
    numbers = [
        {"system": "urn:wardround:mrn:test-hospital", "value": "T-5"},
        {"system": "urn:oid:1.2.3", "value": "987", "type": {"coding": [{"code": "SS"}]}},
        {"system": "urn:oid:1.2.4", "value": "D-1", "type": {"text": "Driver's license"}},
    ]
    person = correction(identifier=numbers)

    page = said(person.opened())
    person.saved(number2="", why="another person's")

    for label in ("Hospital number", "Number (SS)", "Driver's license"):
        assert label in page
    assert _present(person)["identifier"] == numbers[:2]


def test_a_death_is_recorded_after_one_question_and_taken_back_after_another(correction):
    person = correction()
    death = {"life": "died", "died_date": "2026-03-05", "died_time": "11:30", "why": "certified at home"}

    assert "This records the death of KOVÁCS, Ilona: 05-Mar-2026 11:30." in said(person.saved(**death))
    assert len(bodies(person.patient_id, "Patient")) == 1
    person.vouched(**death)
    assert _present(person)["deceasedDateTime"].startswith("2026-03-05T11:30")

    back = {"life": "", "died_date": "", "died_time": "", "why": "it was the neighbour"}
    assert "This takes back the death of KOVÁCS, Ilona" in said(person.saved(**back))
    person.vouched(**back)
    assert "deceasedDateTime" not in _present(person)


def test_a_death_at_an_unknown_time_is_recorded_as_one(correction):
    person = correction()
    person.vouched(life="died", why="told by the family")

    assert _present(person)["deceasedBoolean"] is True


def test_a_death_of_which_only_the_year_is_known_stays_as_it_is(correction):
    person = correction(deceasedDateTime="2020")

    assert person.filled()["died"] == "2020"
    assert person.saved(given="Ica", why="called so").status_code == 302
    assert _present(person)["deceasedDateTime"] == "2020"


def test_the_chart_is_judged_again_by_the_birth_that_is_right(correction):
    person = correction()
    Statement(person.client, person.patient_id, "procedure").saved(
        code_text="appendectomy", code="text", done="1980", state="completed"
    )
    assert not ResourceFinding.objects.filter(is_current=True, kind="before_birth").exists()

    person.vouched(birth="1993-05-02", why="as in the passport")

    assert Resource.objects.filter(type="Procedure").exists()
    assert ResourceFinding.objects.filter(is_current=True, kind="before_birth").exists()


def test_a_person_is_never_marked_as_an_error(correction):
    person = correction()
    version = person.filled()["version"]

    answer = person.client.post(person.address, {"withdraw": "1", "version": version, "why_error": "twice"})

    assert "It should not be here at all" not in said(person.opened())
    assert answer.status_code == 200
    assert len(bodies(person.patient_id, "Patient")) == 1


def test_a_version_that_changed_meanwhile_is_refused(correction):
    person = correction()
    typed = person.filled()
    person.saved(family="Kovácsné", why="as in the passport")

    answer = person.client.post(person.address, {**typed, "given": "Ica", "why": "mine"})

    assert "Somebody changed this meanwhile." in said(answer)
    assert len(bodies(person.patient_id, "Patient")) == 2


def test_who_may_not_write_does_not_correct_a_person(correction, as_client, stranger, steward):
    person = correction()
    for somebody in (stranger, steward):
        assert as_client(somebody).get(person.address).status_code == 404
        assert as_client(somebody).post(person.address, {"family": "X", "why": "y"}).status_code == 404


def test_the_banner_leads_to_the_form_for_who_may_write(correction, as_client, steward):
    person = correction()

    assert f'href="{person.address}"' in person.client.get(f"/patients/{person.patient_id}/").content.decode()
    page = as_client(steward).get(f"/patients/{person.patient_id}/").content.decode()
    assert f'href="{person.address}"' not in page


def test_the_box_holds_the_birth_date_as_the_chart_writes_it(correction):
    person = correction()

    assert person.filled()["birth"] == "02-May-1963"


@pytest.mark.parametrize("typed", ["03-May-1963", "1963-05-03", "3.5.1963", "03-Mai-1963", "03-Máj-1963"])
def test_a_birth_date_is_taken_as_the_page_shows_it_and_as_fhir_writes_it(correction, typed):
    person = correction()

    assert person.saved(birth=typed, why="as in the passport").status_code == 302
    assert _present(person)["birthDate"] == "1963-05-03"


def test_a_birth_date_that_is_none_is_refused_with_a_right_example(correction):
    person = correction()

    page = said(person.saved(birth="31-Feb-1963", why="as in the passport"))

    assert "This is not a date. Write 2011, 03-2011 or 14-Mar-2011." in page
    assert _present(person)["birthDate"] == "1963-05-02"


def test_what_nobody_touched_in_another_correction_stays_as_it_was_received(correction):
    person = correction(_birthDate={"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                                                   "valueDateTime": "1963-05-02T04:10:00+01:00"}]})  # fmt: skip

    person.saved(family="Kovácsné", why="as in the passport")

    assert _present(person)["birthDate"] == "1963-05-02"
    assert "_birthDate" in _present(person)
