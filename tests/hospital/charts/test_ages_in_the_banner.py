"""Ages as the NHS banner writes them: in days, weeks and months while a child is small (NHS CUI, Patient Banner)."""

from datetime import date

import pytest

from wardround.hospital.charts.person import printed_age

BORN = date(2024, 1, 31)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 1, 31), "0d"),
        (date(2024, 2, 27), "27d"),
        (date(2024, 2, 28), "4w 0d"),
        (date(2024, 4, 5), "9w 2d"),
        (date(2025, 1, 30), "52w 1d"),
        (date(2025, 1, 31), "12m 0d"),
        (date(2025, 3, 3), "13m 3d"),
        (date(2026, 1, 30), "23m 30d"),
        (date(2026, 1, 31), "2y 0m"),
        (date(2031, 6, 1), "7y 4m"),
        (date(2042, 1, 30), "17y 11m"),
        (date(2042, 1, 31), "18y"),
        (date(2087, 2, 1), "63y"),
        (date(2024, 1, 30), ""),
    ],
)
def test_an_age_is_said_in_the_units_that_matter_at_that_age(day, words):
    assert printed_age(BORN, day) == words


@pytest.mark.django_db
def test_an_age_at_death_that_a_year_alone_leaves_open_is_not_said(text_of, nurse, make_patient):
    banner = text_of(nurse, f"/patients/{make_patient(birth='1940-05-01', deceasedDateTime='2020')}/")

    assert "Deceased, died 2020" in banner
    assert "79y" not in banner
    assert "80y" not in banner


@pytest.mark.django_db
def test_a_year_of_birth_alone_gives_the_years_between(text_of, nurse, make_patient):
    from django.utils import timezone

    years = timezone.localdate().year - 1963

    assert f"({years}y)" in text_of(nurse, f"/patients/{make_patient(birth='1963')}/")
