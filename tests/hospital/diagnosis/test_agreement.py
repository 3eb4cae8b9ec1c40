"""Agreement over time as the steward sees it: the last answer counts, small numbers are not said, numbers open records."""

import uuid
from datetime import UTC, datetime

import pytest

from wardround.bench.heart_model import put_in_use
from wardround.hospital.diagnosis.agreement import agreement
from wardround.hospital.diagnosis.answers import answers_behind
from wardround.hospital.diagnosis.models import Verdict
from wardround.hospital.diagnosis.small_numbers import not_said
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.training.models import LocalModel

pytestmark = pytest.mark.django_db
MODEL = "a" * 64


@pytest.fixture
def answer():
    """answer("agree", patient="p1", day=3): one verdict of May 2026."""

    def give(
        choice: str,
        *,
        patient: str,
        day: int = 3,
        month: int = 5,
        estimate: float = 0.7,
        reason: str = "",
        by: str = "d.keller",
    ) -> Verdict:
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
            username=by,
            role="doctor",
            given=datetime(2026, month, day, 12, tzinfo=UTC),
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

    assert "not said" in page
    assert "fewer than 5 answers" in page
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
    assert records.count("70%") == 5


def test_the_records_behind_a_number_are_of_its_model_alone(answer, steward):
    for number in range(10):
        answer("agree", patient=f"p{number}")
    Verdict.objects.filter(patient_id__in=[f"p{number}" for number in range(5)]).update(model_sha256="c" * 64)

    found = answers_behind(steward, model_sha256=MODEL, asked="month:2026-05:agree")

    assert {one.verdict.patient_id for one in found} == {f"p{number}" for number in range(5, 10)}


def test_a_share_stands_with_wilsons_interval(answer, steward, as_client):
    for number in range(15):
        answer("agree" if number < 10 else "disagree", patient=f"p{number}", reason="" if number < 10 else "not-useful")

    page = as_client(steward).get("/quality/agreement/").content.decode()

    assert "67% <small>95% interval 42–85%, 10 of 15</small>" in page  # 0.417 to 0.848 (Wilson 1927)
    assert "Few answers." in page


def test_a_share_is_not_said_where_one_of_its_numbers_is_not(answer, steward):
    for number in range(14):
        answer("agree" if number < 10 else "disagree", patient=f"p{number}", reason="" if number < 10 else "not-useful")

    (model,) = agreement(steward)

    assert (model.share, model.months[0].share, model.last_month) == (None, None, None)
    assert [len(drawing.points) for drawing in model.drawings] == [0, 0]


def test_a_number_that_would_give_a_small_one_away_is_not_said_and_opens_nothing(answer, steward):
    for number in range(9):
        answer("agree", patient=f"p{number}", month=5 if number < 6 else 6)  # six and three, of nine

    (model,) = agreement(steward)

    assert [row.numbers[0].is_hidden for row in model.months] == [True, True]
    assert model.totals[0].count == 9
    assert answers_behind(steward, model_sha256=MODEL, asked="month:2026-05:agree") == []


@pytest.mark.parametrize(
    ("counts", "places"),
    [
        ([9, 0, 6], set()),
        ([7, 3], {0, 1}),
        ([9, 3, 6], {1, 2}),  # the smallest other goes with it
        ([9, 2, 2], {0, 1, 2}),  # four together are still too few
        ([9, 4, 4, 0], {1, 2}),
        ([3], {0}),
    ],
)
def test_no_small_number_can_be_worked_out_of_a_column(counts, places):
    assert not_said(counts) == places


def test_what_is_not_said_is_not_drawn_either(answer, steward):
    for number in range(6):
        answer("agree", patient=f"p{number}")
    for number in range(3):
        answer("hide", patient=f"q{number}")

    (model,) = agreement(steward)

    for drawing in model.drawings:
        assert drawing.most == 6
        assert [block.choice for block in drawing.blocks] == ["agree"]


def test_how_many_people_judged_is_said_from_five_on_and_who_only_hid_it_did_not_judge(answer, steward, as_client):
    for number in range(4):
        answer("agree", patient=f"p{number}", by=f"doctor{number}")
    answer("hide", patient="p4", by="doctor4")
    client = as_client(steward)
    assert "fewer than 5 people" in client.get("/quality/agreement/").content.decode()

    answer("disagree", patient="p4", reason="not-useful", by="doctor4")

    assert "5 <small>people</small>" in client.get("/quality/agreement/").content.decode()


def test_from_thirty_answers_on_they_are_no_longer_called_few(answer, steward):
    for number in range(29):
        answer("agree", patient=f"p{number}")
    (few,) = agreement(steward)

    answer("disagree", patient="p29", reason="not-useful")
    (enough,) = agreement(steward)

    assert (few.is_few, enough.is_few) == (True, False)


def test_an_estimate_at_an_end_of_the_scale_is_in_the_band_there(answer, steward):
    for number in range(5):
        answer("agree", patient=f"p{number}", estimate=0.0)
        answer("agree", patient=f"q{number}", estimate=1.0)

    (model,) = agreement(steward)

    assert [row.numbers[0].count for row in model.bands] == [5, 0, 0, 0, 5]


def test_a_month_without_answers_keeps_its_place_in_the_drawing(answer, steward):
    for number in range(5):
        answer("agree", patient=f"p{number}", month=3)
        answer("agree", patient=f"q{number}", month=5)

    (model,) = agreement(steward)

    wide = model.drawings[0]
    assert [tick.month for tick in wide.ticks] == ["Mar", "Apr", "May"]
    assert [point.x for point in wide.points] == [wide.ticks[0].x, wide.ticks[2].x]


def test_the_drawing_is_told_to_who_cannot_see_it(answer, steward, as_client):
    for number in range(5):
        answer("agree", patient=f"p{number}")

    page = " ".join(as_client(steward).get("/quality/agreement/").content.decode().split())

    assert 'role="img" aria-label="Share agreed by month, the latest first: May-2026 100%. The table below' in page


def test_a_model_is_called_by_its_studys_title_and_one_not_in_use_says_so(settings, db, answer, steward, as_client):
    put_in_use(settings.HOME)
    heart = LocalModel.objects.get()
    for number in range(5):
        answer("agree", patient=f"p{number}")
    Verdict.objects.update(model_sha256=heart.model_sha256)
    client = as_client(steward)
    assert '<span class="state good">In use</span>' in client.get("/quality/agreement/").content.decode()

    LocalModel.objects.update(is_current=False)

    page = client.get("/quality/agreement/").content.decode()
    assert "Coronary heart disease before angiography</h2>" in page
    assert "Not in use any more" in page


def test_the_version_is_said_where_only_later_answers_carry_it(answer, steward):
    answer("agree", patient="p1", day=3)
    Verdict.objects.update(study_version="")  # as another record reports it
    answer("agree", patient="p2", day=4)

    (model,) = agreement(steward)

    assert model.version == "1"


def test_drift_is_said_of_a_model_in_use_and_of_no_other(settings, db, answer, steward, as_client):
    put_in_use(settings.HOME)
    drift = {"inputs": [{"title": "Age", "index": 0.4, "limit": 0.2, "has_drifted": True}], "patients": 80}
    LocalModel.objects.update(figures={"drift": drift})
    answer("agree", patient="p1")
    Verdict.objects.update(model_sha256=LocalModel.objects.get().model_sha256)
    client = as_client(steward)
    said = "The patients are no longer those it was adopted on."
    assert said in client.get("/quality/agreement/").content.decode()

    LocalModel.objects.update(is_current=False)

    assert said not in client.get("/quality/agreement/").content.decode()


def test_a_nurse_does_not_see_agreement(nurse, as_client):
    with pytest.raises(NotAllowed):
        agreement(nurse)
    assert as_client(nurse).get("/quality/agreement/").status_code == 403
