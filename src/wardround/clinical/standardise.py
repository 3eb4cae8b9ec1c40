"""From a value as received to the standard code, unit and value, with the rule that made it."""

from dataclasses import dataclass
from typing import Literal

from wardround.clinical.catalogue import Measurement


@dataclass(frozen=True)
class Standard:
    """A value in the catalogue's terms, kept beside the original and never instead of it.

    `value`: float for a quantity (in `unit`, the catalogue's UCUM unit), bool for a boolean, the answer's code for a
    category. `rule` says how it came from what was received. `received`, `received_unit`: the number before conversion.
    """

    measurement: Measurement
    value: float | bool | str
    unit: str | None
    rule: str
    received: float | None = None
    received_unit: str | None = None


@dataclass(frozen=True)
class NotStandard:
    """Why there is no standard value: a sentence for the steward, without the patient's value."""

    reason: str
    kind: Literal[
        "unknown_code",
        "conflicting_codes",
        "unreadable",
        "zero_is_missing",
        "unknown_unit",
        "missing_unit",
        "unknown_answer",
    ]
    measurement: Measurement | None = None
