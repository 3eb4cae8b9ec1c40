"""What a partial date leaves open about an age is not said in the banner."""

import pytest


@pytest.mark.django_db
def test_an_age_at_death_that_a_year_alone_leaves_open_is_not_said(text_of, nurse, make_patient):
    banner = text_of(nurse, f"/patients/{make_patient(birth='1940-05-01', deceasedDateTime='2020')}/")

    assert "Deceased, died 2020" in banner
    assert "79y" not in banner
    assert "80y" not in banner


@pytest.mark.django_db
def test_a_year_of_birth_alone_gives_about_so_many_years(text_of, nurse, make_patient):
    from django.utils import timezone

    years = timezone.localdate().year - 1963

    assert f"(about {years}y)" in text_of(nurse, f"/patients/{make_patient(birth='1963')}/")


@pytest.mark.django_db
def test_a_month_of_birth_is_printed_as_months_are(text_of, nurse, make_patient):
    banner = text_of(nurse, f"/patients/{make_patient(birth='1963-05')}/")

    assert "May-1963" in banner
    assert "1963-05" not in banner
