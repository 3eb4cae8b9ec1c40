"""Dates: real days, in an order that a life allows."""

from datetime import date

import pytest

from wardround.clinical.dates import calendar_problem, check_dates, read_date
from wardround.clinical.errors import UnreadableDate

TODAY = date(2026, 11, 24)


def sentences(event: str | None = None, **dates: str) -> list[str]:
    found = check_dates(event, today=TODAY, **dates)
    assert all(finding.kind == "date" and finding.held for finding in found)
    return [finding.sentence for finding in found]


def test_a_partial_date_is_all_the_days_it_can_mean():
    assert read_date("1963").first == date(1963, 1, 1)
    assert read_date("1963").last == date(1963, 12, 31)
    assert read_date("2024-02").last == date(2024, 2, 29)
    assert read_date("2026-03-14T08:30:00+01:00").first == read_date("2026-03-14").last == date(2026, 3, 14)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-02-30", "There is no 30 February 2026; February 2026 has 28 days."),
        ("2026-13-01", "There is no month 13; months run from 1 to 12."),
        ("2026-04-31T10:00:00Z", "There is no 31 April 2026; April 2026 has 30 days."),
        ("0000-01-01", "There is no year 0; a year has four digits, such as 1963."),
        ("14.05.1963", "The date is not written as year, year-month or year-month-day, such as 1963-05-14."),
    ],
)
def test_a_day_that_the_calendar_lacks_is_refused_with_what_would_be_right(text, sentence):
    with pytest.raises(UnreadableDate) as refusal:
        read_date(text)

    assert str(refusal.value) == sentence


def test_a_leap_day_is_a_day():
    assert calendar_problem(2024, month=2, day=29) is None
    assert calendar_problem(2023, month=2, day=29) == "There is no 29 February 2023; February 2023 has 28 days."


def test_dates_in_order_give_no_finding():
    assert sentences("2026-03-14", birth="1963", end="2026-03-16") == []
    assert sentences(birth="1963-05-14", death="2025") == []
    assert sentences() == []


def test_an_impossible_date_is_a_finding_that_says_how_many_days_there_are():
    assert sentences("2026-02-30", birth="1963") == [
        "The date of the record is not a date. There is no 30 February 2026; February 2026 has 28 days."
    ]


def test_an_event_before_birth_is_found():
    assert sentences("1926-03-14", birth="1963") == [
        "The date of the record lies before the birth date: it should be on or after the day of birth."
    ]


def test_an_event_in_the_year_of_birth_may_be_after_birth():
    assert sentences("1963-03-14", birth="1963") == []
    assert sentences("1963", birth="1963-05-14") == []


def test_a_date_in_the_future_is_found_and_today_is_not_the_future():
    assert sentences("2026-11-24") == []
    assert sentences("2026") == []
    assert sentences("2062-03-14") == ["The date of the record lies in the future; it should be 2026-11-24 or earlier."]
    assert sentences(birth="2027") == ["The birth date lies in the future; it should be 2026-11-24 or earlier."]


def test_nobody_is_older_than_130():
    assert sentences(birth="1896") == []
    assert sentences(birth="1895") == ["The birth date is more than 130 years ago; it should be in 1896 or later."]


def test_an_end_before_its_beginning_is_found():
    assert sentences("2026-03-14", end="2026-03-13") == [
        "The end date lies before the date of the record: an end comes on or after its beginning."
    ]


def test_a_measurement_after_death_is_found():
    assert sentences("2026-03-14", death="2026-03-01") == [
        "The date of the record lies after the date of death: a measurement is made in life."
    ]


def test_no_sentence_repeats_a_birth_date():
    for birth in ("1963-05-14", "1895-01-02", "2027-01-01", "1963-02-30"):
        assert not any(birth in sentence for sentence in sentences("1926-03-14", birth=birth))
