"""How often each degree of agreement is seen for one person and for two: the m and u of Fellegi and Sunter, to start with.

`m`: of pairs that are one person and both state the field, the share with this degree. `u`: of pairs that are two people.
The degrees of a field exclude each other, so the m of a field add up to one, and the u.

These are this product's starting values, set by hand and not estimated from any hospital's patients; where two people
can agree by chance, u is the chance (a day of seventy years, a digit of nine). A hospital's own pairs may mend them:
`identity_estimation.estimate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from types import MappingProxyType


@dataclass(frozen=True)
class Odds:
    """`m`: how often this degree is seen for one person; `u`: how often for two people by chance."""

    m: float
    u: float

    @property
    def weight(self) -> float:
        """log2(m/u): how much it speaks for one person, or, below zero, against."""
        return log2(self.m / self.u)


Field = Mapping[str, Odds]
Model = Mapping[str, Field]

_DAYS = 25_000  # some seventy years
_SLIPS = 70  # day and month swapped, one digit wrong, two neighbours swapped

STARTING: Model = MappingProxyType(
    {
        # `part`: one half of a compound name, or a maiden name kept beside the married one. `different` is a marriage.
        "family": {
            "same": Odds(0.86, 0.003),
            "part": Odds(0.02, 0.002),
            "slip": Odds(0.06, 0.001),
            "alike": Odds(0.01, 0.004),
            "different": Odds(0.05, 0.99),
        },
        # `shared`: another given name of one side is one of the other's. `short`: the one begins the other.
        "given": {
            "same": Odds(0.86, 0.01),
            "shared": Odds(0.03, 0.006),
            "short": Odds(0.02, 0.003),
            "slip": Odds(0.05, 0.003),
            "alike": Odds(0.01, 0.01),
            "initial": Odds(0.01, 0.05),
            "different": Odds(0.02, 0.918),
        },
        # Instead of family and given, where each stands in the other's field.
        "swapped_names": {"same": Odds(0.02, 0.000_01)},
        # `near`: the same month of the same year, or the same day of another year.
        "birth": {
            "same": Odds(0.945, 1 / _DAYS),
            "slip": Odds(0.04, _SLIPS / _DAYS),
            "near": Odds(0.01, 0.015),
            "different": Odds(0.005, 1 - 0.015 - (1 + _SLIPS) / _DAYS),
        },
        # The first of January stands for "the day is not known" in many registries.
        "birth_at_new_year": {"same": Odds(0.95, 1 / 600), "different": Odds(0.05, 599 / 600)},
        "birth_month": {"same": Odds(0.98, 1 / 840), "different": Odds(0.02, 839 / 840)},
        "birth_year": {"same": Odds(0.98, 1 / 60), "different": Odds(0.02, 59 / 60)},
        "sex": {"same": Odds(0.99, 0.5), "different": Odds(0.01, 0.5)},
        "generation": {"same": Odds(0.97, 0.3), "different": Odds(0.03, 0.7)},
        "lifelong_number": {
            "same": Odds(0.93, 1 / 10_000_000),
            "slip": Odds(0.05, 1 / 100_000),
            "different": Odds(0.02, 1 - 1 / 100_000 - 1 / 10_000_000),
        },
        # One person may have several numbers of one hospital: that is what a duplicate is.
        "number": {"same": Odds(0.3, 1 / 1_000_000), "different": Odds(0.7, 1 - 1 / 1_000_000)},
        "phone": {"same": Odds(0.65, 0.0002), "slip": Odds(0.05, 0.0003), "different": Odds(0.3, 0.9995)},
        "email": {"same": Odds(0.65, 0.000_05), "slip": Odds(0.03, 0.000_05), "different": Odds(0.32, 0.9999)},
        "address": {
            "same": Odds(0.6, 0.000_25),
            "alike": Odds(0.08, 0.000_75),  # a misspelt street, or another number in it
            "postcode": Odds(0.07, 0.01),
            "city": Odds(0.1, 0.05),
            "different": Odds(0.15, 0.939),
        },
    }
)
