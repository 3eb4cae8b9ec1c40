"""The interval of a share: against published values, and at its ends."""

import pytest

from wardround.learning.proportion import wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (score without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(part, whole, low, high):
    assert wilson(part, whole=whole) == pytest.approx((low, high), abs=0.00005)


def test_all_of_a_few_is_not_certain():
    low, high = wilson(5, whole=5)

    assert (round(low, 3), high) == (0.566, 1.0)


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (3, 2), (-1, 4)])
def test_a_share_of_nothing_has_no_interval(part, whole):
    with pytest.raises(ValueError, match="A share needs"):
        wilson(part, whole=whole)
