"""What would change an estimate: how far each missing, stale or held input could move it, by predicting with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, log10
from typing import Literal, NamedTuple

import numpy as np
from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.diagnosis.inputs import Inputs
from wardround.hospital.diagnosis.plain_values import measurement_of, printed_input
from wardround.hospital.records.queries import Value
from wardround.hospital.training.queries import AdoptedModel
from wardround.interchange.meds import Event, code_name
from wardround.learning.features import BIRTH, Feature, raw_features
from wardround.learning.predict import probabilities_alone
from wardround.web.layout.said import said

Why = Literal["missing", "stale", "held"]
AXIS = 300


@dataclass(frozen=True)
class IfItWere:
    """The estimate if the input had this value."""

    value: str
    probability: float
    event: Event  # what was added to the chart's events to get it
    note: str = ""  # of a held value: as it stands, or as it was probably meant

    @property
    def percent(self) -> str:
        return _percent(self.probability)


@dataclass(frozen=True)
class WouldMove:
    """One input, and the lowest and the highest estimate that its plausible values would give."""

    title: str
    why: Why
    lowest: IfItWere
    highest: IfItWere
    each: tuple[IfItWere, ...]  # every answer of a choice; both ends of a number
    now: float

    @property
    def furthest(self) -> float:
        return max(abs(self.lowest.probability - self.now), abs(self.highest.probability - self.now))

    @property
    def x(self) -> float:
        return round(self.lowest.probability * AXIS, 1)

    @property
    def width(self) -> float:
        return max(round((self.highest.probability - self.lowest.probability) * AXIS, 1), 2.0)

    @property
    def now_x(self) -> float:
        return round(min(max(self.now * AXIS - 1, 0), AXIS - 2), 1)


def what_would_change(
    inputs: Inputs, *, model: AdoptedModel, now: float, held: Sequence[Value], subject: int
) -> tuple[WouldMove, ...]:
    """Furthest first. Each number is what the panel would show for the events with one more of them: exact, no approximation.

    A number is tried at both ends of what the model was learned on: the federated mean plus and minus two standard
    deviations, within what the study's range and a living person allow. The model is linear in each of its inputs, so what
    lies between gives an estimate between. A choice is tried at each answer. A held value is tried as it stands and as it
    was probably meant, since one of these is what a decision would make of it.
    """
    waiting = {_code(value): value for value in reversed(held) if _may_be_input(value, inputs=inputs)}
    asked: list[tuple[Feature, Why, list[_Tried]]] = []
    for feature in model.artifact.encoder.features:
        if feature.code in waiting:
            asked.append((feature, "held", list(_of_held(waiting[feature.code], feature=feature, subject=subject))))
        elif feature.name not in inputs.events:
            asked.append((feature, "missing", list(_plausible(feature, model=model, inputs=inputs, subject=subject))))
        elif inputs.is_stale(feature.name):
            asked.append((feature, "stale", list(_plausible(feature, model=model, inputs=inputs, subject=subject))))
    would_be = iter(_probabilities([tried.event for _, _, each in asked for tried in each], inputs=inputs, model=model))
    found = []
    for feature, why, tries in asked:
        each = [
            IfItWere(tried.value, probability, tried.event, tried.note)
            for tried in tries
            if (probability := next(would_be)) is not None
        ]
        if each:
            ordered = sorted(each, key=lambda one: one.probability)
            found.append(WouldMove(said(feature.title), why, ordered[0], ordered[-1], tuple(each), now))
    return tuple(sorted(found, key=lambda one: -one.furthest))


class _Tried(NamedTuple):
    """A value as people read it, a note on it, and the event that it would be."""

    value: str
    note: str
    event: Event


def _probabilities(added: Sequence[Event], *, inputs: Inputs, model: AdoptedModel) -> list[float | None]:
    """The estimate for the chart's events with each of these, one at a time: one patient of a table for each."""
    events = [
        Event(number, event.time, event.code, event.numeric_value)
        for number, one in enumerate(added)
        for event in (*inputs.all_events, one)
    ]
    moments = dict.fromkeys(range(len(added)), inputs.moment.time)
    raw = raw_features(events, index_times=moments, features=model.artifact.encoder.features)
    return probabilities_alone(model.artifact, raw=raw, site=model.site)


def _plausible(feature: Feature, *, model: AdoptedModel, inputs: Inputs, subject: int) -> Iterable[_Tried]:
    just_before = inputs.moment.time - timedelta(microseconds=1)
    if feature.code == BIRTH:
        return  # a birth date is asked of the patient, not measured; without it no estimate stands on its age
    if feature.choices:
        for answer in feature.choices:
            yield _Tried(printed_input(feature, answer), "", Event(subject, just_before, f"{feature.code}//{answer}"))
        return
    for number in _ends(feature, model=model):
        yield _Tried(printed_input(feature, number), "", Event(subject, just_before, feature.code, number))


def _ends(feature: Feature, *, model: AdoptedModel) -> tuple[float, ...]:
    columns = model.artifact.encoder.columns
    column = next((c for c in columns if c.feature == feature.name and c.part == "value"), None)
    if column is None:
        return ()
    low, high = column.mean - 2 * column.sd, column.mean + 2 * column.sd
    for bottom, top in _limits(feature, model=model):
        low, high = max(low, bottom), min(high, top)
    digits = max(0, 1 - floor(log10(column.sd)))
    # As MEDS keeps numbers, so that the value that is measured one day gives the very number that was shown.
    return tuple(float(np.float32(round(end, digits))) for end in (low, high))


def _limits(feature: Feature, *, model: AdoptedModel) -> list[tuple[float, float]]:
    limits = [(low, high) for name, low, high in model.artifact.ranges if name == feature.name]
    measurement = measurement_of(feature)
    if measurement is not None and measurement.possible is not None:
        limits.append(measurement.possible)
    return limits


def _of_held(value: Value, *, feature: Feature, subject: int) -> Iterable[_Tried]:
    time = _naive(value)
    given = ((value.value, gettext("as it stands")), (value.suggestion, gettext("as it was probably meant")))
    for number, note in given:
        if isinstance(number, bool | str):
            answer = str(number).lower() if isinstance(number, bool) else number
            yield _Tried(printed_input(feature, answer), note, Event(subject, time, f"{feature.code}//{answer}"))
        elif number is not None:
            stored = float(np.float32(number))
            yield _Tried(printed_input(feature, stored), note, Event(subject, time, feature.code, stored))


def _may_be_input(value: Value, *, inputs: Inputs) -> bool:
    """Only what was measured before the estimate's moment could ever be an input."""
    return bool(value.measurement) and value.time is not None and _naive(value) < inputs.moment.time


def _naive(value: Value) -> datetime:
    if value.time is None:
        raise ValueError("A held value without a time can be no input.")
    return value.time.astimezone(UTC).replace(tzinfo=None)


def _code(value: Value) -> str:
    return code_name(load_catalogue().by_key(value.measurement).coding)


def _percent(probability: float) -> str:
    if probability < 0.01:
        return "<1"
    return ">99" if probability > 0.99 else str(round(100 * probability))
