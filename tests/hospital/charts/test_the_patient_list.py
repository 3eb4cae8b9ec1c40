"""The patient list: who may see it, how it is searched."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["nurse", "doctor", "steward"])
def test_whoever_works_with_charts_sees_the_patient_list(role, request, as_client, make_patient):
    make_patient(family="Kovács", given="Ilona")

    page = as_client(request.getfixturevalue(role)).get("/patients/")

    assert page.status_code == 200
    assert "KOVÁCS, Ilona" in page.content.decode()


def test_a_role_without_charts_is_refused_the_patient_list(as_client, stranger, make_patient):
    make_patient(family="Kovács")

    page = as_client(stranger).get("/patients/")

    assert page.status_code == 403
    assert "KOVÁCS" not in page.content.decode()


def test_whoever_is_signed_out_is_sent_to_the_log_in(client):
    page = client.get("/patients/")

    assert page.status_code == 302
    assert page.url.startswith("/login/")


def test_a_role_without_charts_begins_with_the_first_page_that_it_has(as_client, stranger):
    page = as_client(stranger).get("/")

    assert page.url == "/administration/people/"


def test_the_beginning_of_a_name_finds_the_patient_and_no_other(as_client, nurse, make_patient):
    make_patient(family="Kovács", given="Ilona")
    make_patient(family="Kovacsics", given="Anna")
    make_patient(family="Szabó", given="Péter")

    text = as_client(nurse).post("/patients/", {"search": "kov"}).content.decode()

    assert "KOVÁCS, Ilona" in text
    assert "KOVACSICS, Anna" in text
    assert "SZABÓ" not in text


def test_enter_opens_the_only_patient_who_answers_and_their_name_is_not_in_the_address(as_client, nurse, make_patient):
    patient = make_patient(family="Kovács", given="Ilona")
    make_patient(family="Szabó", given="Péter")

    answer = as_client(nurse).post("/patients/", {"search": "kov"})

    assert answer.status_code == 302
    assert answer.url == f"/patients/{patient}/"


@pytest.mark.parametrize(
    "typed",
    [
        "14-Mar-1958",
        "14.03.1958",
        "1958-03-14",
        "14/3/1958",
        "14 March 1958",
        "14. März 1958",
        "1958. 03. 14.",
        "19580314",
    ],
)
def test_a_whole_birth_date_in_any_common_form_finds_the_patient(typed, as_client, nurse, make_patient):
    patient = make_patient(family="Kovács", birth="1958-03-14")
    make_patient(family="Szabó", birth="1958-04-14")
    make_patient(family="Tóth", birth="1958")

    answer = as_client(nurse).post("/patients/", {"search": typed})

    assert answer.url == f"/patients/{patient}/"


def test_a_day_and_month_that_may_stand_either_way_find_both(as_client, nurse, make_patient):
    make_patient(family="Kovács", birth="1958-03-04")
    make_patient(family="Szabó", birth="1958-04-03")

    text = as_client(nurse).post("/patients/", {"search": "04/03/1958"}).content.decode()

    assert "KOVÁCS" in text
    assert "SZABÓ" in text


def test_a_name_beside_a_birth_date_narrows_it(as_client, nurse, make_patient):
    patient = make_patient(family="Kovács", birth="1958-03-14")
    make_patient(family="Szabó", birth="1958-03-14")

    assert as_client(nurse).post("/patients/", {"search": "kov 14.3.1958"}).url == f"/patients/{patient}/"


def test_a_hospital_number_of_eight_digits_is_still_a_number(as_client, nurse, make_patient):
    number = [{"system": "urn:wardround:mrn:test-hospital", "value": "19580314"}]
    patient = make_patient(family="Tóth", identifier=number)

    assert as_client(nurse).post("/patients/", {"search": "19580314"}).url == f"/patients/{patient}/"


def test_who_has_died_and_who_is_admitted_is_marked(as_client, nurse, make_patient, make_resource):
    make_patient(family="Kovács", deceasedDateTime="2026-01-02")
    inpatient = make_patient(family="Szabó")
    make_patient(family="Tóth")
    make_resource(
        "Encounter",
        subject={"reference": f"Patient/{inpatient}"},
        status="in-progress",
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
    )

    rows = as_client(nurse).get("/patients/").content.decode().split("<tr>")

    marks = {
        name: [mark for mark in ("Deceased", "Admitted") if mark in row]
        for row in rows
        for name in ("KOVÁCS", "SZABÓ", "TÓTH")
        if name in row
    }
    assert marks == {"KOVÁCS": ["Deceased"], "SZABÓ": ["Admitted"], "TÓTH": []}


def test_a_searched_name_never_stands_in_an_address(as_client, nurse, make_patient):
    make_patient(family="Kovács")
    make_patient(family="Szabó")

    text = as_client(nurse).get("/patients/", {"search": "kov"}).content.decode()

    assert "SZABÓ" in text, "a search in the address is not obeyed, so nothing tempts a page to put it there"


def test_typing_gets_the_lines_alone(as_client, nurse, make_patient):
    make_patient(family="Kovács")

    text = (
        as_client(nurse).post("/patients/", {"search": "kov"}, headers={"HX-Target": "patient-list"}).content.decode()
    )

    assert "KOVÁCS" in text
    assert "<html" not in text


def test_a_long_list_has_pages(as_client, nurse, make_patient):
    for number in range(26):
        make_patient(family=f"Family{number:02}")

    first = as_client(nurse).get("/patients/").content.decode()
    second = as_client(nurse).post("/patients/", {"page": "2"}).content.decode()

    assert "FAMILY00" in first
    assert "FAMILY25" not in first
    assert "FAMILY25" in second


def test_a_name_is_printed_as_text_and_never_as_markup(as_client, nurse, make_patient):
    make_patient(family="<script>alert(1)</script>")

    text = as_client(nurse).get("/patients/").content.decode()

    assert "<script>alert" not in text.lower()
    assert "&lt;SCRIPT&gt;" in text


def test_the_bar_of_every_page_shows_who_answers_while_it_is_typed(as_client, nurse, make_patient):
    patient = make_patient(family="Kovács", birth="1958-03-14")

    page = as_client(nurse).get(f"/patients/{patient}/").content.decode()
    found = as_client(nurse).post("/patients/", {"search": "kov"}, headers={"HX-Target": "found-patients"})

    assert 'hx-target="#found-patients"' in page
    assert f'href="/patients/{patient}/"' in found.content.decode()
    assert "14-Mar-1958" in found.content.decode()
    assert "<html" not in found.content.decode()


def test_the_bar_names_eight_and_says_how_many_there_are(as_client, nurse, make_patient):
    for _ in range(9):
        make_patient(family="Kovács")

    found = as_client(nurse).post("/patients/", {"search": "kov"}, headers={"HX-Target": "found-patients"})

    assert found.content.decode().count("<li>") == 8
    assert "9 patients in all: press Enter for the list." in found.content.decode()


def test_an_empty_box_shows_nobody_and_asks_for_nobody(as_client, nurse, make_patient):
    make_patient()

    found = as_client(nurse).post("/patients/", {"search": " "}, headers={"HX-Target": "found-patients"})

    assert found.content == b""


def test_a_nurse_begins_with_what_is_due_and_a_doctor_with_the_patients(client, as_client, nurse, doctor):
    assert as_client(nurse).get("/").url == "/worklist/"
    assert as_client(doctor).get("/").url == "/patients/"


def test_a_steward_begins_with_what_to_mend(as_client, steward):
    assert as_client(steward).get("/").url == "/quality/"
