"""When observations are due: by hours after the last ones, else from the admission on."""

from datetime import UTC, datetime, timedelta

from wardround.hospital.wards.due import due
from wardround.hospital.wards.queries import hours_of

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_observations_are_due_so_many_hours_after_the_last():
    found = due(NOW - timedelta(hours=5), admitted=None, every_hours=4, now=NOW)

    assert (found.is_overdue, found.late) == (True, timedelta(hours=1))


def test_what_is_due_within_half_an_hour_is_due_soon():
    found = due(NOW - timedelta(hours=3, minutes=40), admitted=None, every_hours=4, now=NOW)

    assert (found.is_overdue, found.is_soon) == (False, True)


def test_what_is_due_later_is_neither():
    found = due(NOW - timedelta(hours=1), admitted=None, every_hours=4, now=NOW)

    assert (found.is_overdue, found.is_soon) == (False, False)


def test_whoever_was_never_measured_is_due_since_the_admission():
    assert due(None, admitted=NOW - timedelta(hours=2), every_hours=4, now=NOW).late == timedelta(hours=2)


def test_whoever_was_never_measured_and_came_at_an_unknown_time_is_due_now():
    assert due(None, admitted=None, every_hours=4, now=NOW).at == NOW


def test_a_wards_own_rule_comes_before_the_hospitals_and_that_before_the_one_that_ships():
    assert hours_of("ICU", plans={"ICU": 1, "": 6}) == 1
    assert hours_of("Ward", plans={"ICU": 1, "": 6}) == 6
    assert hours_of("Ward", plans={}) == 4
