"""Dates of a record lie within the patient's life, not in the future, and in an order that things happen in."""

from datetime import UTC, datetime, timedelta

import pytest

from wardround.clinical.dates import date_findings, life_findings
from wardround.clinical.records import Moment, Order, Person, Record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


def moment(text: str, path: str = "Observation.effectiveDateTime") -> Moment:
    """A year, a month, a day or a time in UTC."""
    parts = [int(part) for part in text[:10].split("-")]
    if "T" in text:
        low = datetime.fromisoformat(text)
        return Moment(path, text, low, low + timedelta(seconds=1))
    low = datetime(*[*parts, 1, 1][:3], tzinfo=UTC)
    if len(parts) == 3:
        return Moment(path, text, low, low + timedelta(days=1))
    year, month = (parts[0] + 1, 1) if len(parts) == 1 else (parts[0] + parts[1] // 12, parts[1] % 12 + 1)
    return Moment(path, text, low, datetime(year, month, 1, tzinfo=UTC))


def born(text: str, *, died: str = "") -> Person:
    return Person(
        birth=moment(text, "Patient.birthDate"),
        death=moment(died, "Patient.deceasedDateTime") if died else None,
        is_dead=bool(died),
    )


def measured(text: str, *, issued: str = "", **more: object) -> Record:
    written = [moment(issued, "Observation.issued")] if issued else []
    return Record("Observation", happened=[moment(text)], written=written, **more)


BORN_IN_1963 = born("1963-05-14")


def found(record: Record, person: Person = BORN_IN_1963):
    return [(f.kind, f.held, dict(f.suggestion)) for f in date_findings(record, person=person, now=NOW)]


def test_dates_in_order_give_no_finding():
    assert found(measured("2026-03-14T08:00:00+00:00", issued="2026-03-14")) == []
    assert found(measured("1963")) == []
    assert found(measured("2026-03-14"), Person()) == []


def test_what_was_measured_before_birth_is_held_with_the_century_that_was_meant():
    [finding] = date_findings(measured("1926-03-14T08:00:00+00:00"), person=born("1963"), now=NOW)

    assert (finding.kind, finding.held, finding.about_person) == ("before_birth", True, True)
    assert finding.suggestion == {"Observation.effectiveDateTime": "2026-03-14T08:00:00+00:00"}


def test_an_event_in_the_year_of_birth_may_be_after_birth():
    assert found(measured("1963-03-14"), born("1963")) == []
    assert found(measured("1963"), born("1963-05-14")) == []
    assert found(measured("1963-05-13T23:00:00+00:00")) == []  # the day of birth, one time zone further


def test_a_record_of_the_womb_may_lie_before_birth_and_one_of_the_body_may_not():
    scan = measured("1963-02-01", titles=["Fetal heart rate"])
    diagnosis = Record("Condition", happened=[moment("1963-02-01", "Condition.onsetDateTime")])

    assert found(scan) == []
    assert found(measured("1963-02-01"))[0][:2] == ("before_birth", True)
    assert found(diagnosis)[0][:2] == ("before_birth", False)
    assert found(measured("1961-02-01", titles=["Fetal heart rate"]))[0][:2] == ("before_birth", True)


def test_a_date_in_the_future_is_held_and_today_is_not_the_future():
    assert found(measured("2026-11-24")) == []
    assert found(measured("2026")) == []
    assert found(measured("2026-11-25T02:00:00+00:00")) == []  # today, east of here
    assert found(measured("2062-03-14"), born("1970")) == [
        ("future", True, {"Observation.effectiveDateTime": "2026-03-14"})
    ]


def test_two_readings_that_both_fit_are_no_suggestion_unless_another_date_of_the_record_decides():
    assert found(measured("2062-03-14"), born("1930")) == [("future", True, {})]  # 1962 or 2026
    assert found(measured("2062-03-14", issued="1962-03-15"), born("1930")) == [
        ("future", True, {"Observation.effectiveDateTime": "1962-03-14"})
    ]


def test_day_and_month_are_read_the_other_way_round_where_that_fits():
    assert found(measured("2026-12-03", issued="2026-03-12")) == [
        ("future", True, {"Observation.effectiveDateTime": "2026-03-12"})
    ]


def test_a_wrong_time_of_writing_only_remarks_where_the_event_has_a_date():
    assert found(measured("2026-03-14", issued="2062-03-14")) == [
        ("future", False, {"Observation.issued": "2026-03-14"})
    ]
    assert found(Record("Condition", written=[moment("2062-03-14", "Condition.recordedDate")]))[0][:2] == (
        "future",
        True,
    )


def test_what_happens_after_death_is_held_and_what_is_done_for_the_dead_is_not():
    dead = born("1940", died="2020-03-01T23:50:00+00:00")

    assert found(measured("2020-03-14"), dead)[0][:2] == ("after_death", True)
    assert found(measured("2020-03-02"), dead) == []  # the night of the death
    assert found(measured("2020-03-14", titles=["Autopsy report"]), dead) == []
    assert found(measured("2020-03-14"), born("1940", died="2020")) == []


def test_a_visit_that_ends_after_the_death_is_only_remarked_on():
    visit = Record(
        "Encounter",
        happened=[moment("2020-02-28", "Encounter.period.start"), moment("2020-03-04", "Encounter.period.end")],
    )

    assert found(visit, born("1940", died="2020-03-01"))[0][:2] == ("after_death", False)


def condition(onset: str, abatement: str) -> Record:
    begin, end = moment(onset, "Condition.onsetDateTime"), moment(abatement, "Condition.abatementDateTime")
    return Record("Condition", happened=[begin, end], orders=[Order(begin, end, is_span=True)])


def test_an_end_before_its_beginning_is_held_with_the_two_exchanged():
    assert found(condition("2020-05-10", "2020-04-02")) == [
        (
            "end_before_start",
            True,
            {"Condition.onsetDateTime": "2020-04-02", "Condition.abatementDateTime": "2020-05-10"},
        )
    ]
    assert found(condition("2020-04-02", "2020-05-10")) == []
    assert found(condition("2020-05-10", "2020")) == []


def test_an_end_whose_century_slipped_is_read_in_the_century_of_the_beginning():
    assert found(condition("2019-05-10", "1919-05-28")) == [
        ("before_birth", True, {"Condition.abatementDateTime": "2019-05-28"})
    ]


def test_where_either_end_may_have_slipped_nothing_is_suggested():
    assert found(condition("2021-05-10", "2012-05-28")) == [("end_before_start", True, {})]


def test_a_result_that_was_given_out_before_it_was_measured_is_held():
    taken, issued = moment("2026-03-14"), moment("2026-03-10", "Observation.issued")
    record = Record("Observation", happened=[taken], written=[issued], orders=[Order(taken, issued, tolerance_days=1)])

    assert found(record)[0][:2] == ("end_before_start", True)


MARCH = (moment("2026-03-05", "Encounter.period.start"), moment("2026-03-09", "Encounter.period.end"))


def test_day_and_month_are_read_the_other_way_round_where_the_visit_says_so():
    [finding] = date_findings(measured("2026-07-03"), person=BORN_IN_1963, now=NOW, visit=MARCH)

    assert (finding.kind, finding.held) == ("date", True)
    assert finding.suggestion == {"Observation.effectiveDateTime": "2026-03-07"}


def test_a_measurement_half_a_year_and_more_from_its_visit_is_held_without_a_suggestion():
    [finding] = date_findings(measured("1999-01-01"), person=BORN_IN_1963, now=NOW, visit=MARCH)

    assert (finding.kind, finding.held, finding.suggestion) == ("date", True, {})
    assert "half a year and more away" in finding.sentence


def test_an_earlier_operation_that_is_told_at_a_visit_is_not_out_of_place():
    operation = Record("Procedure", happened=[moment("1999-01-01", "Procedure.performedDateTime")])

    assert date_findings(operation, person=BORN_IN_1963, now=NOW, visit=MARCH) == []


@pytest.mark.parametrize("text", ["2026-03-07", "2026-03-02", "2026-07-04", "2025-12-13", "2026"])
def test_before_or_after_a_visit_is_no_slip_unless_a_reading_lies_in_it(text):
    assert date_findings(measured(text), person=BORN_IN_1963, now=NOW, visit=MARCH) == []


@pytest.mark.parametrize(
    ("person", "kind", "suggestion"),
    [
        (born("2062-03-14"), "future", {"Patient.birthDate": "1962"}),
        (born("1895-03-14"), "date", {"Patient.birthDate": "1995"}),
        (born("2008-03-14", died="1999-01-01"), "date", {"Patient.birthDate": "1908"}),
        (born("1960", died="2062-03-14"), "future", {}),  # 1962 or 2026
        (born("1970", died="2062-03-14"), "future", {"Patient.deceasedDateTime": "2026-03-14"}),
    ],
)
def test_a_life_that_nobody_has_is_held_with_the_likeliest_year(person, kind, suggestion):
    [finding] = life_findings(person, now=NOW)

    assert (finding.kind, finding.held, finding.suggestion) == (kind, True, suggestion)


@pytest.mark.parametrize(
    "person", [born("1963-05-14"), born("1907"), born("1900", died="1999"), born("2026"), Person()]
)
def test_a_life_that_somebody_has_is_left_alone(person):
    assert life_findings(person, now=NOW) == []


def test_no_sentence_repeats_a_birth_date():
    for birth in ("1963-05-14", "1895-01-02", "2027-01-01"):
        person = born(birth)
        findings = [*life_findings(person, now=NOW), *date_findings(measured("1890-03-14"), person=person, now=NOW)]
        assert findings
        assert not any(birth in finding.sentence for finding in findings)


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00+00:00", "9999-12-31"])
def test_the_ends_of_the_calendar_are_dates_like_others(text):
    first, last = moment("0001-01-01"), Moment("x", "9999-12-31", NOW.replace(9999, 12, 31), END)
    odd = {"0001-01-01": first, "9999-12-31": last}.get(text) or moment(text)
    for birth in (first, last, None):
        for death in (first, last, None):
            person = Person(birth=birth, death=death, is_dead=death is not None)
            record = Record("Observation", happened=[odd], written=[odd], orders=[Order(odd, first), Order(last, odd)])

            assert isinstance(date_findings(record, person=person, now=NOW, visit=(first, last)), list)
            assert isinstance(life_findings(person, now=NOW), list)
