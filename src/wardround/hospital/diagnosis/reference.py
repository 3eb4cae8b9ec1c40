"""A model's estimate as the panel shows it: the numbers in plain form, and the geometry of its two small drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp

from django.utils.translation import gettext

from wardround.hospital.diagnosis.moment import Moment
from wardround.learning.calibrate import Calibration
from wardround.learning.evaluate import CalibrationRow
from wardround.learning.explain import Contribution
from wardround.learning.predict import Prediction

AXIS = 300  # width of the 0-100 axis in user units
BARS = 160  # width of the bars; zero is in the middle
SMALLEST_SHOWN = 0.005  # a contribution that moves the log-odds less than this is not drawn


@dataclass(frozen=True)
class ModelFacts:
    """What is known of an adopted model besides its weights."""

    title: str
    version: str
    adopted: datetime | None
    hospitals: int | None
    patients: int | None
    local_auroc: float | None
    local_auroc_low: float | None
    local_auroc_high: float | None
    local_patients: int | None  # held-out patients behind the local figures
    calibration_rows: tuple[CalibrationRow, ...]  # of those held-out patients
    not_for: tuple[str, ...]
    decision: str  # why it is in use here, as a sentence
    sha256: str


@dataclass(frozen=True)
class Bar:
    """One input's contribution, drawn to the right where it raises the estimate and to the left where it lowers it."""

    title: str
    value: str
    amount: float  # log-odds
    x: float
    width: float
    is_missing: bool

    @property
    def raises(self) -> bool:
        return self.amount > 0


@dataclass(frozen=True)
class Step:
    """One line of the sum: what is added, and the log-odds so far."""

    title: str
    value: str
    amount: float
    so_far: float


@dataclass(frozen=True)
class Estimate:
    """A percentage with its interval, and where they lie on the axis."""

    percent: float
    low: float
    high: float
    mark_x: float
    interval_x: float
    interval_width: float


@dataclass(frozen=True)
class Reference:
    """Everything the panel says. Either `estimate` is there, or `withheld` says why it is not."""

    model: ModelFacts
    estimate: Estimate | None
    withheld: str
    is_calibrated: bool
    calibration: str  # how it was calibrated, or why not
    nearby: str  # what became of this hospital's patients with a similar estimate; empty where too few are known
    bars: tuple[Bar, ...]
    base: float
    base_percent: float
    logit: float
    steps: tuple[Step, ...]
    used: int
    total: int
    missing: tuple[str, ...]
    held: tuple[str, ...]
    unusual: tuple[str, ...]
    index_time: datetime  # with zone
    has_happened: bool  # the examination that the model looks ahead to is already recorded


def reference_of(
    prediction: Prediction, *, model: ModelFacts, calibration: Calibration, held: Sequence[str], moment: Moment
) -> Reference:
    """Put a prediction in the form of the panel. Its contributions add up to the estimate: base + sum = log-odds."""
    return Reference(
        model=model,
        estimate=_estimate(prediction),
        withheld=prediction.withheld or "",
        is_calibrated=calibration.calibrated,
        calibration=calibration.note,
        nearby=_nearby(prediction.probability, rows=model.calibration_rows),
        bars=bars(prediction.contributions),
        base=prediction.base,
        base_percent=100 * _chance(prediction.base),
        logit=prediction.logit if prediction.logit is not None else prediction.base,
        steps=_steps(prediction),
        used=len(prediction.inputs_used),
        total=len(prediction.inputs_used) + len(prediction.missing),
        missing=tuple(title for title in prediction.missing if title not in held),
        held=tuple(held),
        unusual=prediction.unusual,
        index_time=moment.time.replace(tzinfo=UTC),
        has_happened=moment.has_happened,
    )


def bars(contributions: Sequence[Contribution]) -> tuple[Bar, ...]:
    """The contributions, strongest first, to one scale; those that move nothing are left out."""
    shown = sorted(
        (c for c in contributions if abs(c.contribution) >= SMALLEST_SHOWN), key=lambda c: -abs(c.contribution)
    )
    largest = max((abs(c.contribution) for c in shown), default=1.0)
    half = BARS / 2
    found = []
    for c in shown:
        width = max(abs(c.contribution) / largest * (half - 2), 1.0)
        found.append(
            Bar(
                title=c.title,
                value=c.value,
                amount=c.contribution,
                x=round(half if c.contribution > 0 else half - width, 1),
                width=round(width, 1),
                is_missing=c.missing,
            )
        )
    return tuple(found)


def _nearby(probability: float | None, *, rows: Sequence[CalibrationRow]) -> str:
    """What was observed among this hospital's held-out patients whose estimate was in the same tenth."""
    if probability is None:
        return ""
    row = next((row for row in rows if row.low <= probability < row.high or row.high == probability == 1), None)
    if row is None or row.observed is None:
        return ""
    return gettext("Of %(patients)s patients here with an estimate of %(low)s–%(high)s%%, %(observed)s%% had it.") % {
        "patients": row.patients,
        "low": round(100 * row.low),
        "high": round(100 * row.high),
        "observed": round(100 * row.observed),
    }


def _estimate(prediction: Prediction) -> Estimate | None:
    if prediction.probability is None or prediction.interval is None:
        return None
    low, high = prediction.interval
    return Estimate(
        percent=100 * prediction.probability,
        low=100 * low,
        high=100 * high,
        mark_x=round(min(max(prediction.probability * AXIS - 1.5, 0), AXIS - 3), 1),
        interval_x=round(low * AXIS, 1),
        interval_width=round((high - low) * AXIS, 1),
    )


def _steps(prediction: Prediction) -> tuple[Step, ...]:
    so_far = prediction.base
    found = []
    for c in prediction.contributions:
        so_far += c.contribution
        found.append(Step(title=c.title, value=c.value, amount=c.contribution, so_far=so_far))
    return tuple(found)


def _chance(logit: float) -> float:
    return 1 / (1 + exp(-logit))
