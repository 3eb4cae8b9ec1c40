"""The print view: the whole chart, who it is about on each page, who printed it when, and the audit."""

import pytest

from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_everything_is_on_the_paper(text_of, nurse, make_patient, make_pressure, make_resource):
    patient = make_patient(family="Kovács", given="Ilona")
    subject = {"reference": f"Patient/{patient}"}
    for day in range(1, 31):
        make_pressure(patient, 100 + day, time=f"2026-03-{day:02}T08:00:00Z")
    for number in range(60):
        make_resource("Condition", subject=subject, code={"text": f"Problem {number}"})

    text = text_of(nurse, f"/patients/{patient}/print/")

    assert all(f'<span class="value ">{100 + day}</span>' in text for day in range(1, 31))
    assert all(f"Problem {number}</b>" in text for number in range(60))


def test_the_banner_stands_in_the_head_that_is_repeated_on_each_page(text_of, nurse, make_patient):
    head = (
        text_of(nurse, f"/patients/{make_patient(family='Kovács')}/print/")
        .partition("<thead>")[2]
        .partition("</thead>")[0]
    )

    assert "KOVÁCS" in head
    assert "Allergies" in head
    assert f"Printed by {nurse.username}" in head


def test_a_demonstration_says_so_on_paper_too(text_of, nurse, make_patient, monkeypatch):
    monkeypatch.setattr("wardround.web.layout.templatetags.layout.notice_of", lambda _home: "Training system")

    head = text_of(nurse, f"/patients/{make_patient()}/print/").partition("<thead>")[2].partition("</thead>")[0]

    assert "Training system" in head


def test_a_print_is_in_the_audit_trail_beside_the_opening(as_client, nurse, make_patient):
    patient = make_patient()

    as_client(nurse).get(f"/patients/{patient}/print/")

    assert AuditEvent.objects.filter(action="chart.print", patient_id=patient, actor_name=nurse.username).count() == 1
    assert AuditEvent.objects.filter(action="patient.open", patient_id=patient).count() == 1
