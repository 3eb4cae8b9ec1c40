"""Dates are stretches of time, and each prefix compares two of them (R4 "Search", 3.1.1.4.5 and prefixes)."""

import pytest


@pytest.fixture
def dated(observe):
    observe("second", effectiveDateTime="2013-01-14T10:00:00Z")
    observe("day", effectiveDateTime="2013-01-14")
    observe("month", effectiveDateTime="2013-01")
    observe("year", effectiveDateTime="2013")
    observe("period", effectivePeriod={"start": "2013-01-10", "end": "2013-01-20"})
    observe("open", effectivePeriod={"start": "2013-01-15"})
    observe("none")


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("2013-01-14", ["second", "day"]),
        ("eq2013-01-14", ["second", "day"]),
        ("2013-01", ["second", "day", "month", "period"]),
        ("2013", ["second", "day", "month", "year", "period"]),
        ("2013-01-14T10:00:00Z", ["second"]),
        ("2013-01-14T10:00Z", ["second"]),
        ("2013-01-14T10:00", ["second"]),
        ("2013-01-14T11:00:00+01:00", ["second"]),
        ("2013-01-14T11:00:00%2B01:00", ["second"]),
        ("ne2013-01-14", ["month", "year", "period", "open"]),
        ("gt2013-01-14", ["month", "year", "period", "open"]),
        ("gt2013-01-13", ["second", "day", "month", "year", "period", "open"]),
        ("lt2013-01-14", ["month", "year", "period"]),
        ("lt2013-01-14T10:00:00Z", ["day", "month", "year", "period"]),
        ("ge2013-01-14", ["second", "day", "month", "year", "period", "open"]),
        ("ge2013-01-21", ["month", "year", "open"]),
        ("le2013-01-14", ["second", "day", "month", "year", "period"]),
        ("sa2013-01-14", ["open"]),
        ("sa2013-01-13", ["second", "day", "open"]),
        ("eb2013-01-15", ["second", "day"]),
        ("eb2013-02-01", ["second", "day", "month", "period"]),
        ("eb2013-01-14", []),
        ("2013-01-14,2013-01", ["second", "day", "month", "period"]),
    ],
)
def test_every_prefix_compares_the_two_stretches_of_time(dated, found, value, ids):
    assert found(f"Observation?date={value}") == ids


def test_two_bounds_make_a_range(dated, found):
    assert found("Observation?date=sa2013-01-09&date=eb2013-01-21") == ["second", "day", "period"]


def test_approximately_is_a_tenth_of_the_time_that_has_passed(observe, found):
    observe("a", effectiveDateTime="2000-01-01")
    observe("b", effectiveDateTime="2020-01-01")

    assert found("Observation?date=ap2001-06") == ["a"]


def test_missing_asks_for_a_date(dated, found):
    assert found("Observation?date:missing=true") == ["none"]


@pytest.mark.parametrize(
    "value",
    ["2013-13", "2013-02-30", "gt", "yesterday", "99999-01-01", "2013-01-14T", "1e5", "eq", "2013-01-14T25:00Z"],
)
def test_what_is_no_date_is_refused_with_one_that_is(refused, value):
    sentence, path = refused(f"Observation?date={value}")

    assert "date=ge2026-01-31" in sentence
    assert path == "date"


@pytest.mark.parametrize("value", ["gt9999-12-31", "lt0001-01-01", "ap0001", "ap9999", "sa9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_dates_too(observe, found, value):
    observe("a", effectiveDateTime="2020")

    assert found(f"Observation?date={value}") in ([], ["a"])


def test_the_time_of_change_is_searched_to_the_instant(observe, found):
    observe("a")

    assert found("Observation?_lastUpdated=gt2020-01-01") == ["a"]
    assert found("Observation?_lastUpdated=lt2020-01-01") == []
    assert found("Observation?_lastUpdated=ge2020&_lastUpdated=le2100") == ["a"]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("1958-04-17", ["day"]),
        ("1958-04", ["day"]),
        ("1958", ["day", "year"]),
        ("ne1958-04-17", ["year", "month"]),
        ("gt1958-04-17", ["year", "month"]),
        ("ge1958-04-17", ["day", "year", "month"]),
        ("lt1958-04-17", ["year"]),
        ("sa1958-04-17", ["month"]),
        ("eb1958-04-18", ["day"]),
        ("le1958-04-17", ["day", "year"]),
        ("1958-04-17,1959-03", ["day", "month"]),
    ],
)
def test_a_date_of_birth_is_compared_after_decryption(store, found, value, ids):
    store("Patient/day", birthDate="1958-04-17")
    store("Patient/year", birthDate="1958")
    store("Patient/month", birthDate="1959-03")
    store("Patient/none")

    assert found(f"Patient?birthdate={value}") == ids
