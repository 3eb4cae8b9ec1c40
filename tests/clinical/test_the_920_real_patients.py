"""The rules on real data: the 920 patients of UCI Heart Disease raise no false alarm, and slips made in them are caught."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.plausibility import Finding, ValueContext, check
from wardround.clinical.standardise import NotStandard, Standard, standardise
from wardround.demo.source import PLACES, rows_of

CATALOGUE = load_catalogue()
KEYS = ("systolic_pressure", "total_cholesterol", "exercise_heart_rate", "st_depression", "fluoroscopy_vessels")
ROWS = [row for slug in PLACES for row in rows_of(slug)]


def recorded(key: str) -> list[Decimal]:
    return [Decimal(str(value)) for row in ROWS if (value := getattr(row, key)) is not None]


def judged(key: str, value: Decimal, unit: str | None) -> tuple[Standard | NotStandard, tuple[Finding, ...]]:
    result = standardise((CATALOGUE.by_key(key).coding,), value=value, unit=unit or CATALOGUE.by_key(key).unit)
    return result, check(result) if isinstance(result, Standard) else ()


def test_only_the_one_blood_pressure_of_0_is_held_and_nothing_else_is_even_a_finding():
    found = [
        (key, value, finding) for key in KEYS for value in recorded(key) for finding in judged(key, value, None)[1]
    ]

    assert len(ROWS) == 920
    assert [(key, value, finding.kind, finding.held) for key, value, finding in found] == [
        ("systolic_pressure", 0, "impossible", True)
    ]


def test_the_172_cholesterol_values_of_0_are_not_measured():
    unmeasured = [
        value
        for value in recorded("total_cholesterol")
        if isinstance(judged("total_cholesterol", value, None)[0], NotStandard)
    ]

    assert len(unmeasured) == 172
    assert set(unmeasured) == {Decimal(0)}


def ten_times(value: Decimal) -> Decimal:
    return value * 10


def a_tenth(value: Decimal) -> Decimal:
    return value / 10


def in_millimoles(value: Decimal) -> Decimal:
    return (value / Decimal("38.665")).quantize(Decimal("0.01"))


def unchanged(value: Decimal) -> Decimal:
    return value


@pytest.mark.parametrize(
    ("key", "slip", "unit", "held", "right"),
    [
        ("systolic_pressure", ten_times, None, 1.0, 1.0),
        ("systolic_pressure", a_tenth, None, 1.0, 1.0),
        ("exercise_heart_rate", ten_times, None, 1.0, 1.0),
        ("exercise_heart_rate", a_tenth, None, 1.0, 1.0),
        ("total_cholesterol", ten_times, None, 0.99, 0.99),
        ("total_cholesterol", a_tenth, None, 0.98, 0.98),
        ("total_cholesterol", unchanged, "mmol/L", 1.0, 0.95),
        ("total_cholesterol", in_millimoles, "mg/dL", 1.0, 0.965),
        ("total_cholesterol", lambda v: in_millimoles(v) * 10, "mmol/L", 0.99, 0.95),
        ("total_cholesterol", lambda v: in_millimoles(v) / 10, "mmol/L", 0.98, 0.97),
    ],
)
def test_slips_made_in_every_row_are_held_with_the_true_value(
    key: str, slip: Callable[[Decimal], Decimal], unit: str | None, held: float, right: float
):
    values = [value for value in recorded(key) if value != 0]
    outcomes = [judged(key, slip(value), unit)[1] for value in values]
    caught = [finding[0] for finding in outcomes if finding and finding[0].held]
    suggested = [
        finding[0].suggestion == float(value)
        for value, finding in zip(values, outcomes, strict=True)
        if finding and finding[0].held and finding[0].suggestion is not None
    ]

    assert len(values) > 700
    assert len(caught) / len(values) >= held
    assert sum(suggested) / len(values) >= right
    assert suggested.count(False) / len(values) <= 0.01  # a wrong suggestion is worse than none


def test_an_st_depression_from_2_mm_is_caught_when_its_point_is_lost():
    values = [value for value in recorded("st_depression") if value >= 2]

    for value in values:
        (finding,) = judged("st_depression", value * 10, None)[1]
        assert (finding.held, finding.suggestion) == (True, float(value))
    assert len(values) > 150


def test_a_value_that_fits_its_chart_is_never_searched_for_slips(monkeypatch: pytest.MonkeyPatch):
    # Nearly all values fit; that they cost a comparison and no search keeps an import quick.
    searches = []
    monkeypatch.setattr("wardround.clinical.plausibility.readings", lambda *_, **__: searches.append(1) or ())
    context = ValueContext(history=((-365, 230), (-30, 245), (40, 228)), others={"hdl_cholesterol": 50}, age_years=60)

    for value in recorded("total_cholesterol"):
        if 150 < value < 350:
            result = standardise((CATALOGUE.by_key("total_cholesterol").coding,), value=value, unit="mg/dL")
            check(result, context=context)

    assert searches == []
