"""All held-out kinds of errors."""

from wardround.bench.accuracy.held_out import (
    misdated_records,
    misregistered_patients,
    mistyped_digits,
    neighbouring_results,
    other_sex,
    placeholders,
    points_and_zeros,
    units_elsewhere,
)
from wardround.bench.accuracy.plants import Kind

HELD_OUT: tuple[Kind, ...] = (
    *points_and_zeros.KINDS,
    *mistyped_digits.KINDS,
    *placeholders.KINDS,
    *units_elsewhere.KINDS,
    *neighbouring_results.KINDS,
    *misdated_records.KINDS,
    *misregistered_patients.KINDS,
    *other_sex.KINDS,
)
