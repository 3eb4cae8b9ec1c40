"""One measured value as one line of the chart: value, unit, flag, usual range, as received, held, amended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from wardround.clinical.catalogue import Measurement, load_catalogue
from wardround.clinical.errors import UnknownMeasurement
from wardround.hospital.charts.range_flags import Flag, flag_of
from wardround.hospital.charts.rounded import in_full, shown_value
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.held_records import is_held_with_its_record
from wardround.hospital.records.models import StandardValue
from wardround.hospital.records.queries import value_of
from wardround.web.layout.printed import printed_number, printed_range, printed_unit, printed_value

VITAL_SIGNS = (
    "systolic_pressure",
    "diastolic_pressure",
    "heart_rate",
    "body_temperature",
    "respiratory_rate",
    "oxygen_saturation",
    "body_weight",
    "body_height",
    "body_mass_index",
)
HEART_EXAMINATION = (
    "chest_pain_type",
    "resting_ecg",
    "exercise_heart_rate",
    "exercise_angina",
    "st_depression",
    "st_slope",
    "fluoroscopy_vessels",
    "thallium_scan",
    "coronary_narrowing",
    "ejection_fraction",
)
SCORES_AND_FUNCTION = (
    "pain_score",
    "glasgow_coma_score",
    "glasgow_motor",
    "glasgow_verbal",
    "glasgow_eyes",
    "apgar_1_minute",
    "apgar_2_minutes",
    "apgar_5_minutes",
    "apgar_10_minutes",
    "mini_mental_score",
    "bone_density_t_score",
    "fev1_fvc",
)

AS_RECEIVED = "as received"


@dataclass(frozen=True)
class Earlier:
    """What an amended value was before."""

    text: str
    decided_by: str
    decided: datetime | None
    reason: str


@dataclass(frozen=True)
class ResultLine:
    """One value of the chart, ready to print. A held value has no flag: nobody knows yet whether it is true."""

    value_id: int
    title: str
    value: str
    unit: str
    is_answer: bool  # words, not a number
    flag: Flag
    reference: str
    exact: str  # every digit, where the value is shown with fewer
    received: str  # value and unit as they came, where they differ from the standard ones
    rule: str
    time: datetime | None
    is_held: bool
    is_held_with_record: bool  # the record waits for a decision, not the value
    suggestion: str  # "130 mmHg"; empty without one
    finding: str
    confirmed_by: str
    earlier: tuple[Earlier, ...]
    type: str
    resource_id: str
    previous: str = ""  # the value before this one, where it is a number or an answer of the same measurement
    previous_time: datetime | None = None


@dataclass(frozen=True)
class Section:
    """Results under one heading, in the order of the catalogue."""

    key: str
    title: str
    lines: tuple[ResultLine, ...]

    @property
    def has_ranges(self) -> bool:
        """Does any line have a usual range to stand beside?"""
        return any(line.reference for line in self.lines)


def result_line(
    row: StandardValue,
    *,
    received: str,
    earlier: Iterable[StandardValue],
    whose: Whose,
    previous: StandardValue | None = None,
) -> ResultLine:
    """`received` is the value as it came ("6.02 mmol/L"); `earlier` are the rows of previous versions, oldest first;
    `previous` is the value before this one in time."""
    measurement = load_catalogue().by_key(row.measurement)
    value = value_of(row)
    number = value if isinstance(value, float) else None
    reference = whose.usual(measurement, time=row.time)
    text, unit = shown_value(value, measurement=measurement), printed_unit(row.unit)
    full = in_full(value, measurement=measurement)
    judged = number if reference is not None and not row.is_held else None
    return ResultLine(
        value_id=row.pk,
        title=gettext(measurement.title),
        value=text,
        unit=unit,
        is_answer=number is None,
        flag="" if judged is None else flag_of(judged, reference=reference),
        reference="" if number is None else printed_range(reference),
        exact=full,
        received="" if row.rule.startswith(AS_RECEIVED) or received == f"{full or text} {unit}".strip() else received,
        rule=row.rule,
        time=row.time,
        is_held=row.is_held,
        is_held_with_record=is_held_with_its_record(row),
        suggestion=_with_unit(row.suggestion, unit=row.suggestion_unit or row.unit),
        finding=row.finding_sentence,
        confirmed_by=row.decided_by if row.decision == "confirmed" else "",
        earlier=tuple(_earlier(old, measurement=measurement) for old in earlier),
        type=row.resource.type,
        resource_id=row.resource.logical_id,
        previous="" if previous is None else shown_value(value_of(previous), measurement=measurement),
        previous_time=None if previous is None else previous.time,
    )


def laboratory_keys() -> tuple[str, ...]:
    """What is measured in a laboratory: everything that has no other heading, in the order of the catalogue."""
    elsewhere = {*VITAL_SIGNS, *HEART_EXAMINATION, *SCORES_AND_FUNCTION}
    return tuple(measurement.key for measurement in load_catalogue() if measurement.key not in elsewhere)


def sections(lines: Mapping[str, list[ResultLine]]) -> tuple[Section, ...]:
    """Lines by catalogue key, under their headings; a heading without lines is left out."""
    headings = (
        ("vital-signs", gettext_lazy("Vital signs"), VITAL_SIGNS),
        ("laboratory", gettext_lazy("Laboratory"), laboratory_keys()),
        ("examination", gettext_lazy("Heart examination"), HEART_EXAMINATION),
        ("scores", gettext_lazy("Scores and function"), SCORES_AND_FUNCTION),
    )
    found = (
        Section(key=key, title=str(title), lines=tuple(line for name in names for line in lines.get(name, ())))
        for key, title, names in headings
    )
    return tuple(section for section in found if section.lines)


def title_of(measurement_key: str) -> str:
    """The printed name of a measurement; of one that is not in the catalogue, nothing."""
    try:
        return gettext(load_catalogue().by_key(measurement_key).title)
    except UnknownMeasurement:
        return ""


def _earlier(row: StandardValue, *, measurement: Measurement) -> Earlier:
    text = printed_value(value_of(row), measurement=measurement)
    return Earlier(
        text=f"{text} {printed_unit(row.unit)}".strip(),
        decided_by=row.decided_by,
        decided=row.decided,
        reason=row.decision_reason,
    )


def _with_unit(value: float | None, *, unit: str) -> str:
    return "" if value is None else f"{printed_number(value)} {printed_unit(unit)}".strip()
