"""What a check says about one value, and what it may look at beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FindingKind = Literal["impossible", "implausible", "decimal_slip", "unit_slip", "swapped_pressures", "date"]


@dataclass(frozen=True)
class Finding:
    """What is odd about a value, in a sentence that holds the value but nobody's identity.

    `held`: keep the value out of learning until a person accepts `suggestion` (in `suggestion_unit`) or confirms it.
    """

    kind: FindingKind
    sentence: str
    held: bool
    suggestion: float | None = None
    suggestion_unit: str | None = None


@dataclass(frozen=True)
class ValueContext:
    """What the chart says around one value.

    `others`: standard values of the same patient at the same time, by catalogue key.
    `previous`: the latest earlier standard values of the same patient, by catalogue key.
    """

    others: Mapping[str, float] = field(default_factory=dict)
    previous: Mapping[str, float] = field(default_factory=dict)
    age_years: float | None = None
    sex: Literal["male", "female"] | None = None
