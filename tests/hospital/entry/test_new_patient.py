"""A new patient is registered after looking for the same person among those in one's care."""

import pytest
from statements import bodies, said, warned_in

from wardround.hospital.entry.new_patient import check_digit, made_number
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.records.models import Decision, Provenance, Resource, ResourceFinding
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ILONA = {"family": "Kovács", "given": "Ilona Mária", "birth": "02-05-1961", "sex": "female", "number": "N-77"}


@pytest.fixture
def desk(as_client, nurse):
    client = as_client(nurse)
    tokens = iter(range(100))

    def registered(**typed):
        return client.post("/patients/new/", {"form_token": f"t{next(tokens)}", **ILONA, **typed})

    registered.client = client
    return registered


def _patients() -> int:
    return Resource.objects.filter(type="Patient").count()


def test_a_patient_is_stored_and_the_chart_opens(desk):
    answer = desk(phone="+36 1 234 5678", street="Fő utca 1", postcode="1011", city="Budapest")

    patient_id = answer.url.split("/")[2]
    (body,) = bodies(patient_id, "Patient")
    assert body["name"] == [{"use": "official", "family": "Kovács", "given": ["Ilona", "Mária"]}]
    assert (body["birthDate"], body["gender"]) == ("1961-05-02", "female")
    assert body["identifier"][0]["value"] == "N-77"
    assert body["address"][0]["city"] == "Budapest"
    assert desk.client.get(answer.url).status_code == 200
    assert AuditEvent.objects.filter(action="record.create", patient_id=patient_id).exists()


def test_new_is_an_address_of_its_own_and_no_chart(desk):
    assert "New patient" in said(desk.client.get("/patients/new/"))


def test_a_number_is_made_where_none_is_given(desk):
    answer = desk(number="")

    (body,) = bodies(answer.url.split("/")[2], "Patient")
    value = body["identifier"][0]["value"]
    assert value[0] == "W"
    assert check_digit(value[1:-1]) == value[-1]


def test_the_check_digit_is_luhns():
    assert check_digit("7992739871") == "3"
    assert len(made_number()) == 10


def test_a_year_alone_is_a_date_of_birth(desk):
    answer = desk(birth="1961")

    assert bodies(answer.url.split("/")[2], "Patient")[0]["birthDate"] == "1961"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"family": ""}, "Write the family name"),
        ({"sex": ""}, "Say the sex, or that it is not known"),
        ({"birth": "yesterday"}, "This is not a date"),
        ({"birth": "2150"}, "This lies in the future"),
    ],
)
def test_what_cannot_be_true_is_not_saved(desk, typed, sentence):
    assert sentence in said(desk(**typed))
    assert _patients() == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"birth": ""}, "No date of birth is given"),
        ({"birth": "1861-05-02"}, "Is it the right century?"),
    ],
)
def test_what_is_hardly_true_is_asked_about(desk, typed, sentence):
    asked = desk(**typed)
    assert sentence in said(asked)
    assert _patients() == 0

    assert desk(**typed, why="no papers", warned=warned_in(asked)).status_code == 302
    assert _patients() == 1


def test_who_looks_like_this_person_is_shown_side_by_side_and_nothing_is_stored(desk, make_patient):
    known = make_patient(family="Kovacs", given="Ilona", birth="1961-05-02")

    asked = desk()

    page = asked.content.decode()
    assert "Is it one of these?" in said(asked)
    assert f'href="/patients/{known}/"' in page
    assert "KOVACS, Ilona" in said(asked)
    assert _patients() == 1


def test_another_person_is_registered_with_the_reason_and_a_steward_sees_the_pair(desk):
    desk(given="Ilona", number="N-76")
    asked = desk(given="Ilona")

    answer = desk(given="Ilona", why="her cousin", warned=warned_in(asked))

    assert answer.status_code == 302
    assert Provenance.objects.filter(reason="her cousin").exists()
    assert CandidatePair.objects.count() == 1


def test_a_number_of_another_patient_is_refused_without_naming_them(desk, make_patient):
    make_patient(family="Szabó", given="Péter")

    answer = desk(number="T-1001")
    if "Is it one of these?" in said(answer):
        answer = desk(number="T-1001", why="another person", warned=warned_in(answer))

    assert "Another patient here has this number." in said(answer)
    assert _patients() == 1


def test_somebody_outside_the_care_team_is_not_shown(desk, make_patient, nurse, doctor):
    from wardround.hospital.care.actions import join_team, make_team, take_patient
    from wardround.web.audit.actor import system_actor

    known = make_patient(family="Kovacs", given="Ilona", birth="1961-05-02")
    by = system_actor("tests")
    team = make_team("Surgery", by=by)
    join_team(team, doctor.username, by=by)
    take_patient(team, known, by=by)

    answer = desk(given="Ilona")

    assert answer.status_code == 302
    assert known not in answer.content.decode()


def test_a_wrong_century_that_is_confirmed_is_not_held(desk):
    asked = desk(birth="1861-05-02")
    desk(birth="1861-05-02", why="as in the passport", warned=warned_in(asked))

    for finding in ResourceFinding.objects.filter(is_current=True, kind="date"):
        assert (finding.is_held, finding.decision) == (False, Decision.CONFIRMED)


def test_who_may_not_write_registers_nobody(as_client, stranger, steward):
    for somebody in (stranger, steward):
        assert as_client(somebody).get("/patients/new/").status_code == 403
        assert as_client(somebody).post("/patients/new/", ILONA).status_code == 403
    assert _patients() == 0
