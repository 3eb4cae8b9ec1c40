"""What a record says of its own state fits what it holds, and it holds what a hospital cannot do without."""

from datetime import UTC, datetime, timedelta

import pytest

from wardround.clinical.events import record_findings
from wardround.clinical.records import Moment, Person, Record
from wardround.clinical.states import required_findings, state_findings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALIVE = Person()


def on(days_ago: int, path: str = "x") -> Moment:
    low = NOW - timedelta(days=days_ago)
    return Moment(path, low.date().isoformat(), low, low + timedelta(days=1))


DEAD = Person(death=on(30), is_dead=True)


def said(record: Record, person: Person = ALIVE):
    return [(f.path, f.held) for f in state_findings(record, person=person, now=NOW)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (Record("Observation", status="cancelled", has_value=True), Record("Observation", status="cancelled")),
        (
            Record("Condition", clinical_status="active", verification_status="refuted"),
            Record("Condition", verification_status="refuted"),
        ),
        (
            Record("Condition", clinical_status="active", ends=on(3)),
            Record("Condition", clinical_status="resolved", ends=on(3)),
        ),
        (
            Record("Encounter", status="in-progress", begins=on(9), is_discharged=True),
            Record("Encounter", status="finished", begins=on(9), ends=on(3), is_discharged=True),
        ),
        (
            Record("Encounter", status="in-progress", begins=on(9), ends=on(3)),
            Record("Encounter", status="in-progress", begins=on(9), ends=on(-3)),  # a foreseen end
        ),
        (
            Record("Appointment", status="fulfilled", begins=on(-9)),
            Record("Appointment", status="booked", begins=on(-9)),
        ),
    ],
)
def test_a_contradiction_is_held_and_its_like_that_is_right_is_not(wrong, right):
    [(path, held)] = said(wrong)

    assert path.startswith(wrong.type)
    assert held
    assert said(right) == []


@pytest.mark.parametrize(
    ("odd", "right"),
    [
        (Record("Condition", clinical_status="resolved"), Record("Condition", clinical_status="active")),
        (
            Record("Encounter", status="finished", begins=on(9)),
            Record("Encounter", status="finished", begins=on(9), ends=on(9)),
        ),
        (Record("Encounter", status="planned", begins=on(9)), Record("Encounter", status="planned", begins=on(-9))),
        (
            Record("Observation", status="final", says_something=False),
            Record("Observation", status="registered", says_something=False),
        ),
    ],
)
def test_what_is_odd_but_harmless_is_only_remarked_on(odd, right):
    [(_path, held)] = said(odd)

    assert not held
    assert said(right) == []


def test_what_goes_on_after_a_death_is_found_and_depends_on_the_patient():
    visit = Record("Encounter", status="in-progress", begins=on(40))
    pills = Record("MedicationRequest", status="active")

    assert said(visit, DEAD) == [("Encounter.status", True)]
    assert said(pills, DEAD) == [("MedicationRequest.status", False)]  # nobody takes back the prescriptions of the dead
    assert said(visit) == said(pills) == []
    assert state_findings(pills, person=DEAD, now=NOW)[0].about_person


def test_an_unfinished_visit_is_suggested_to_be_finished():
    [finding] = state_findings(Record("Encounter", status="in-progress", ends=on(3)), person=ALIVE, now=NOW)

    assert finding.suggestion == {"Encounter.status": "finished"}


@pytest.mark.parametrize(
    ("lacking", "path"),
    [
        (
            Record(
                "Observation", has_value=True, happened=[on(1)], quantities_without_unit=["Observation.valueQuantity"]
            ),
            "Observation.valueQuantity",
        ),
        (Record("Encounter", status="finished"), "Encounter.period.start"),
        (Record("Condition", has_code=False), "Condition.code"),
        (Record("Patient", lacks=["Patient.gender"]), "Patient.gender"),
    ],
)
def test_what_is_missing_is_named_and_holds_nothing(lacking, path):
    [finding] = required_findings(lacking)

    assert (finding.kind, finding.path, finding.held) == ("missing_required", path, False)


def test_a_measurement_that_nobody_dated_is_held():
    [finding] = required_findings(Record("Observation", has_value=True))

    assert (finding.kind, finding.path, finding.held) == ("missing_required", "Observation.effectiveDateTime", True)


@pytest.mark.parametrize(
    "complete",
    [
        Record("Observation", has_value=True, happened=[on(1)]),
        Record("Observation", status="entered-in-error", has_value=True),
        Record("Encounter", status="planned"),
        Record("Condition", verification_status="entered-in-error", has_code=False),
        Record("Patient"),
    ],
)
def test_what_is_complete_or_not_true_lacks_nothing(complete):
    assert required_findings(complete) == []


def test_what_holds_a_record_stands_first():
    record = Record("Condition", clinical_status="resolved", sex="male", happened=[on(3)])

    kinds = [f.kind for f in record_findings(record, person=Person(sex="female"), now=NOW)]

    assert kinds == ["wrong_sex", "contradictory_status"]
