"""What a check says about one value, and what it may look at beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from wardround.clinical.measurements import Sex

FindingKind = Literal[
    # of one value, alone or beside its neighbours
    "impossible",
    "implausible",
    "decimal_slip",
    "unit_slip",
    "swapped_pressures",
    "transposed_digits",
    "delta",  # does not fit the patient's own history
    # of a record in its chart
    "wrong_sex",
    "before_birth",
    "after_death",
    "future",
    "end_before_start",
    "date",  # a date that is wrong in another way
    "duplicate_entry",
    "contradictory_status",
    "missing_required",
    # of a patient
    "duplicate_patient",
]

# Of a record in its chart, not of one value in it.
OF_RECORDS: frozenset[str] = frozenset(
    {
        "wrong_sex",
        "before_birth",
        "after_death",
        "future",
        "end_before_start",
        "date",
        "duplicate_entry",
        "contradictory_status",
        "missing_required",
    }
)


@dataclass(frozen=True)
class Finding:
    """What is odd about a value, in a sentence that holds the value but nobody's identity.

    `held`: keep the value out of learning until a person accepts `suggestion` (in `suggestion_unit`) or confirms it.
    `is_possible`: a living person can have it; where this is False, whoever types it is stopped.
    """

    kind: FindingKind
    sentence: str
    held: bool
    suggestion: float | None = None
    suggestion_unit: str | None = None
    is_possible: bool = True


@dataclass(frozen=True)
class RecordFinding:
    """What is odd about a record in its patient's chart, in a sentence that holds nobody's identity.

    `path`: the element in question ("Condition.abatementDateTime"). `held`: keep what the record states out of learning
    until a person decides. `suggestion`: what each element was probably meant to say, by path, where one reading stands
    out; for a birth date only its year. `about_person`: it depends on the patient's birth, death or sex.
    """

    kind: FindingKind
    path: str
    sentence: str
    held: bool
    suggestion: Mapping[str, str] = field(default_factory=dict)
    about_person: bool = False


@dataclass(frozen=True)
class ValueContext:
    """What the chart says around one value.

    `others`: standard values of the same patient at the same time, by catalogue key.
    `history`: the patient's other values of the same measurement as (days, value), oldest first; days are below 0
    before this value and above 0 after it. `age_within`: how far, in years, the true age may lie from `age_years`.
    """

    others: Mapping[str, float] = field(default_factory=dict)
    history: Sequence[tuple[float, float]] = ()
    age_years: float | None = None
    age_within: float = 0.0
    sex: Sex | None = None
