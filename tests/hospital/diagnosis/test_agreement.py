"""Agreement over time as the steward sees it: the last answer counts, small numbers are not said, numbers open records."""

import uuid
from datetime import UTC, datetime

import pytest

from wardround.hospital.diagnosis.agreement import agreement
from wardround.hospital.diagnosis.answers import answers_behind
from wardround.hospital.diagnosis.models import Verdict
from wardround.hospital.diagnosis.monitoring import feedback_of
from wardround.hospital.records.access import NotAllowed

pytestmark = pytest.mark.django_db
MODEL = "a" * 64


@pytest.fixture
def answer():
    """answer("agree", patient="p1", day=3): one verdict of May 2026."""

    def give(choice: str, *, patient: str, day: int = 3, estimate: float = 0.7, reason: str = "") -> Verdict:
        return Verdict.objects.create(
            uid=uuid.uuid4(),
            patient_id=patient,
            study_name="heart",
            study_version="1",
            model_sha256=MODEL,
            inputs_sha256="b" * 64,
            estimate=estimate,
            choice=choice,
            reason=reason,
            username="d.keller",
            role="doctor",
            given=datetime(2026, 5, day, 12, tzinfo=UTC),
        )

    return give


def test_answers_are_counted_by_month_and_by_estimate(answer, steward):
    for number in range(6):
        answer("agree", patient=f"p{number}")

    (model,) = agreement(steward)

    assert [(row.title, row.numbers[0].count) for row in model.months] == [("May-2026", 6)]
    assert [row.numbers[0].count for row in model.bands] == [0, 0, 0, 6, 0]
    assert [len(drawing.blocks) for drawing in model.drawings] == [1, 1]  # wide and narrow


def test_of_several_answers_to_one_estimate_the_last_counts(answer, steward):
    for number in range(5):
        answer("agree", patient=f"p{number}", day=3)
        answer("disagree", patient=f"p{number}", day=4, reason="does-not-fit")

    (model,) = agreement(steward)

    assert [number.count for number in model.months[0].numbers] == [0, 5, 0]
    assert model.reasons[0][0] == "It does not fit what I see in this patient"


def test_fewer_than_five_are_not_said_and_open_no_records(answer, steward, as_client):
    for number in range(4):
        answer("agree", patient=f"p{number}")

    page = as_client(steward).get("/quality/agreement/").content.decode()

    assert "fewer than 5" in page
    assert "asked=" not in page
    assert answers_behind(steward, model_sha256=MODEL, asked="month:2026-05:agree") == []


def test_a_number_opens_its_records(answer, steward, as_client):
    for number in range(5):
        answer("disagree", patient=f"p{number}", reason="not-useful")
    client = as_client(steward)
    page = client.get("/quality/agreement/").content.decode()

    assert "asked=reason%3Anot-useful%3Adisagree" in page
    records = client.get(f"/quality/agreement/{MODEL}/?asked=reason:not-useful:disagree").content.decode()

    assert records.count("/patients/p") == 5


def test_a_nurse_does_not_see_agreement(nurse, as_client):
    with pytest.raises(NotAllowed):
        agreement(nurse)
    assert as_client(nurse).get("/quality/agreement/").status_code == 403


def test_the_monitoring_set_has_the_shape_of_cds_hooks_feedback(answer, steward):
    answer("agree", patient="p1")
    answer("hide", patient="p1")
    answer("disagree", patient="p2", day=5, reason="wrong-data")

    told = list(feedback_of(steward, model_sha256=MODEL))

    assert [(one.outcome, one.reason) for one in told] == [("accepted", ""), ("overridden", "wrong-data")]
    assert told[0].user == "d.keller"
