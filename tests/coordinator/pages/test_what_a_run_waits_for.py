"""The one plain sentence of a run: what it waits for, which hospital is the problem, why, and what happens next."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from wardround.coordinator.members.state import MemberLine
from wardround.coordinator.pages.times import ago
from wardround.coordinator.pages.waiting import Watched, situation, why_late
from wardround.coordinator.runs.orders import Order, RunOrders
from wardround.coordinator.runs.state import Held, HospitalState, RunState

NOW = datetime(2020, 11, 26, 14, 4, tzinfo=UTC)
NAMES = ("budapest", "cleveland", "long-beach", "zurich")


def watched(*, late=(), connected=NAMES, orders=None, waits_to_start=False, **changes) -> Watched:
    """A run of four hospitals in round 3, all heard 40 s ago."""
    heard = NOW - timedelta(seconds=40)
    facts = {
        "run_id": "r", "study_name": "heart", "study_title": "Heart", "study_hash": "a", "started": NOW, "updated": NOW,
        "round": 3, "rounds": 12, "phase": "training", "metrics": (), "seconds_per_round": None, "patients_total": None,
        "secure_aggregation": "", "waiting_for": ", ".join(late) or None, "log": (), "finished": False,
        "succeeded": False, "outcome": "", "step": "mask", "waits_until": NOW + timedelta(seconds=70), "minimum": 3,
        "hospitals": tuple(HospitalState(name=name, state="silent" if name in late else "answered", since=NOW, heard=heard)
                           for name in NAMES),
    }  # fmt: skip
    members = {name: MemberLine(name=name, title=name.title(), standing="member", since=NOW, fingerprint="",
                                connected=name in connected, last_seen=heard) for name in NAMES}  # fmt: skip
    return Watched(state=RunState(**{**facts, **changes}), orders=orders or RunOrders(), members=members,
                   waits_to_start=waits_to_start, requested=NOW, minimum=3, now=NOW)  # fmt: skip


def said(**changes) -> str:
    found = situation(watched(**changes))
    return f"{found.headline} {found.detail}"


def test_a_run_at_work_waits_for_nothing():
    assert said() == "Nothing is waited for. 4 hospitals take part."


def test_a_late_hospital_is_named_with_when_it_was_heard_and_that_the_run_waits():
    text = said(late=("zurich",))

    assert text.startswith("Waiting for Zurich. Last heard 40 s ago. The run waits for it: its roster may not shrink")


def test_where_the_numbers_are_in_the_round_goes_on_at_a_time_that_is_said():
    assert said(late=("zurich",), step="unmask").endswith("The round goes on without it at 26-Nov-2020 14:05:10.")


def test_where_the_roster_may_shrink_it_is_said_when_the_run_goes_on():
    text = said(late=("zurich",), may_shrink=True, attempt=1)
    assert "after 2 more tries the run goes on without it" in text
    assert said(late=("zurich",), may_shrink=True, attempt=3).endswith("goes on without it at 26-Nov-2020 14:05:10.")


def test_two_late_hospitals_are_both_named_and_too_few_would_stay():
    text = said(late=("budapest", "zurich"), may_shrink=True)

    assert text.startswith("Waiting for Budapest, Zurich. Budapest was last heard 40 s ago. Zurich was last heard")
    assert text.endswith("3 hospitals must stay.")


def test_a_run_that_gathers_its_hospitals_says_who_is_away_and_when_it_starts():
    assert said(waits_to_start=True, connected=NAMES[:3]).endswith("starts without it at 26-Nov-2020 14:04:15.")
    assert "2 hospitals are connected, and 3 must take part" in said(waits_to_start=True, connected=NAMES[:2])


def test_a_pause_is_said_with_who_and_why_whether_it_is_obeyed_or_only_ordered():
    order = Order(by="Odette Peeters", reason="Zurich restarts.", given=NOW, round=3)
    ordered = said(orders=RunOrders(pause=order))
    obeyed = said(orders=RunOrders(pause=order), held=Held(by="Odette Peeters", reason="Zurich restarts.", since=NOW))

    assert "Odette Peeters has ordered a pause. Round 3 is finished first" in ordered
    assert obeyed.startswith("Paused by Odette Peeters. Since")
    assert "Zurich restarts." in obeyed


def test_a_stop_that_is_ordered_goes_before_everything_but_the_end():
    stop = Order(by="Odette Peeters", reason="Wrong cohort.", given=NOW, round=3)

    assert "has ordered a stop" in said(orders=RunOrders(stop=stop), late=("zurich",))
    assert "ended without a model" in said(orders=RunOrders(stop=stop), finished=True, outcome="Stopped.")


@pytest.mark.parametrize(
    ("connected", "sentence"), [(NAMES, "it still computes, or it was restarted"), (NAMES[:3], "is not connected")]
)
def test_the_reason_of_a_late_hospital_tells_its_machine_from_its_work(connected, sentence):
    run = watched(late=("zurich",), connected=connected)

    assert sentence in why_late(run.state.hospitals[3], watched=run)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3, "just now"), (43, "40 s ago"), (300, "5 minutes ago"), (7200, "2 hours ago"), (260_000, "3 days ago")],
)
def test_how_long_ago_is_said_in_coarse_steps(seconds, text):
    with translation.override("en"):
        assert ago(NOW - timedelta(seconds=seconds), now=NOW) == text
