"""Events to numbers: the raw table of a cohort and the encoder that turns it into model inputs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wardround.learning.specification import Feature, ModelSpec

__all__ = [
    "BIRTH",
    "Column",
    "Encoder",
    "EventLike",
    "Feature",
    "ModelSpec",
    "RawTable",
    "raw_features",
    "used_events",
]

BIRTH = "MEDS_BIRTH"
Floats = NDArray[np.float64]


class EventLike(Protocol):
    """A MEDS event: what happened to a patient, when (no time: always true), with which number."""

    @property
    def subject_id(self) -> int: ...
    @property
    def time(self) -> datetime | None: ...
    @property
    def code(self) -> str: ...
    @property
    def numeric_value(self) -> float | None: ...


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A cohort's inputs in source values: one row per patient.

    ``columns`` holds per feature either float64 [patients] with nan for missing (numeric) or an object array
    [patients] of answers with None for missing (boolean: "false" / "true"; category).
    """

    features: tuple[Feature, ...]
    columns: Mapping[str, NDArray[Any]]
    patients: int

    def __post_init__(self) -> None:
        for feature in self.features:
            if len(self.columns[feature.name]) != self.patients:
                raise ValueError(f"Column {feature.name!r} does not have one value for each of the patients.")

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, object]], *, features: Sequence[Feature]) -> "RawTable":
        """A table from one mapping per patient; an absent key or None is missing. Booleans may be bool or text.

        Raises ValueError for an answer that the feature does not have.
        """
        columns: dict[str, NDArray[Any]] = {}
        for feature in features:
            cells = [row.get(feature.name) for row in rows]
            if feature.kind == "numeric":
                columns[feature.name] = np.array([_number(cell) for cell in cells], dtype=np.float64)
            else:
                columns[feature.name] = _objects([_answer(feature, cell) for cell in cells])
        return cls(features=tuple(features), columns=columns, patients=len(rows))

    def rows(self, chosen: NDArray[Any]) -> "RawTable":
        """The same table with the chosen patients only (an index or a mask)."""
        columns = {name: values[chosen] for name, values in self.columns.items()}
        count = len(next(iter(columns.values()))) if columns else 0
        return RawTable(features=self.features, columns=columns, patients=count)

    def missing(self, feature: Feature) -> NDArray[np.bool_]:
        """Which patients have no value of this feature; bool [patients]."""
        return self._missing[feature.name]

    @cached_property
    def _missing(self) -> dict[str, NDArray[np.bool_]]:
        return {feature.name: _missing(self.columns[feature.name], kind=feature.kind) for feature in self.features}


def _missing(column: NDArray[Any], *, kind: str) -> NDArray[np.bool_]:
    if kind == "numeric":
        return np.isnan(column.astype(np.float64))
    return np.array([cell is None for cell in column], dtype=bool)


def raw_features(
    events: Iterable[EventLike], *, index_times: Mapping[int, datetime], features: Sequence[Feature]
) -> RawTable:
    """The last value of every feature before each patient's index time; rows in the order of ``index_times``.

    An event at or after the index time is never an input; events without a time (sex) always are.
    Two different answers at the same moment contradict each other: the value is then missing, not chosen.
    A numeric value is taken as the shortest decimal with the same 32-bit representation, since MEDS stores 32 bits:
    a patient read from Parquet and the same patient handed over in memory give the same input.
    """
    found: dict[tuple[int, str], tuple[datetime, object]] = {}
    for feature, time, value, event in _inputs(events, index_times=index_times, features=features):
        key = (event.subject_id, feature.name)
        before = found.get(key)
        if before is None or time > before[0]:
            found[key] = (time, value)
        elif time == before[0] and value != before[1]:
            found[key] = (time, None)
    rows = [{feature.name: found.get((subject, feature.name), (None, None))[1] for feature in features}
            for subject in index_times]  # fmt: skip
    return RawTable.of_rows(rows, features=features)


def used_events(
    events: Iterable[EventLike], *, subject: int, index_time: datetime, features: Sequence[Feature]
) -> dict[str, list[EventLike]]:
    """The events of one patient from which `raw_features` reads each feature: those at the last moment that has any.

    These alone give the same row of inputs. Two that contradict each other are both there, and give none.
    """
    found: dict[str, tuple[datetime, list[EventLike]]] = {}
    for feature, time, _value, event in _inputs(events, index_times={subject: index_time}, features=features):
        before = found.get(feature.name)
        if before is None or time > before[0]:
            found[feature.name] = (time, [event])
        elif time == before[0]:
            before[1].append(event)
    return {name: found_there for name, (_time, found_there) in found.items()}


def _inputs(
    events: Iterable[EventLike], *, index_times: Mapping[int, datetime], features: Sequence[Feature]
) -> Iterator[tuple[Feature, datetime, object, EventLike]]:
    """The events that state a feature before their patient's index time, with the feature, the moment and the value."""
    by_code = _by_code(features)
    for event in events:
        index_time = index_times.get(event.subject_id)
        target = by_code.get(event.code)
        if index_time is None or target is None or (event.time is not None and event.time >= index_time):
            continue
        feature, answer = target
        value = _value(event, feature=feature, answer=answer, index_time=index_time)
        if value is not None:
            # MEDS times carry no zone; only their order matters.
            yield feature, event.time or datetime.min, value, event  # noqa: DTZ901


def _by_code(features: Sequence[Feature]) -> dict[str, tuple[Feature, str | None]]:
    found: dict[str, tuple[Feature, str | None]] = {}
    for feature in features:
        answers: tuple[str | None, ...] = feature.choices or (None,)
        for answer in answers:
            code = feature.code if answer is None else f"{feature.code}//{answer}"
            if code in found:
                raise ValueError(f"Features {found[code][0].name!r} and {feature.name!r} both read code {code!r}.")
            found[code] = (feature, answer)
    return found


def _value(event: EventLike, *, feature: Feature, answer: str | None, index_time: datetime) -> float | str | None:
    if answer is not None:
        return answer
    if feature.code == BIRTH:
        return None if event.time is None else float(index_time.year - event.time.year)
    if event.numeric_value is None or not np.isfinite(event.numeric_value):
        return None
    return float(str(np.float32(event.numeric_value)))


def _number(cell: object) -> float:
    if cell is None:
        return float("nan")
    if isinstance(cell, (int, float, np.integer, np.floating)):
        return float(cell)
    raise ValueError("A numeric feature holds something that is not a number.")


def _answer(feature: Feature, cell: object) -> str | None:
    if cell is None:
        return None
    text = str(cell).lower() if isinstance(cell, (bool, np.bool_)) else str(cell)
    if text not in feature.choices:
        raise ValueError(f"Feature {feature.name!r} has the answers {', '.join(feature.choices)}, and no other.")
    return text


def _objects(cells: Sequence[str | None]) -> NDArray[Any]:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


@dataclass(frozen=True, kw_only=True)
class Column:
    """One model input. ``part`` is "value", "missing", or an answer of the feature.

    ``mean`` and ``sd`` are federated: over all hospitals' training patients (value and answer: those observed).
    """

    feature: str
    part: str
    mean: float
    sd: float

    @property
    def name(self) -> str:
        """Unique name of the input, e.g. ``age``, ``age: missing``, ``sex = male``."""
        if self.part == "value":
            return self.feature
        return f"{self.feature}: missing" if self.part == "missing" else f"{self.feature} = {self.part}"


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """Raw table to model inputs, with federated statistics only: (x - mean) / sd for every input.

    A missing value stands at the federated mean, which is 0 after standardisation; that it is missing is visible
    in an input of its own where the federation knows enough missing ones. An answer outside the federated
    vocabulary counts as none of the answers.
    """

    features: tuple[Feature, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs in order."""
        return tuple(column.name for column in self.columns)

    def transform(self, raw: RawTable) -> Floats:
        """Model inputs, float64 [patients, inputs]. The very same code serves training and one patient."""
        if raw.features != self.features:
            raise ValueError("The table's features are not those that the encoder was made for.")
        by_name = {feature.name: feature for feature in self.features}
        inputs = np.zeros((raw.patients, len(self.columns)), dtype=np.float64)
        for position, column in enumerate(self.columns):
            feature = by_name[column.feature]
            missing = raw.missing(feature)
            if column.part == "missing":
                inputs[:, position] = (missing.astype(np.float64) - column.mean) / column.sd
                continue
            cells = raw.columns[feature.name]
            seen = cells.astype(np.float64) if column.part == "value" else (cells == column.part).astype(np.float64)
            inputs[:, position] = np.where(missing, 0.0, (seen - column.mean) / column.sd)
        return inputs

    def to_json(self) -> dict[str, Any]:
        """The encoder as JSON values; ``from_json`` reads it back."""
        return {
            "features": [
                {
                    "name": f.name,
                    "kind": f.kind,
                    "code": f.code,
                    "title": f.title,
                    "unit": f.unit,
                    "answers": list(f.answers),
                }
                for f in self.features
            ],
            "columns": [{"feature": c.feature, "part": c.part, "mean": c.mean, "sd": c.sd} for c in self.columns],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Encoder":
        """Raises ValueError or KeyError when the document is not an encoder."""
        features = tuple(Feature(**{**entry, "answers": tuple(entry["answers"])}) for entry in document["features"])
        columns = tuple(Column(**entry) for entry in document["columns"])
        names = {feature.name for feature in features}
        for column in columns:
            if column.feature not in names:
                raise ValueError(f"Input {column.name!r} belongs to no feature of the model.")
            if not (np.isfinite(column.mean) and np.isfinite(column.sd) and column.sd > 0):
                raise ValueError(f"Input {column.name!r} has no usable mean and standard deviation.")
        return cls(features=features, columns=columns)
