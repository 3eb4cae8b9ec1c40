"""What would change an estimate: how far each missing, stale or held input could move it, by predicting with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, log10
from typing import Literal

import numpy as np
from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.diagnosis.inputs import Inputs
from wardround.hospital.diagnosis.plain_values import measurement_of, printed_input
from wardround.hospital.records.queries import Value
from wardround.hospital.training.queries import AdoptedModel
from wardround.interchange.meds import Event, code_name
from wardround.learning.features import BIRTH, Feature
from wardround.learning.predict import SitePart, predict
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
    """Furthest first. Each number is what `predict` gives for the events with one more of them: exact, no approximation.

    A number is tried at both ends of what the model was learned on: the federated mean plus and minus two standard
    deviations, within what the study's range and a living person allow. The model is linear in each of its inputs, so what
    lies between gives an estimate between. A choice is tried at each answer. A held value is tried as it stands and as it
    was probably meant, since one of these is what a decision would make of it.
    """
    waiting = {_code(value): value for value in reversed(held) if _may_be_input(value, inputs=inputs)}
    found = []
    for feature in model.artifact.encoder.features:
        events: Iterable[tuple[str, str, Event]]
        why: Why
        if feature.code in waiting:
            why, events = "held", _of_held(waiting[feature.code], feature=feature, subject=subject)
        elif feature.name not in inputs.events:
            why, events = "missing", _plausible(feature, model=model, inputs=inputs, subject=subject)
        elif inputs.is_stale(feature.name):
            why, events = "stale", _plausible(feature, model=model, inputs=inputs, subject=subject)
        else:
            continue
        each = [
            IfItWere(value, probability, event, note)
            for value, note, event in events
            if (probability := _probability(inputs, model=model, event=event)) is not None
        ]
        if each:
            ordered = sorted(each, key=lambda one: one.probability)
            found.append(WouldMove(said(feature.title), why, ordered[0], ordered[-1], tuple(each), now))
    return tuple(sorted(found, key=lambda one: -one.furthest))


def _probability(inputs: Inputs, *, model: AdoptedModel, event: Event) -> float | None:
    site = model.site or SitePart.none(model.artifact)
    events = [*inputs.all_events, event]
    return predict(model.artifact, events=events, index_time=inputs.moment.time, site=site).probability


def _plausible(
    feature: Feature, *, model: AdoptedModel, inputs: Inputs, subject: int
) -> Iterable[tuple[str, str, Event]]:
    just_before = inputs.moment.time - timedelta(microseconds=1)
    if feature.code == BIRTH:
        return  # a birth date is asked of the patient, not measured; without it no estimate stands on its age
    if feature.choices:
        for answer in feature.choices:
            yield printed_input(feature, answer), "", Event(subject, just_before, f"{feature.code}//{answer}")
        return
    for number in _ends(feature, model=model):
        yield printed_input(feature, number), "", Event(subject, just_before, feature.code, number)


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


def _of_held(value: Value, *, feature: Feature, subject: int) -> Iterable[tuple[str, str, Event]]:
    time = _naive(value)
    given = ((value.value, gettext("as it stands")), (value.suggestion, gettext("as it was probably meant")))
    for number, note in given:
        if isinstance(number, bool | str):
            answer = str(number).lower() if isinstance(number, bool) else number
            yield printed_input(feature, answer), note, Event(subject, time, f"{feature.code}//{answer}")
        elif number is not None:
            stored = float(np.float32(number))
            yield printed_input(feature, stored), note, Event(subject, time, feature.code, stored)


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
