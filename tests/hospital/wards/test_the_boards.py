"""The worklist and the wards: one's own patients who are in the hospital, what they have, and what is due."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.hospital.wards.models import WardPlan
from wardround.hospital.wards.templatetags.wards import span
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def _plain(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _ago(**span) -> str:
    return (timezone.now() - timedelta(**span)).isoformat()


def test_the_most_overdue_stands_first(as_client, nurse, make_patient, make_observation, admit):
    for family, hours in (("Late", 6), ("Later", 9)):
        patient = make_patient(family=family)
        admit(patient)
        make_observation(patient, loinc="8867-4", value=72, unit="/min", time=_ago(hours=hours))

    page = _plain(as_client(nurse).get("/worklist/"))

    assert page.index("LATER, ") < page.index("LATE, ")
    assert "overdue 5 h" in page
    assert "overdue 2 h" in page


def test_a_click_leads_to_the_form_and_back(as_client, nurse, make_patient, admit):
    patient = make_patient()
    admit(patient)

    page = as_client(nurse).get("/worklist/").content.decode()

    assert f'href="/patients/{patient}/enter/vital-signs/?next=%2Fworklist%2F"' in page


def test_whoever_went_home_or_never_lay_here_is_not_on_the_list(as_client, nurse, make_patient, admit):
    admit(make_patient(family="Gone"), status="finished")
    admit(make_patient(family="Outpatient"), kind="AMB")
    make_patient(family="Nobody")

    page = _plain(as_client(nurse).get("/worklist/"))

    assert not {"GONE", "OUTPATIENT", "NOBODY"} & set(re.findall(r"[A-Z]{4,}", page))
    assert "None of your patients is admitted." in page


def test_the_patients_of_another_team_are_not_on_the_list(as_client, nurse, admit, not_hers):
    admit(not_hers)

    for address in ("/worklist/", "/wards/"):
        assert "None of your patients is admitted." in _plain(as_client(nurse).get(address))
    assert as_client(nurse).get("/wards/acute-medical/").status_code == 404


def test_a_ward_shows_its_patients_by_bed(as_client, nurse, make_patient, admit):
    for family, bed in (("Ten", "10"), ("Two", "2")):
        admit(make_patient(family=family), bed=bed)
    admit(make_patient(family="Elsewhere"), ward="Surgery")

    page = _plain(as_client(nurse).get("/wards/acute-medical/"))

    assert page.index("TWO,") < page.index("TEN,")
    assert "ELSEWHERE" not in page


def test_a_line_shows_the_latest_vital_signs_with_flags_and_what_is_held(
    as_client, nurse, make_patient, make_observation, admit
):
    patient = make_patient()
    admit(patient)
    at = _ago(hours=1)
    for loinc, value, unit in (("8480-6", 128, "mm[Hg]"), ("8462-4", 76, "mm[Hg]"), ("8867-4", 109, "/min")):
        make_observation(patient, loinc=loinc, value=value, unit=unit, time=at)
    make_observation(patient, loinc="8310-5", value=386, unit="Cel", time=at)

    page = _plain(as_client(nurse).get("/wards/acute-medical/"))

    assert "128/76" in page
    assert re.search(r"109 high", page)
    assert re.search(r"386 Held", page)
    assert "1 held" in page


@pytest.mark.parametrize(
    ("code", "severity", "said"),
    [
        ({"text": "Penicillin"}, "severe", "Allergies: Penicillin (severe)"),
        ({"text": "Latex"}, "", "Allergies: Latex"),
        ({"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}, "", "No known allergies"),
        (None, "", "Allergies: not asked"),
    ],
)
def test_allergies_are_known_none_or_not_asked(as_client, nurse, make_patient, admit, code, severity, said):
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    patient = make_patient()
    admit(patient)
    if code:
        allergy = {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
            "code": code,
            "patient": {"reference": f"Patient/{patient}"},
        }
        if severity:
            allergy["reaction"] = [{"manifestation": [{"text": "Anaphylaxis"}], "severity": severity}]
        create_resource(allergy, by=system_actor("tests"))

    assert said in _plain(as_client(nurse).get("/wards/acute-medical/"))


def test_the_list_can_be_narrowed_to_a_ward(as_client, nurse, make_patient, admit):
    admit(make_patient(family="Aaaa"))
    admit(make_patient(family="Bbbb"), ward="Surgery")

    page = _plain(as_client(nurse).get("/worklist/", {"ward": "surgery"}))

    assert "BBBB," in page
    assert "AAAA," not in page


def test_a_long_list_comes_in_pages(as_client, nurse, make_patient, admit):
    for number in range(52):
        admit(make_patient(family=f"F{number}"), ward="Surgery")

    first = _plain(as_client(nurse).get("/worklist/", {"ward": "surgery"}))
    answer = as_client(nurse).get("/worklist/", {"ward": "surgery"}).content.decode()

    assert "1 to 50 of 52" in first
    assert 'href="?ward=surgery&start=50"' in answer.replace("&amp;", "&")


def test_who_decides_sets_how_often_observations_are_due_on_a_ward(
    as_client, doctor, make_patient, make_observation, admit
):
    patient = make_patient()
    admit(patient)
    make_observation(patient, loinc="8867-4", value=72, unit="/min", time=_ago(hours=2))

    as_client(doctor).post("/wards/acute-medical/", {"every_hours": "1"})

    assert "overdue 1 h" in _plain(as_client(doctor).get("/worklist/"))
    (told,) = AuditEvent.objects.filter(action="ward.plan")
    assert (told.what, told.detail) == ("Acute Medical", {"every_hours": 1})


def test_who_decides_sets_it_for_every_ward_without_a_rule_of_its_own(
    as_client, doctor, make_patient, make_observation, admit
):
    patient = make_patient()
    admit(patient)
    make_observation(patient, loinc="8867-4", value=72, unit="/min", time=_ago(hours=2))

    as_client(doctor).post("/wards/", {"every_hours": "1"})
    assert "overdue 1 h" in _plain(as_client(doctor).get("/worklist/"))

    as_client(doctor).post("/wards/acute-medical/", {"every_hours": "8"})
    assert "due in 5 h 59 min" in _plain(as_client(doctor).get("/worklist/"))


def test_a_nurse_does_not_set_it(as_client, nurse, make_patient, admit):
    admit(make_patient())

    assert as_client(nurse).post("/wards/acute-medical/", {"every_hours": "1"}).status_code == 403
    assert not WardPlan.objects.exists()


def test_an_interval_that_cannot_be_chosen_is_refused_with_those_that_can(as_client, doctor, make_patient, admit):
    admit(make_patient())

    answer = as_client(doctor).post("/wards/acute-medical/", {"every_hours": "5"}, follow=True)

    assert "every 1, 2, 4, 6, 8, 12, 24 hours" in _plain(answer)
    assert not WardPlan.objects.exists()


def test_who_has_no_charts_has_no_wards(as_client, stranger):
    assert as_client(stranger).get("/worklist/").status_code == 403
    assert as_client(stranger).get("/wards/").status_code == 403


def test_a_steward_sees_wards_and_has_no_worklist(as_client, steward, make_patient, admit):
    admit(make_patient())

    assert "Acute Medical" in _plain(as_client(steward).get("/wards/"))
    assert "/enter/vital-signs/" not in as_client(steward).get("/wards/acute-medical/").content.decode()
    assert as_client(steward).get("/worklist/").status_code == 403


def test_one_ward_is_in_the_audit_trail_by_name(as_client, nurse, make_patient, admit):
    admit(make_patient())
    as_client(nurse).get("/wards/acute-medical/")

    (told,) = AuditEvent.objects.filter(action="ward.show")
    assert (told.what, told.detail) == ("Acute Medical", {"shown": 1})


def test_whoever_is_admitted_by_the_form_stands_on_the_worklist(as_client, nurse, make_patient):
    patient = make_patient(birth="1963-05-02")
    typed = {"kind": "IMP", "began_date": "2026-03-02", "began_time": "08:00", "ward": "Cardiology", "bed": "3"}
    as_client(nurse).post(f"/patients/{patient}/enter/admit/", {**typed, "form_token": "t", "save": "1"})

    page = _plain(as_client(nurse).get("/worklist/"))

    assert "Cardiology" in page
    assert "bed 3" in page


def test_a_board_is_in_the_audit_trail_without_names(as_client, nurse, make_patient, admit):
    admit(make_patient())
    as_client(nurse).get("/worklist/")

    (told,) = AuditEvent.objects.filter(action="worklist.show")
    assert told.detail == {"shown": 1}


def test_a_bed_that_is_a_record_of_its_own_is_part_of_its_ward(as_client, nurse, make_patient, admit):
    from wardround.hospital.records.actions.resources import update_resource
    from wardround.web.audit.actor import system_actor

    place = "http://terminology.hl7.org/CodeSystem/location-physical-type"
    for name, kind, part_of in (("Surgery 3", "wa", ""), ("7", "bd", "surgery-3")):
        location = {
            "resourceType": "Location",
            "id": name.lower().replace(" ", "-"),
            "name": name,
            "physicalType": {"coding": [{"system": place, "code": kind}]},
            **({"partOf": {"reference": f"Location/{part_of}"}} if part_of else {}),
        }
        update_resource(location, type_name="Location", logical_id=location["id"], by=system_actor("tests"))
    here = [{"location": {"reference": "Location/7"}, "status": "active"}]
    admit(make_patient(), contained=[], location=here)

    assert re.search(r"Bed .* 7 KOVÁCS", _plain(as_client(nurse).get("/wards/surgery-3/")))


def test_the_usual_range_of_a_child_is_not_an_adults(as_client, nurse, make_patient, make_observation, admit):
    child = make_patient(birth=str(timezone.now().year - 2))
    admit(child)
    make_observation(child, loinc="2708-6", value=93, unit="%", time=_ago(hours=1))

    assert "93 low" not in _plain(as_client(nurse).get("/wards/acute-medical/"))


def test_back_on_the_worklist_it_says_whose_values_were_saved(as_client, nurse, make_patient, admit):
    patient = make_patient(family="Kovács", given="Ilona")
    admit(patient)
    client = as_client(nurse)
    form = f"/patients/{patient}/enter/vital-signs/"
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(form).content.decode())[1]
    now = timezone.localtime()
    typed = {"measured_date": now.date().isoformat(), "measured_time": now.strftime("%H:%M"), "heart_rate": "72"}

    answer = client.post(form, {**typed, "form_token": token, "save": "1", "next": "/worklist/"}, follow=True)

    assert "KOVÁCS, Ilona. Saved: 1 value." in _plain(answer)


@pytest.mark.parametrize(
    ("late", "said"),
    [
        ({"hours": 11, "minutes": 20}, "11 h 20 min"),
        ({"hours": 24, "minutes": 1}, "24 h"),
        ({"hours": 50}, "2 days"),
    ],
)
def test_minutes_are_not_counted_in_what_is_long_overdue(late, said):
    assert span(timedelta(**late)) == said


def test_an_empty_worklist_leads_to_the_patients(as_client, nurse):
    assert 'href="/patients/">All your patients</a>' in as_client(nurse).get("/worklist/").content.decode()


def test_a_ward_is_printed_for_the_handover_with_room_to_write_and_who_printed_it(
    as_client, nurse, make_patient, admit
):
    admit(make_patient())

    page = as_client(nurse).get("/wards/acute-medical/").content.decode()

    assert 'id="print-now" hidden>Print for handover</button>' in page
    assert '<th scope="col" class="on-paper">To hand over</th>' in page
    assert re.search(r'class="on-paper">[^<]*Printed by', page)


@pytest.mark.parametrize("path", ["/worklist/", "/wards/acute-medical/"])
def test_a_value_that_was_not_taken_with_the_newest_says_when(
    path, as_client, nurse, make_patient, make_observation, admit
):
    patient = make_patient()
    admit(patient)
    make_observation(patient, loinc="9279-1", value=23, unit="/min", time="2026-03-01T08:00:00Z")
    make_observation(patient, loinc="2708-6", value=95, unit="%", time="2026-03-04T07:40:00Z")
    make_observation(patient, loinc="8867-4", value=72, unit="/min", time="2026-03-04T08:00:00Z")

    page = _plain(as_client(nurse).get(path))

    assert re.search(r"72 – 23 .*?01-Mar 08:00 95 04-Mar 08:00", page)
