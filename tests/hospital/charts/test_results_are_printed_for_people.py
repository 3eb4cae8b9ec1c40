"""Numbers, units, ranges, names and days as people write them; worked by hand."""

from datetime import UTC, date, datetime

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.person import printed_birth, printed_name
from wardround.hospital.charts.range_flags import flag_of
from wardround.hospital.charts.results import sections
from wardround.hospital.charts.rounded import in_full, shown_value
from wardround.hospital.charts.visit import latest_visit
from wardround.web.layout.printed import printed_number, printed_range, printed_unit


@pytest.mark.parametrize(
    ("value", "text"), [(233.0, "233"), (2.3, "2.3"), (-0.5, "-0.5"), (0.05, "0.05"), (1e-7, "0.0000001")]
)
def test_a_number_is_printed_in_its_shortest_form_without_a_trailing_zero(value, text):
    assert printed_number(value) == text


def test_a_hungarian_page_writes_a_decimal_comma(settings):
    from django.utils.translation import override

    with override("hu"):
        assert printed_number(2.3) == "2,3"


@pytest.mark.parametrize(
    ("ucum", "text"), [("mm[Hg]", "mmHg"), ("Cel", "°C"), ("1", ""), (None, ""), ("mg/dL", "mg/dL")]
)
def test_a_ucum_unit_is_printed_as_people_write_it(ucum, text):
    assert printed_unit(ucum) == text


def test_a_negative_limit_is_not_joined_by_a_dash():
    assert printed_range((-0.5, 1.0)) == "−0.5 to 1"
    assert printed_range((90.0, 140.0)) == "90–140"


def test_the_family_name_is_in_capitals_and_its_accents_stay():
    assert printed_name("Kőszeghy, Ágnes") == "KŐSZEGHY, Ágnes"


def test_a_whole_birth_date_is_printed_with_the_month_in_letters():
    assert printed_birth("1958-03-14") == "14-Mar-1958"
    assert printed_birth("1958") == "1958"


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("body_weight", 12.85366228, "12.85"),
        ("body_weight", 68.4, "68.4"),
        ("systolic_pressure", 137.4965622, "137.5"),
        ("total_cholesterol", 233.0, "233"),
        ("creatinine", 1.05, "1.05"),
    ],
)
def test_no_digits_are_shown_that_no_instrument_has(key, value, text):
    measurement = load_catalogue().by_key(key)

    assert shown_value(value, measurement=measurement) == text
    assert (in_full(value, measurement=measurement) == "") == (text == printed_number(value))


@pytest.mark.parametrize(("value", "flag"), [(89.9, "low"), (90, ""), (140, ""), (140.1, "high")])
def test_the_limits_of_the_usual_range_are_inside_it(value, flag):
    assert flag_of(value, reference=(90, 140)) == flag


def test_days_count_from_the_first_day_of_the_latest_visit():
    old, first, third = (datetime(2026, m, d, 8, tzinfo=UTC) for m, d in ((1, 5), (3, 2), (3, 4)))

    days = latest_visit([(first, "Resting ECG"), (old, "Resting ECG"), (third, "Thallium scan"), (None, "Untimed")])

    assert [(day.number, day.date, day.titles) for day in days] == [
        (0, date(2026, 3, 2), ("Resting ECG",)),
        (2, date(2026, 3, 4), ("Thallium scan",)),
    ]


def test_nothing_with_a_time_is_no_visit():
    assert latest_visit([(None, "Untimed")]) == ()


def test_every_measurement_of_the_catalogue_has_one_heading_and_a_blood_test_is_laboratory():
    keys = [measurement.key for measurement in load_catalogue()]
    headings = {section.key: section.lines for section in sections({key: [key] for key in keys})}

    assert sorted(line for lines in headings.values() for line in lines) == sorted(keys)
    assert {"sodium", "total_cholesterol", "fasting_glucose_over_120"} < set(headings["laboratory"])
    assert "glasgow_coma_score" in headings["scores"]
    assert "st_slope" in headings["examination"]
