"""The chart: who may open it, and what it says about each value."""

import re

import pytest

from wardround.hospital.records.models import StandardValue
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["nurse", "doctor", "steward"])
@pytest.mark.parametrize("page", ["", "history/"])
def test_whoever_works_with_charts_opens_one_and_the_audit_trail_has_it(role, page, request, as_client, make_patient):
    patient = make_patient(family="Kovács", given="Ilona")
    user = request.getfixturevalue(role)

    answer = as_client(user).get(f"/patients/{patient}/{page}")

    assert answer.status_code == 200
    assert "KOVÁCS, Ilona" in answer.content.decode()
    assert AuditEvent.objects.filter(
        action="patient.open", patient_id=patient, actor_name=user.username, outcome="done"
    ).exists()


@pytest.mark.parametrize("page", ["", "history/"])
def test_not_yours_looks_like_not_there(page, as_client, stranger, doctor, make_patient):
    patient = make_patient(family="Kovács")

    not_yours = as_client(stranger).get(f"/patients/{patient}/{page}")
    not_there = as_client(doctor).get(f"/patients/nobody/{page}")

    assert not_yours.status_code == not_there.status_code == 404
    assert "KOVÁCS" not in not_yours.content.decode()
    assert AuditEvent.objects.filter(action="patient.open", patient_id=patient, outcome="refused").exists()


@pytest.mark.parametrize("page", ["", "history/"])
def test_whoever_is_signed_out_is_sent_to_the_log_in(page, client, make_patient):
    answer = client.get(f"/patients/{make_patient()}/{page}")

    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


def test_the_banner_says_born_with_the_year_alone_where_only_the_year_is_known(text_of, nurse, make_patient):
    text = text_of(nurse, f"/patients/{make_patient(birth='1963')}/")

    assert "1963 <span>(" in text
    assert "01-Jan-1963" not in text


def test_a_value_above_its_usual_range_is_flagged_in_words(text_of, nurse, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 160)

    text = text_of(nurse, f"/patients/{patient}/")

    assert "High</span>" in text
    assert "90–140" in text


def test_a_value_at_the_limit_of_its_usual_range_is_not_flagged(text_of, nurse, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 140)

    assert "High</span>" not in text_of(nurse, f"/patients/{patient}/")


def test_a_converted_value_stands_beside_what_was_received(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc="2093-3", value=7.4, unit="mmol/L")

    text = text_of(nurse, f"/patients/{patient}/")

    # 7.4 mmol/L x 386.65 g/mol / 10 = 286.1 mg/dL
    assert '<span class="value high">286</span>' in text
    assert "received as 7.4 mmol/L" in text


def test_a_held_value_is_named_with_what_was_probably_meant_and_is_not_flagged(
    text_of, nurse, make_patient, make_pressure
):
    patient = make_patient()
    make_pressure(patient, 13)

    text = text_of(nurse, f"/patients/{patient}/")

    assert "Held: likely 130 mmHg." in text
    assert "Low</span>" not in text
    assert 'class="value low"' not in text
    assert 'class="strip"' not in text
    assert "1 value held" in text


def test_a_value_that_is_not_understood_is_shown_and_not_dropped(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc="2093-3", value=7.4, unit="furlong")

    text = text_of(nurse, f"/patients/{patient}/")

    assert "Not understood" in text
    assert "7.4 furlong" in text


def test_an_accepted_suggestion_leaves_the_old_value_struck_through(as_client, doctor, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)

    answer = as_client(doctor).post(f"/patients/{patient}/values/{held.pk}/", {"decision": "accept"}, follow=True)

    text = answer.content.decode()
    assert "<s>13 mmHg</s>" in text
    assert f"amended by {doctor.username}" in text
    assert StandardValue.objects.get(is_current=True, measurement="systolic_pressure").value_number == 130
    assert AuditEvent.objects.filter(actor_name=doctor.username, patient_id=patient).count() > 2


def test_a_confirmed_value_says_who_confirmed_it(as_client, steward, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)

    text = (
        as_client(steward)
        .post(f"/patients/{patient}/values/{held.pk}/", {"decision": "confirm"}, follow=True)
        .content.decode()
    )

    assert f"confirmed by {steward.username}" in text
    assert not StandardValue.objects.filter(is_held=True).exists()


def test_a_decision_that_is_neither_changes_nothing(as_client, doctor, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)

    answer = as_client(doctor).post(f"/patients/{patient}/values/{held.pk}/", {"decision": "perhaps"})

    assert answer.status_code == 400
    assert StandardValue.objects.get(pk=held.pk).is_held


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_who_may_not_decide_changes_nothing(role, request, as_client, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)

    answer = as_client(request.getfixturevalue(role)).post(
        f"/patients/{patient}/values/{held.pk}/", {"decision": "accept"}
    )

    assert answer.status_code == 404
    assert StandardValue.objects.get(pk=held.pk).is_held


def test_a_value_of_another_chart_is_not_decided_in_this_one(as_client, doctor, make_patient, make_pressure):
    this, other = make_patient(family="Kovács"), make_patient(family="Szabó")
    make_pressure(other, 13)
    held = StandardValue.objects.get(is_held=True)

    answer = as_client(doctor).post(f"/patients/{this}/values/{held.pk}/", {"decision": "confirm"})

    assert answer.status_code == 404
    assert StandardValue.objects.get(pk=held.pk).is_held


def test_whoever_is_signed_out_decides_nothing(client, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)

    answer = client.post(f"/patients/{patient}/values/{held.pk}/", {"decision": "confirm"})

    assert answer.status_code == 302
    assert StandardValue.objects.get(pk=held.pk).is_held


def test_the_history_has_every_version_with_who_and_why(as_client, doctor, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 13)
    held = StandardValue.objects.get(is_held=True)
    as_client(doctor).post(f"/patients/{patient}/values/{held.pk}/", {"decision": "accept"})

    text = as_client(doctor).get(f"/patients/{patient}/history/").content.decode()

    assert "Observations · version 2" in text
    assert "Observations · version 1" in text
    assert "<s>13 mmHg</s> → <b>130 mmHg</b>" in text
    assert "Reason: The suggestion was accepted" in text


def test_a_chart_costs_the_same_number_of_queries_however_long_it_is(
    as_client, nurse, make_patient, make_pressure, django_assert_max_num_queries
):
    patient = make_patient()
    for day in range(1, 21):
        make_pressure(patient, 120 + day, time=f"2026-03-{day:02}T08:00:00Z")
    client = as_client(nurse)

    with django_assert_max_num_queries(32):
        client.get(f"/patients/{patient}/")


def test_an_imported_value_names_its_file_and_line(as_client, doctor, tmp_path):
    from wardround.hospital.intake.importing import import_files
    from wardround.hospital.records.models import Resource
    from wardround.web.audit.actor import system_actor

    file = tmp_path / "ward.ndjson"
    file.write_text(
        '{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:wardround:mrn:x","value":"1"}],'
        '"name":[{"family":"Szabó","given":["Péter"]}],"gender":"male","birthDate":"1955"}\n'
    )
    import_files([file], by=system_actor("import"))
    patient = Resource.objects.get(type="Patient").logical_id

    text = as_client(doctor).get(f"/patients/{patient}/history/").content.decode()

    assert "From ward.ndjson, line 1" in text


def test_from_the_summary_somebody_is_admitted_and_whoever_is_here_is_moved_or_discharged(
    text_of, nurse, make_patient, make_resource
):
    outside, inside = make_patient(), make_patient()
    make_resource(
        "Encounter",
        status="in-progress",
        subject={"reference": f"Patient/{inside}"},
        location=[{"location": {"display": "Acute Medical"}}],
        **{"class": {"code": "IMP"}},
    )

    assert f'href="/patients/{outside}/enter/admit/"' in text_of(nurse, f"/patients/{outside}/")
    here = text_of(nurse, f"/patients/{inside}/")
    assert f'href="/patients/{inside}/enter/discharge/"' in here
    assert f'href="/patients/{inside}/enter/transfer/"' in here
    assert f'href="/patients/{inside}/enter/admit/"' not in here


def test_the_history_names_each_record_in_words(as_client, doctor, make_patient, make_pressure):
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    patient = make_patient(family="Kovács", given="Ilona")
    make_pressure(patient, 120)
    drug = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Metformin 500 mg"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    create_resource(drug, by=system_actor("tests"))
    of_patient = {"subject": {"reference": f"Patient/{patient}"}, "class": {"code": "IMP"}}
    create_resource({"resourceType": "Encounter", "status": "in-progress", **of_patient}, by=system_actor("tests"))

    text = as_client(doctor).get(f"/patients/{patient}/history/").content.decode()

    named = re.findall(r"· ([\w ]+) · version 1</p>\s*<p class=\"stated\">([^<]+)<", text)
    assert named == [
        ("Stays and visits", "Inpatient"),
        ("Prescriptions", "Metformin 500 mg"),
        ("Observations", "Systolic blood pressure "),
        ("The patient", "KOVÁCS, Ilona"),
    ]
