"""What a coordinator must remember of a run to go on after it was stopped anywhere: whole, or not at all."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from wardround.federation.errors import FederationError
from wardround.learning.evaluate import Metrics
from wardround.learning.newton import NewtonState

Floats = NDArray[np.float64]
Stage = Literal["statistics", "training", "handing out", "done"]

FORMAT = "wardround-run-1"


class StateStore(Protocol):
    """Keeps one study's run. ``save`` returns when the bytes are on the disk, as a whole or not at all.

    Give every run of one study (hash) the same store: a study's sums are revealed once, so a new run goes on from
    where the last one ended.
    """

    def load(self) -> bytes | None: ...
    def save(self, data: bytes) -> None: ...


class StateError(FederationError):
    """The stored state is not of this study, or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class RoundRecord:
    """One completed round, for pages and reports."""

    round: int
    candidate: str
    metrics: Metrics | None
    largest_step: float
    seconds: float
    bytes_up_per_hospital: int


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A sum whose unmasking was asked: its input is spent, so after a stop exactly this one goes on."""

    round: int
    masked: bytes
    roster: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunMemory:
    """The whole run between two steps. ``round`` is the last completed one: -1 before the statistics, 0 after them.

    ``validation`` [candidates, folds] and ``histograms`` [candidates, words] belong to the accepted models.
    """

    study_hash: str
    run: str
    roster: tuple[str, ...]
    stage: Stage = "statistics"
    round: int = -1
    statistics: Floats | None = None
    newton: NewtonState | None = None
    validation: Floats | None = None
    histograms: Floats | None = None
    history: tuple[RoundRecord, ...] = ()
    pending: Pending | None = None
    artifact: bytes | None = None
    ended_early: bool = False
    received: tuple[str, ...] = field(default=())

    def changed(self, **changes: Any) -> "RunMemory":
        return replace(self, **changes)

    def to_bytes(self) -> bytes:
        """JSON; arrays as base64 of float64, so that nothing is rounded."""
        newton = (
            None if self.newton is None else {f.name: _array(getattr(self.newton, f.name)) for f in fields(NewtonState)}
        )
        document = {
            "format": FORMAT,
            "study_hash": self.study_hash,
            "run": self.run,
            "roster": list(self.roster),
            "stage": self.stage,
            "round": self.round,
            "statistics": _array(self.statistics),
            "newton": newton,
            "validation": _array(self.validation),
            "histograms": _array(self.histograms),
            "history": [_record(entry) for entry in self.history],
            "pending": None
            if self.pending is None
            else {
                "round": self.pending.round,
                "masked": base64.b64encode(self.pending.masked).decode(),
                "roster": list(self.pending.roster),
            },
            "artifact": None if self.artifact is None else base64.b64encode(self.artifact).decode(),
            "ended_early": self.ended_early,
            "received": list(self.received),
        }
        return json.dumps(document).encode()

    @classmethod
    def from_bytes(cls, data: bytes, *, study_hash: str) -> "RunMemory":
        """Raises StateError when the bytes are another study's or damaged."""
        try:
            document = json.loads(data)
            if document["format"] != FORMAT or document["study_hash"] != study_hash:
                raise StateError("The stored run is of another study or another version of Wardround.")
            newton = document["newton"]
            pending = document["pending"]
            return cls(
                study_hash=study_hash,
                run=document["run"],
                roster=tuple(document["roster"]),
                stage=document["stage"],
                round=document["round"],
                statistics=_read(document["statistics"]),
                newton=None
                if newton is None
                else NewtonState(**{name: _read(entry) for name, entry in newton.items()}),
                validation=_read(document["validation"]),
                histograms=_read(document["histograms"]),
                history=tuple(_read_record(entry) for entry in document["history"]),
                pending=None
                if pending is None
                else Pending(
                    round=pending["round"],
                    masked=base64.b64decode(pending["masked"]),
                    roster=tuple(pending["roster"]),
                ),
                artifact=None if document["artifact"] is None else base64.b64decode(document["artifact"]),
                ended_early=document["ended_early"],
                received=tuple(document["received"]),
            )
        except (ValueError, LookupError, TypeError) as error:
            raise StateError("The stored run cannot be read.") from error


def _array(values: NDArray[Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    kept = np.ascontiguousarray(values)
    return {"type": kept.dtype.str, "shape": list(kept.shape), "data": base64.b64encode(kept.tobytes()).decode()}


def _read(entry: Mapping[str, Any] | None) -> Any:
    if entry is None:
        return None
    if entry["type"] not in ("<f8", "|b1"):
        raise ValueError("An array of the stored run has an unknown type.")
    return np.frombuffer(base64.b64decode(entry["data"]), dtype=entry["type"]).reshape(entry["shape"]).copy()


def _record(entry: RoundRecord) -> dict[str, Any]:
    return asdict(entry)


def _read_record(entry: Mapping[str, Any]) -> RoundRecord:
    metrics = entry["metrics"]
    return RoundRecord(**{**entry, "metrics": None if metrics is None else Metrics(**metrics)})
