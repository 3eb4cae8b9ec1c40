"""The coordinator's page follows a run while it goes on."""

from datetime import UTC, datetime

import pytest

from wardround.coordinator.runs.board import RunBoard, first_state, run_folder
from wardround.coordinator.runs.state import RoundMetric

HOSPITALS = ("budapest", "cleveland", "long-beach")


@pytest.fixture
def board(coordinator):
    """The board of the seeded run, written as the controller's process writes it."""
    run_id = coordinator.ids["run"]
    board = RunBoard(
        run_folder(coordinator.home, run_id),
        state=first_state(
            run_id,
            study=("heart", "Coronary heart disease before angiography", "d" * 64),
            hospitals=HOSPITALS,
            rounds=12,
            secure_aggregation="Bonawitz et al. 2017 with threshold 3 of 3.",
        ),
    )
    yield board
    board.close()


def test_a_round_appears_without_a_reload(coordinator, someone, board):
    operator = someone(coordinator, "o.peeters")
    operator.opens("/runs/{run}/")
    operator.page.wait_for_selector("#live-sign:has-text('live')")

    board.enter("training", round_number=1, waiting_for="long-beach")
    board.mark({"budapest": "answered", "long-beach": "silent"}, reason="No answer for 12 seconds.")
    board.measure(RoundMetric(1, auroc=0.871, auroc_low=0.842, auroc_high=0.9, brier=0.14, log_loss=0.43))
    operator.page.wait_for_selector("#live-headline:has-text('Waiting for Long Beach.')")

    assert "0.871" in operator.page.inner_text("#live-figures")
    assert "No answer for 12 seconds." in operator.page.inner_text("#live-now")
    operator.page.wait_for_selector("#auroc-chart canvas")
    assert operator.objections == []


def test_the_table_has_the_figures_of_the_chart(coordinator, someone, board):
    for number, area in ((1, 0.81), (2, 0.86), (3, 0.88)):
        board.measure(
            RoundMetric(number, auroc=area, auroc_low=area - 0.03, auroc_high=area + 0.03, brier=0.1, log_loss=0.4)
        )
    operator = someone(coordinator, "o.peeters")
    operator.opens("/runs/{run}/")

    operator.page.click("text=Show as table")

    assert operator.page.locator("#live-metrics tbody tr").count() == 3
    assert "0.850–0.910" in operator.page.inner_text("#live-metrics")
    assert "0.880" in operator.page.inner_text("#auroc-chart .u-legend")


def test_the_page_is_whole_without_scripts(coordinator, someone, board):
    board.note(patients_total=607)
    board.measure(RoundMetric(1, auroc=0.871, auroc_low=0.842, auroc_high=0.9, brier=0.14, log_loss=0.43))
    operator = someone(coordinator, "o.peeters", scripts=False)
    operator.opens("/runs/{run}/")

    text = operator.page.inner_text("main")

    assert "607" in text
    assert "0.871" in text
    assert operator.page.is_visible("svg.rounds.wide")
    assert "Differential privacy is off." in text


def test_what_happened_stands_with_its_time_and_who(coordinator, someone, board):
    operator = someone(coordinator, "o.peeters")
    operator.opens("/runs/{run}/")
    operator.page.wait_for_selector("#live-sign:has-text('live')")

    board.say("sent its masked sum.", who="cleveland")
    operator.page.wait_for_selector("#live-log:has-text('sent its masked sum.')")

    first = operator.page.inner_text("#live-log li:first-child")
    assert "Cleveland" in first
    assert f"{datetime.now(UTC):%H:}" in first or "59:" in first


def test_what_an_operator_types_and_opens_stays_while_the_run_goes_on(coordinator, someone, board):
    operator = someone(coordinator, "o.peeters")
    board.enter("training", round_number=1)
    operator.opens("/runs/{run}/")
    operator.page.wait_for_selector("#live-sign:has-text('live')")
    operator.page.fill("#reason", "Zurich restarts.")
    operator.page.click("text=Messages and bytes")

    board.ask("mask", attempt=1, sizes=dict.fromkeys(HOSPITALS, 4096))
    operator.page.wait_for_selector("#live-now li.here:has-text('masked numbers')")

    assert operator.page.input_value("#reason") == "Zurich restarts."
    assert operator.page.is_visible("#live-traffic table")
