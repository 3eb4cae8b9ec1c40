"""An age is as precise as it matters: days of a newborn, weeks of an infant, months of a small child, years of an adult."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from wardround.hospital.charts.ages import printed_age

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("2026-11-27", "0d"),
        ("2026-11-24", "3d"),
        ("2026-10-31", "27d"),
        ("2026-10-30", "4w 0d"),
        ("2026-10-05", "7w 4d"),
        ("2025-11-28", "52w 0d"),
        ("2025-11-27", "12m 0d"),
        ("2025-08-24", "15m 3d"),
        ("2024-11-27", "2y 0m"),
        ("2015-03-14", "11y 8m"),
        ("2008-11-28", "17y 11m"),
        ("2008-11-27", "18y"),
        ("1922-02-11", "104y"),
        ("1963", "about 63y"),
        ("1963-11", "about 63y"),
        ("1963-10", "63y"),
        ("1963-12", "62y"),
        ("2026", "under 1y"),
        ("", ""),
        ("2027-01-01", ""),
    ],
)
def test_an_age_is_as_precise_as_it_matters(birth, age):
    assert printed_age(birth, on=TODAY) == age


def test_a_month_that_is_too_short_ends_on_its_last_day():
    assert printed_age("2025-01-31", on=date(2026, 3, 1)) == "13m 1d"


@pytest.mark.django_db
def test_a_newborn_is_three_days_old_in_the_banner_and_in_the_list(text_of, nurse, make_patient):
    patient = make_patient(birth=(timezone.localdate() - timedelta(days=3)).isoformat())

    assert "(3d)" in text_of(nurse, f"/patients/{patient}/")
    assert "(3d)" in text_of(nurse, "/patients/")
