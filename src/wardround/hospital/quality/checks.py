"""The nouns of a data quality report: a check in Kahn's terms and OHDSI's names, and what it found.

Categories after Kahn et al., "A Harmonized Data Quality Assessment Terminology and Framework for the Secondary Use of
Electronic Health Record Data", eGEMs 4(1), 2016. Names of check types after the OHDSI Data Quality Dashboard (Apache-2.0);
what it has no name for carries a name of our own, which says so in `is_ohdsi`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Category = Literal["conformance", "completeness", "plausibility"]
Subcategory = Literal["", "value", "relational", "uniqueness", "atemporal", "temporal"]


@dataclass(frozen=True)
class CheckType:
    """One type of check."""

    name: str  # "plausibleValueHigh"
    category: Category
    subcategory: Subcategory
    sentence: str  # what is asked of every record
    is_ohdsi: bool = True


@dataclass(frozen=True)
class Record:
    """One record behind a number: enough to open it, and why it counts."""

    resource: str  # "Observation/abc"
    patient_id: str
    path: str
    why: str
    value_id: int | None = None  # of a standard value that can be decided


@dataclass(frozen=True)
class Measured:
    """What one check found about one subject. `records` reads the failed ones, when somebody asks."""

    type: CheckType
    subject: str  # "Total cholesterol", "Patient.birthDate", "Encounter"
    key: str  # what an address names it by: "plausibleValueHigh:total_cholesterol"
    checked: int
    failed: int
    records: Callable[[], Iterator[Record]]

    @property
    def share(self) -> float:
        return self.failed / self.checked if self.checked else 0.0


def _ours(name: str, category: Category, subcategory: Subcategory, sentence: str) -> CheckType:
    return CheckType(name, category, subcategory, sentence, is_ohdsi=False)


IS_REQUIRED = CheckType("isRequired", "conformance", "value", "What a record of this kind needs is there.")
DATATYPE = CheckType("cdmDatatype", "conformance", "value", "A value is of the kind that its measurement has.")
STANDARD_CONCEPT = CheckType(
    "isStandardValidConcept", "conformance", "value", "A value's code is a standard one or mapped to one."
)
UNIT = CheckType(
    "plausibleUnitConceptIds", "plausibility", "atemporal", "A value's unit is one that the measurement can have."
)
FOREIGN_KEY = CheckType("isForeignKey", "conformance", "relational", "What a record refers to is here.")
READABLE = _ours("isReadable", "conformance", "value", "A message that arrived could be read and stored.")
PERSON_COMPLETENESS = CheckType(
    "measurePersonCompleteness", "completeness", "", "A patient has at least one record of this kind."
)
VALUE_COMPLETENESS = CheckType("measureValueCompleteness", "completeness", "", "A record states this element.")
STANDARD_COMPLETENESS = CheckType(
    "standardConceptRecordCompleteness", "completeness", "", "A value has a standard code, unit and form."
)
VALUE_LOW = CheckType("plausibleValueLow", "plausibility", "atemporal", "A value is not below what can be believed.")
VALUE_HIGH = CheckType("plausibleValueHigh", "plausibility", "atemporal", "A value is not above what can be believed.")
GENDER = CheckType("plausibleGender", "plausibility", "atemporal", "A finding is possible in a person of this sex.")
AFTER_BIRTH = CheckType("plausibleAfterBirth", "plausibility", "temporal", "A record is not dated before the birth.")
BEFORE_DEATH = CheckType("plausibleBeforeDeath", "plausibility", "temporal", "A record is not dated after the death.")
START_BEFORE_END = CheckType("plausibleStartBeforeEnd", "plausibility", "temporal", "Nothing ends before it begins.")
TEMPORAL = CheckType("plausibleTemporalAfter", "plausibility", "temporal", "A date is in an order that a life allows.")
FUTURE = _ours("notInTheFuture", "plausibility", "temporal", "What was done is not dated after today.")
SLIP = _ours("noSlip", "plausibility", "atemporal", "A value is not a likely slip: decimal, unit, swapped, transposed.")
HISTORY = _ours("plausibleChange", "plausibility", "temporal", "A value fits the patient's own history.")
DUPLICATE = _ours("uniqueRecord", "plausibility", "uniqueness", "Nothing is stored twice under two identifiers.")
STATUS = _ours("consistentStatus", "plausibility", "atemporal", "A record's status does not contradict its content.")

BY_FINDING: dict[str, CheckType] = {
    "decimal_slip": SLIP,
    "unit_slip": SLIP,
    "swapped_pressures": SLIP,
    "transposed_digits": SLIP,
    "delta": HISTORY,
    "wrong_sex": GENDER,
    "before_birth": AFTER_BIRTH,
    "after_death": BEFORE_DEATH,
    "end_before_start": START_BEFORE_END,
    "future": FUTURE,
    "date": TEMPORAL,
    "duplicate_entry": DUPLICATE,
    "duplicate_patient": DUPLICATE,
    "contradictory_status": STATUS,
    "missing_required": IS_REQUIRED,
}
"""Where a finding counts. "impossible" and "implausible" are below or above the limits, and count as low or high."""
BY_NOT_STANDARD: dict[str, CheckType] = {
    "unknown_unit": UNIT,
    "missing_unit": UNIT,
    "unreadable": DATATYPE,
    "unknown_answer": STANDARD_CONCEPT,
    "zero_is_missing": DATATYPE,
}
"""Where a value that could not be standardised counts; any other reason is a code without a standard one."""


def spoken(kind: str) -> str:
    """A kind of finding as people say it: "decimal slip"."""
    return kind.replace("_", " ")
