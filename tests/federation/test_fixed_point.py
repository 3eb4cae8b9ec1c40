"""Numbers as words: bounded, exact for whole numbers, fair in rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardround.federation.errors import UnusableVector
from wardround.federation.fixed_point import LARGEST_BOUND, SMALLEST_BOUND, Encoding


def rounding(seed=1):
    return np.random.default_rng(seed)


def sum_of(encoding, vectors):
    total = np.zeros(len(vectors[0]), dtype=encoding.dtype)
    for seed, vector in enumerate(vectors):
        total += encoding.encode(vector, hospitals=len(vectors), rounding=rounding(seed))
    return encoding.decode(total, hospitals=len(vectors))


@settings(deadline=None)
@given(
    st.sampled_from([32, 64]),
    st.floats(SMALLEST_BOUND, LARGEST_BOUND),
    st.integers(3, 50),
    st.sampled_from([-1.0, 1.0]),
)
def test_when_every_hospital_is_at_the_bound_the_sum_does_not_wrap(bits, bound, hospitals, sign):
    encoding = Encoding(bits=bits, bound=bound)

    total = sum_of(encoding, [np.full(3, sign * bound)] * hospitals)

    off = hospitals * encoding.step(hospitals=hospitals) + 1e-15 * hospitals * bound
    assert np.abs(total - sign * hospitals * bound).max() <= off


def test_counts_are_exact():
    encoding = Encoding(bits=64, bound=2.0**36)
    counts = [np.array([920.0, 303, 0, 2**35]), np.array([1.0, 294, 5, 2**35]), np.array([7.0, 123, 1, 2**35])]

    assert sum_of(encoding, counts).tolist() == [928, 720, 6, 3 * 2**35]


def test_sixty_four_bits_keep_a_newton_step_far_below_a_millionth():
    assert Encoding(bits=64, bound=2.0**26).step(hospitals=10) < 1e-9


def test_thirty_two_bits_keep_an_update_to_eight_decimals():
    assert Encoding(bits=32, bound=1.0).step(hospitals=10) < 1e-8


def test_rounding_is_fair():
    encoding = Encoding(bits=32, bound=2.0**20)
    step = encoding.step(hospitals=4)
    words = encoding.encode(np.full(100_000, 0.3 * step), hospitals=4, rounding=rounding())

    assert set(words.tolist()) == {0, 1}
    assert words.mean() == pytest.approx(0.3, abs=0.01)


def test_whole_numbers_of_steps_are_never_rounded():
    encoding = Encoding(bits=64, bound=2.0**40)
    value = np.full(1000, 2.0**39 + 1)

    assert len(np.unique(encoding.encode(value, hospitals=3, rounding=rounding()))) == 1


def test_the_same_seed_gives_the_same_words_and_another_seed_others():
    encoding = Encoding(bits=32, bound=1.0)
    values = rounding(5).uniform(-1, 1, 1000)
    one, same, other = (encoding.encode(values, hospitals=4, rounding=rounding(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("values", [[np.nan], [np.inf], [-np.inf], [1.0000001], [-2.0]])
def test_a_number_that_does_not_fit_is_refused(values):
    with pytest.raises(UnusableVector):
        Encoding(bits=32, bound=1.0).encode(np.array(values), hospitals=3, rounding=rounding())


@pytest.mark.parametrize("bound", [0.0, -1.0, float("nan"), float("inf"), 2.0**41])
def test_an_unusable_bound_is_refused(bound):
    with pytest.raises(UnusableVector, match="between"):
        Encoding(bits=32, bound=bound)


def test_other_word_sizes_are_refused():
    with pytest.raises(UnusableVector, match="32 or 64"):
        Encoding(bits=16, bound=1.0)
