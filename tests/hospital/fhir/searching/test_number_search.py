"""Numbers: equal within what their digits say, ordered exactly (R4 "Search", number)."""

import pytest


@pytest.fixture
def predicted(store, patients):
    for number, probability in enumerate((0.0, 0.535, 0.54, 0.5449, 0.545, 0.9)):
        store(
            f"RiskAssessment/r{number}",
            status="final",
            subject={"reference": "Patient/p1"},
            prediction=[{"probabilityDecimal": probability}],
        )


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("0.54", ["r1", "r2", "r3"]),  # from 0.535 up to, but not including, 0.545
        ("0.540", ["r2"]),
        ("ne0.54", ["r0", "r4", "r5"]),
        ("gt0.54", ["r3", "r4", "r5"]),
        ("ge0.54", ["r2", "r3", "r4", "r5"]),
        ("lt0.54", ["r0", "r1"]),
        ("le0.54", ["r0", "r1", "r2"]),
        ("sa0.54", ["r3", "r4", "r5"]),
        ("eb0.54", ["r0", "r1"]),
        ("ap0.5", ["r1", "r2", "r3", "r4"]),
        ("1", ["r1", "r2", "r3", "r4", "r5"]),  # from 0.5 up to 1.5
        ("0", ["r0"]),
        ("5.4e-1", ["r2"]),
        ("0.540,0.9", ["r2", "r5"]),
        ("lt1e400", ["r0", "r1", "r2", "r3", "r4", "r5"]),
        ("gt1e400", []),
        ("1e-400", []),
    ],
)
def test_equal_means_within_the_precision_and_an_order_is_exact(predicted, found, value, ids):
    assert found(f"RiskAssessment?probability={value}") == ids


@pytest.mark.parametrize(
    "value", ["half", "0,5x", "1e99999", "0.5|u|c", "--1", "٣", "NaN", "Infinity", "1" * 60, "gt", "0x10"]
)
def test_what_is_no_number_is_refused_with_one_that_is(refused, value):
    sentence, path = refused(f"RiskAssessment?probability={value}")

    assert "probability=lt0.8" in sentence
    assert path == "probability"


def test_missing_asks_for_a_number(predicted, store, found):
    store("RiskAssessment/none", status="final", subject={"reference": "Patient/p1"})

    assert found("RiskAssessment?probability:missing=true") == ["none"]
