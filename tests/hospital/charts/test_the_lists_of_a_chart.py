"""Each kind of record has its page; nothing recorded is said in words; what was changed says what it was before."""

import pytest

from wardround.hospital.records.actions.resources import update_resource
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
NONE = {
    "vital-signs": "No vital sign is recorded yet.",
    "laboratory": "No laboratory result is recorded yet.",
    "problems": "No problem is recorded.",
    "medicines": "No medicine is recorded.",
    "allergies": "Nobody has recorded an answer yet",
    "procedures": "No procedure is recorded.",
    "immunizations": "No immunisation is recorded.",
    "notes": "No note is recorded.",
    "documents": "No document or report is recorded.",
    "encounters": "No stay or visit is recorded.",
}


@pytest.mark.parametrize("page", NONE)
def test_an_empty_page_says_that_nothing_is_recorded(page, text_of, nurse, make_patient):
    assert NONE[page] in text_of(nurse, f"/patients/{make_patient()}/{page}/")


def test_allergies_that_are_so_stand_before_those_that_are_over_or_refuted(text_of, nurse, make_patient, make_resource):
    patient = make_patient()

    def recorded(substance: str, day: str, **statuses: str) -> None:
        systems = "http://terminology.hl7.org/CodeSystem/allergyintolerance"
        stated = {
            f"{kind}Status": {"coding": [{"system": f"{systems}-{kind}", "code": status}]}
            for kind, status in statuses.items()
        }
        whose = {"reference": f"Patient/{patient}"}
        make_resource("AllergyIntolerance", patient=whose, code={"text": substance}, recordedDate=day, **stated)

    recorded("Latex", "2024-05-03", clinical="active", verification="confirmed")
    recorded("Peanut", "2025-05-03", clinical="resolved", verification="confirmed")
    recorded("Penicillin", "2026-05-03", clinical="active", verification="refuted")

    text = text_of(nurse, f"/patients/{patient}/allergies/").split("<main")[1]

    assert text.index("Latex</b>") < text.index("Penicillin</b>") < text.index("Peanut</b>")
    assert "recorded 03-May-2024" in text


def test_active_problems_stand_before_resolved_ones(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    subject = {"reference": f"Patient/{patient}"}
    over = {"coding": [{"system": CLINICAL, "code": "resolved"}]}
    make_resource("Condition", subject=subject, code={"text": "Pneumonia"}, onsetDateTime="2024", clinicalStatus=over)
    make_resource("Condition", subject=subject, code={"text": "Asthma"}, onsetDateTime="2001-05")

    text = text_of(nurse, f"/patients/{patient}/problems/")

    assert text.index("Active") < text.index("Asthma</b>") < text.index("Resolved") < text.index("Pneumonia</b>")
    assert "since May-2001" in text


def test_a_changed_problem_says_what_it_was_and_where_the_change_is(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    problem = make_resource("Condition", subject={"reference": f"Patient/{patient}"}, code={"text": "Fever"})
    update_resource(
        {
            "resourceType": "Condition",
            "id": problem,
            "subject": {"reference": f"Patient/{patient}"},
            "code": {"text": "Sepsis"},
        },
        type_name="Condition",
        logical_id=problem,
        by=system_actor("tests"),
    )

    text = text_of(nurse, f"/patients/{patient}/problems/")
    history = text_of(nurse, f"/patients/{patient}/history/?record=Condition/{problem}")

    assert "<b>Sepsis</b>" in text
    assert "<s>Fever</s>" in text
    assert f"history/?record=Condition/{problem}" in text
    assert "Problems · version 1" in history
    assert "The patient · version 1" not in history


def test_a_stay_shows_each_place_and_how_it_ended(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "Encounter",
        status="finished",
        subject={"reference": f"Patient/{patient}"},
        period={"start": "2026-03-01T08:00:00Z", "end": "2026-03-05T10:00:00Z"},
        location=[{"location": {"display": "Ward A, bed 2"}, "period": {"start": "2026-03-01T08:00:00Z"}}],
        hospitalization={"dischargeDisposition": {"text": "Home"}},
        **{"class": {"code": "IMP"}},
    )

    text = text_of(nurse, f"/patients/{patient}/encounters/")

    assert "01-Mar-2026 08:00 to 05-Mar-2026 10:00" in text
    assert "Ward A, bed 2 · since 01-Mar-2026 08:00" in text
    assert "Discharged: Home" in text


def test_a_vaccination_that_was_not_given_says_why(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "Immunization",
        status="not-done",
        patient={"reference": f"Patient/{patient}"},
        vaccineCode={"text": "Influenza"},
        occurrenceDateTime="2026-10-01",
        statusReason={"text": "Refused"},
    )

    text = text_of(nurse, f"/patients/{patient}/immunizations/")

    assert "Not given" in text
    assert "Refused" in text


def test_the_history_is_narrowed_by_kind_and_by_person(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource("Condition", subject={"reference": f"Patient/{patient}"}, code={"text": "Fever"})

    by_kind = text_of(nurse, f"/patients/{patient}/history/?kind=Condition")
    by_nobody = text_of(nurse, f"/patients/{patient}/history/?who=nobody")

    assert "Problems · version 1" in by_kind
    assert "The patient · version 1" not in by_kind
    assert "Nothing in this chart answers this." in by_nobody


def test_a_long_history_has_pages(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    for number in range(51):
        make_resource("Condition", subject={"reference": f"Patient/{patient}"}, code={"text": f"Problem {number}"})

    assert "51 to 52 of 52" in text_of(nurse, f"/patients/{patient}/history/?start=50")


@pytest.mark.parametrize(
    "page", ["", "vital-signs/", "laboratory/", "problems/", "everything/?kind=Observation", "history/", "print/"]
)
def test_a_page_costs_the_same_number_of_queries_however_long_the_chart_is(
    page, as_client, nurse, make_patient, make_pressure, make_observation, make_resource
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fill(days: range) -> None:
        for day in days:
            make_pressure(patient, 120 + day, time=f"2026-03-{day:02}T08:00:00Z")
            make_observation(
                patient, loinc="2093-3", value=5 + day / 10, unit="mmol/L", time=f"2026-03-{day:02}T08:00:00Z"
            )
            make_resource("Condition", subject={"reference": f"Patient/{patient}"}, code={"text": f"Problem {day}"})

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/patients/{patient}/{page}")
            return len(asked)

    patient, client = make_patient(), as_client(nurse)
    fill(range(1, 4))
    short = cost()
    fill(range(4, 25))

    assert cost() == short


def test_a_summary_decrypts_no_observation_that_came_in_its_standard_unit(
    as_client, nurse, make_patient, make_pressure, monkeypatch
):
    from wardround.hospital.charts import opened
    from wardround.hospital.records.bodies import open_body

    patient = make_patient()
    for day in range(1, 21):
        make_pressure(patient, 120 + day, time=f"2026-03-{day:02}T08:00:00Z")
    seen = []
    monkeypatch.setattr(
        opened, "open_body", lambda v, keyring: seen.append(v.resource.type) or open_body(v, keyring=keyring)
    )

    as_client(nurse).get(f"/patients/{patient}/")

    assert "Observation" not in seen
    assert "Patient" in seen
