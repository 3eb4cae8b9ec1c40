"""A model's estimate as the panel shows it: the numbers in plain form, and the geometry of its two small drawings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import exp

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from wardround.hospital.diagnosis.inputs import Inputs
from wardround.hospital.diagnosis.plain_values import plain_value
from wardround.hospital.diagnosis.standing import NOBODYS, Standing
from wardround.hospital.diagnosis.what_would_change import WouldMove
from wardround.learning.calibrate import Calibration
from wardround.learning.evaluate import SMALLEST_CELL, CalibrationRow
from wardround.learning.features import Feature
from wardround.learning.predict import Prediction
from wardround.learning.proportion import wilson
from wardround.web.layout.said import said

AXIS = 300  # width of the 0-100 axis in user units
BARS = 160  # width of the bars; zero is in the middle
SMALLEST_AMOUNT = 0.0005  # log-odds; the sum is printed with three decimals
MOST_BARS = 8  # weaker contributions share one bar; each is in the sum below


@dataclass(frozen=True)
class ModelFacts:
    """What is known of an adopted model besides its weights."""

    title: str
    version: str
    adopted: datetime
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
    features: Mapping[str, Feature]
    is_drifting: bool = False  # its patients here are no longer those it was adopted on


@dataclass(frozen=True)
class Bar:
    """One contribution, drawn to the right where it raises the estimate and to the left where it lowers it."""

    title: str
    value: str
    amount: float  # log-odds
    x: float
    width: float

    @property
    def effect(self) -> str:
        """raises, lowers, or none: what a sum of three decimals would not show does neither."""
        if abs(self.amount) < SMALLEST_AMOUNT:
            return "none"
        return "raises" if self.amount > 0 else "lowers"

    @property
    def word(self) -> str:
        words = {"raises": gettext("raises"), "lowers": gettext("lowers"), "none": gettext("no effect")}
        return words[self.effect]


@dataclass(frozen=True)
class Step:
    """One line of the sum: what an input adds to the log-odds, and the sum so far."""

    title: str
    value: str
    amount: float
    so_far: float


@dataclass(frozen=True)
class Input:
    """One input of the model as it stands: its value in plain words, and when it was measured."""

    title: str
    value: str
    taken: datetime | None  # with zone; None for what is missing or always true
    is_missing: bool
    is_stale: bool


@dataclass(frozen=True)
class Estimate:
    """A percentage with its interval, and where they lie on the axis."""

    percent: str
    low: str
    high: str
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
    calibration: str  # how it was calibrated here, or why not
    nearby: str  # what became of this hospital's patients with a similar estimate; or that too few had one
    bars: tuple[Bar, ...]
    base: float
    base_percent: str
    logit: float
    steps: tuple[Step, ...]
    used: int
    total: int
    missing: tuple[str, ...]
    held: tuple[str, ...]
    unusual: tuple[str, ...]
    index_time: datetime  # with zone
    has_happened: bool  # the examination that the model looks ahead to is already recorded
    inputs: Inputs | None = None
    every_input: tuple[Input, ...] = ()
    stale: tuple[Input, ...] = ()
    visit_began: datetime | None = None  # with zone; what was measured before it is stale
    probability: float | None = None
    interval: tuple[float, float] | None = None
    would_move: tuple[WouldMove, ...] = ()
    standing: Standing = NOBODYS
    is_folded: bool = False

    @property
    def stale_by_day(self) -> tuple[tuple[date, str], ...]:
        """The day on which stale inputs were taken, and their titles; the latest first."""
        found: dict[date, list[str]] = {}
        for one in self.stale:
            if one.taken is not None:
                found.setdefault(timezone.localtime(one.taken).date(), []).append(one.title)
        return tuple((day, ", ".join(found[day])) for day in sorted(found, reverse=True))

    @property
    def inputs_sha256(self) -> str:
        return self.inputs.sha256 if self.inputs is not None else ""


def reference_of(
    prediction: Prediction,
    *,
    model: ModelFacts,
    calibration: Calibration,
    held: Sequence[str],
    inputs: Inputs,
    would_move: Sequence[WouldMove] = (),
) -> Reference:
    """Put a prediction in the form of the panel. Its contributions add up to the estimate: base + sum = log-odds."""
    moment = inputs.moment
    steps = _steps(prediction, features=model.features)
    every_input = _every_input(prediction, inputs=inputs, features=model.features)
    return Reference(
        model=model,
        estimate=_estimate(prediction),
        withheld=said(prediction.withheld or ""),
        is_calibrated=calibration.calibrated,
        calibration=said(calibration.note),
        nearby=nearby(prediction.probability, rows=model.calibration_rows),
        bars=bars(steps),
        base=prediction.base,
        base_percent=printed_percent(1 / (1 + exp(-prediction.base))),
        logit=prediction.base if prediction.logit is None else prediction.logit,
        steps=steps,
        used=len(prediction.inputs_used),
        total=len(prediction.inputs_used) + len(prediction.missing),
        missing=tuple(said(title) for title in prediction.missing if title not in held),
        held=tuple(map(said, held)),
        unusual=tuple(map(said, prediction.unusual)),
        index_time=moment.time.replace(tzinfo=UTC),
        has_happened=moment.has_happened,
        inputs=inputs,
        every_input=every_input,
        stale=tuple(one for one in every_input if one.is_stale),
        visit_began=inputs.visit_began.replace(tzinfo=UTC),
        probability=prediction.probability,
        interval=prediction.interval,
        would_move=tuple(would_move),
    )


def _every_input(prediction: Prediction, *, inputs: Inputs, features: Mapping[str, Feature]) -> tuple[Input, ...]:
    found = []
    for c in prediction.contributions:
        taken = inputs.taken(c.name)
        found.append(
            Input(
                title=said(c.title),
                value=plain_value(c, features=features),
                taken=taken.replace(tzinfo=UTC) if taken else None,
                is_missing=c.missing,
                is_stale=inputs.is_stale(c.name),
            )
        )
    return tuple(found)


def bars(steps: Sequence[Step]) -> tuple[Bar, ...]:
    """The contributions to one scale, strongest first; the weakest together in one bar, so that nothing is left out."""
    ordered = sorted(steps, key=lambda step: -abs(step.amount))
    shown, rest = ordered[:MOST_BARS], ordered[MOST_BARS:]
    parts = [(step.title, step.value, step.amount) for step in shown]
    if rest:
        title = ngettext("%(count)s weaker input", "%(count)s weaker inputs together", len(rest))
        parts.append((title % {"count": len(rest)}, "", sum(step.amount for step in rest)))
    largest = max((abs(amount) for _title, _value, amount in parts), default=0.0) or 1.0
    half = BARS / 2
    return tuple(
        Bar(
            title=title,
            value=value,
            amount=amount,
            x=round(half if amount > 0 else half - abs(amount) / largest * half, 1),
            width=round(abs(amount) / largest * half, 1),
        )
        for title, value, amount in parts
    )


def nearby(probability: float | None, *, rows: Sequence[CalibrationRow]) -> str:
    """What was observed among this hospital's held-out patients whose estimate was in the same tenth, with Wilson's 95 %
    interval; or that too few had such an estimate. Empty where nothing was measured here."""
    if probability is None:
        return ""
    row = next((row for row in rows if row.low <= probability < row.high or row.high == probability == 1), None)
    if row is None:
        return ""
    span = {"low": round(100 * row.low), "high": round(100 * row.high)}
    if row.observed is None:
        few = gettext(
            "Fewer than %(few)s patients here had an estimate of %(low)s–%(high)s%%: too few to say how it fits."
        )
        return few % {"few": SMALLEST_CELL, **span}
    cases = round(row.observed * row.patients)
    low, high = wilson(cases, whole=row.patients)
    sentence = gettext(
        "%(cases)s of %(patients)s patients here whose estimate was %(low)s–%(high)s%% did have it "
        "(95%% interval %(share_low)s–%(share_high)s%%)."
    )
    shares = {"share_low": round(100 * low), "share_high": round(100 * high)}
    return sentence % {"cases": cases, "patients": row.patients, **span, **shares}


def printed_percent(probability: float) -> str:
    """Whole percent; never 0 or 100, because a model is never certain."""
    if probability < 0.01:
        return "<1"
    if probability > 0.99:
        return ">99"
    return str(round(100 * probability))


def _estimate(prediction: Prediction) -> Estimate | None:
    if prediction.probability is None or prediction.interval is None:
        return None
    low, high = prediction.interval
    return Estimate(
        percent=printed_percent(prediction.probability),
        low=printed_percent(low),
        high=printed_percent(high),
        mark_x=round(min(max(prediction.probability * AXIS - 1.5, 0), AXIS - 3), 1),
        interval_x=round(low * AXIS, 1),
        interval_width=round((high - low) * AXIS, 1),
    )


def _steps(prediction: Prediction, *, features: Mapping[str, Feature]) -> tuple[Step, ...]:
    so_far = prediction.base
    found = []
    for c in prediction.contributions:
        so_far += c.contribution
        value = plain_value(c, features=features)
        found.append(Step(title=said(c.title), value=value, amount=c.contribution, so_far=so_far))
    return tuple(found)
