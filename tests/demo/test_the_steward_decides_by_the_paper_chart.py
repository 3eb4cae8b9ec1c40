"""Accept what is right, correct what is wrong, confirm what was flagged for nothing, leave what paper cannot settle."""

import pytest

from wardround.demo.paper import paper_charts
from wardround.demo.steward import Decision, HeldValue, decide


@pytest.fixture(scope="module")
def charts():
    return {h: {chart.mrn: chart for chart in paper_charts(h)} for h in ("cleveland", "budapest", "long-beach")}


def chart_with(charts, **measured):
    return next(
        chart for chart in charts.values() if all(getattr(chart.row, name) == value for name, value in measured.items())
    )


def held(chart, measurement, value, suggestion=None, unit="mm[Hg]"):
    return HeldValue(
        id=1, mrn=chart.mrn, measurement=measurement, value=value, suggestion=suggestion, suggestion_unit=unit
    )


def test_a_right_suggestion_is_accepted(charts):
    chart = chart_with(charts["cleveland"], systolic_pressure=130)

    decision = decide(held(chart, "systolic_pressure", 1300.0, 130.0), charts=charts["cleveland"])

    assert decision == Decision(verdict="accept")


def test_a_right_suggestion_in_the_laboratorys_own_unit_is_accepted(charts):
    chart = chart_with(charts["budapest"], total_cholesterol=207)

    decision = decide(held(chart, "total_cholesterol", 2069.0, 5.35, "mmol/L"), charts=charts["budapest"])

    assert decision == Decision(verdict="accept")


def test_a_wrong_suggestion_is_corrected_to_what_paper_says(charts):
    chart = chart_with(charts["cleveland"], systolic_pressure=130)

    decision = decide(held(chart, "systolic_pressure", 1300.0, 131.0), charts=charts["cleveland"])

    assert decision == Decision(verdict="correct", value=130.0, unit="mm[Hg]")


def test_a_value_flagged_without_a_suggestion_is_corrected_when_paper_says_otherwise(charts):
    chart = chart_with(charts["cleveland"], exercise_heart_rate=171)

    decision = decide(held(chart, "exercise_heart_rate", 17.1), charts=charts["cleveland"])

    assert decision == Decision(verdict="correct", value=171.0, unit="/min")


def test_a_value_flagged_for_nothing_is_confirmed(charts):
    chart = chart_with(charts["cleveland"], total_cholesterol=564)

    decision = decide(held(chart, "total_cholesterol", 564.0, 56.4, "mg/dL"), charts=charts["cleveland"])

    assert decision == Decision(verdict="confirm")


def test_the_pressure_of_0_that_paper_has_too_stays_held(charts):
    chart = chart_with(charts["long-beach"], row=754)

    assert decide(held(chart, "systolic_pressure", 0.0), charts=charts["long-beach"]) == Decision(verdict="leave")


def test_a_value_of_nobody_on_paper_stays_held(charts):
    stranger = HeldValue(
        id=1, mrn="C9999999", measurement="systolic_pressure", value=1300.0, suggestion=130.0, suggestion_unit="mm[Hg]"
    )

    assert decide(stranger, charts=charts["cleveland"]) == Decision(verdict="leave")
