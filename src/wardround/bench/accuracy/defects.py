"""Values of the data sets that are wrong already, with the evidence: they are not clean, and finding them is no false alarm.

The list is as narrow as the evidence: a code with its unit, or single rows. Nothing is on it because a rule holds it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wardround.bench.accuracy.charts import RecordSet, Value, values_of

_LOINC = "http://loinc.org"


@dataclass(frozen=True)
class Defect:
    """Values of one source that are known to be wrong; `factor` makes them right where that is known."""

    records: str
    what: str
    evidence: str
    is_in: Callable[[Value], bool]


def _coded(code: str, unit: str) -> Callable[[Value], bool]:
    return lambda value: value.code == f"{_LOINC}|{code}" and value.unit == unit


def _row(identity: str) -> Callable[[Value], bool]:
    return lambda value: value.resource["id"] == identity


DEFECTS = (
    Defect(
        "synthea",
        "total protein (LOINC 2885-2) in g/dL",
        "All 260 values lie between 60.0 and 79.9; people have 6.0 to 8.0 g/dL. The numbers are g/L.",
        _coded("2885-2", "g/dL"),
    ),
    Defect(
        "synthea",
        "globulin (LOINC 10834-0) in g/L",
        "All 260 values lie between 2.01 and 3.49; people have 20 to 35 g/L. The numbers are g/dL.",
        _coded("10834-0", "g/L"),
    ),
    Defect(
        "mimic",
        "transferrin in mg/dL under the code of iron binding capacity (LOINC 2500-7)",
        "d_labitems gives 'Transferrin' and 'Iron Binding Capacity, Total' (ug/dL) the same code; these 49 are the former.",
        _coded("2500-7", "mg/dL"),
    ),
    Defect(
        "mimic",
        "creatinine 138 mg/dL (labevents row 6298735)",
        "The same patient has 2.0 seven hours before and 2.2 ninety minutes after.",
        _row("mimic-lab-6298735"),
    ),
)


def defective_places(records: RecordSet) -> dict[str, str]:
    """place -> which defect, of every value that is known to be wrong."""
    known = [defect for defect in DEFECTS if defect.records == records.key]
    return {
        value.place: defect.what
        for chart in records.charts
        for resource in chart.records
        for value in values_of(resource, patient_id=chart.id)
        for defect in known
        if defect.is_in(value)
    }
