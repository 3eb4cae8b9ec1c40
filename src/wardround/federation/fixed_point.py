"""Real numbers as words that add up without error: what the masks of secure aggregation are added to."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wardround.federation.errors import UnusableVector

Floats = NDArray[np.float64]
Words = NDArray[np.uint32] | NDArray[np.uint64]

SMALLEST_BOUND, LARGEST_BOUND = 2.0**-40, 2.0**40


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Two's complement fixed point of 32 or 64 bits for numbers within ``bound``.

    32 bits for updates; 64 bits for statistics and exact fits. The step is the finest power of two with which the sum
    over all hospitals cannot wrap, so it depends on how many they are. Whole numbers are exact while the step is at
    most 1; other numbers are rounded up or down at random so that the expected value is the number itself.
    """

    bits: Literal[32, 64]
    bound: float

    def __post_init__(self) -> None:
        if self.bits not in (32, 64):
            raise UnusableVector(f"Words of {self.bits} bits are not known; they have 32 or 64.")
        if not SMALLEST_BOUND <= self.bound <= LARGEST_BOUND:  # false for nan too
            raise UnusableVector("The bound of an encoding lies between 2^-40 and 2^40.")

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The words' little-endian type."""
        return np.dtype("<u4" if self.bits == 32 else "<u8")

    def step(self, *, hospitals: int) -> float:
        """The value of one unit: a rounding is off by less than this."""
        return 2.0 ** -self._exponent(hospitals)

    def encode(self, values: NDArray[Any], *, hospitals: int, rounding: np.random.Generator) -> Words:
        """Words [length] of float numbers [length]. The same generator state gives the same words.

        Raises UnusableVector for another type or shape, a number that is not finite, or one beyond the bound.
        """
        if not isinstance(values, np.ndarray) or values.dtype not in (np.float64, np.float32) or values.ndim != 1:
            raise UnusableVector("The numbers to be summed must be a one-dimensional array of float64 or float32.")
        if not np.isfinite(values).all():
            raise UnusableVector("The numbers to be summed hold one that is infinite or not a number.")
        if values.size and float(np.abs(values).max()) > self.bound:
            raise UnusableVector(
                f"The numbers to be summed hold one beyond the agreed bound of {self.bound:g}. "
                "Check the inputs, or agree on a larger bound."
            )
        scaled = np.ldexp(values.astype(np.float64), self._exponent(hospitals))
        words = np.floor(scaled)
        # floor(x + u) would round whole numbers above 2^52 at random; comparing with the fraction keeps them exact.
        words += rounding.random(len(words)) < scaled - words
        unsigned = words.astype(np.int64).astype(np.uint64 if self.bits == 64 else np.uint32)
        return unsigned.astype(self.dtype, copy=False)

    def decode(self, words: Words, *, hospitals: int) -> Floats:
        """The numbers [length] of a sum of words over at most ``hospitals`` hospitals."""
        signed = words.astype(np.int64 if self.bits == 64 else np.int32)
        return np.asarray(np.ldexp(signed.astype(np.float64), -self._exponent(hospitals)), dtype=np.float64)

    def _exponent(self, hospitals: int) -> int:
        # Each hospital adds at most bound / step + 1 units, and all of them stay below the sign bit.
        each = (2 ** (self.bits - 1) - 1) // hospitals - 1
        return _floor_log2(Fraction(each) / Fraction(self.bound))


def _floor_log2(ratio: Fraction) -> int:
    guess = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return guess if Fraction(2) ** guess <= ratio else guess - 1
