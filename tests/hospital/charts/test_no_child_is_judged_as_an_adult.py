"""A usual range that the catalogue states for adults judges no child who has none of their own."""

from datetime import UTC, datetime

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.usual import Whose

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("measurement", ["body_mass_index", "hemoglobin"])
def test_a_child_of_eight_has_no_adults_range(measurement):
    child, adult = Whose(birth_year=2018, sex="female"), Whose(birth_year=1980, sex="female")

    assert child.usual(load_catalogue().by_key(measurement), time=NOW) is None
    assert adult.usual(load_catalogue().by_key(measurement), time=NOW) is not None


def test_a_range_of_a_childs_own_age_judges_the_child():
    systolic = load_catalogue().by_key("systolic_pressure")

    assert Whose(birth_year=2023).usual(systolic, time=NOW) != systolic.reference
    assert Whose(birth_year=2023).usual(systolic, time=NOW) is not None


@pytest.mark.django_db
def test_the_chart_of_a_child_calls_no_bmi_low(text_of, nurse, make_patient, make_observation):
    patient = make_patient(birth="2018-05-22")
    make_observation(patient, loinc="39156-5", value=14.7, unit="kg/m2", time="2026-03-02T08:00:00Z")

    text = text_of(nurse, f"/patients/{patient}/").partition("Body mass index")[2].partition("</tr>")[0]

    assert "14.7" in text
    assert "Low</span>" not in text
    assert "18.5" not in text
