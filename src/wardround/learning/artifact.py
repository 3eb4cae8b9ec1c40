"""A model as a file: safetensors with a JSON manifest in its header; read with numpy, never pickle."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load, save

from wardround.learning.features import Encoder

Floats = NDArray[np.float64]

FORMAT = "wardround-model-1"
LARGEST_FILE = 64 * 1024 * 1024
LARGEST_WEIGHT = 100.0


class ArtifactError(Exception):
    """The bytes are not a model that may be used; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model and all that is needed to use it.

    ``weights`` float64 [1 + inputs], intercept first; ``covariance`` [1 + inputs, 1 + inputs] of the shared weights;
    ``fold_weights`` [folds, 1 + inputs]: the same model learned without each fold, so that a hospital can judge it on
    patients it was not learned from. ``candidate`` is the chosen site part (``shared``, ``intercept``, ``deviation 20``),
    ``strength`` its number and ``intercept_strength`` the one of the site intercept.
    ``ranges``: (feature, low, high) the model knows; ``training``: hospitals, patients, rounds, method, seed, figures.
    """

    kind: Literal["global", "local"]
    study: str
    study_hash: str
    outcome: str
    encoder: Encoder
    weights: Floats
    covariance: Floats
    fold_weights: Floats
    candidate: Literal["shared", "intercept", "deviation"] = "shared"
    strength: float = 0.0
    intercept_strength: float = 0.1
    ranges: tuple[tuple[str, float, float], ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = 1 + len(self.encoder.columns)
        if self.weights.shape != (size,) or self.covariance.shape != (size, size):
            raise ArtifactError(f"The model has {len(self.encoder.columns)} inputs but weights of another shape.")
        if self.fold_weights.ndim != 2 or self.fold_weights.shape[1] != size:
            raise ArtifactError("The model's fold weights have another shape than its weights.")
        for name in ("weights", "covariance", "fold_weights"):
            if not np.isfinite(getattr(self, name)).all():
                raise ArtifactError(f"The model's {name.replace('_', ' ')} hold a value that is not finite.")
        if max(np.abs(self.weights).max(), np.abs(self.fold_weights).max(initial=0.0)) > LARGEST_WEIGHT:
            raise ArtifactError(f"The model has a weight beyond {LARGEST_WEIGHT:g}; no honest fit has.")
        if np.any(np.diag(self.covariance) < 0):
            raise ArtifactError("The model's covariance has a negative variance.")

    def to_bytes(self) -> bytes:
        """The file's bytes; the same model gives the same bytes."""
        manifest = {
            "format": FORMAT,
            "kind": self.kind,
            "study": self.study,
            "study_hash": self.study_hash,
            "outcome": self.outcome,
            "encoder": self.encoder.to_json(),
            "candidate": self.candidate,
            "strength": self.strength,
            "intercept_strength": self.intercept_strength,
            "ranges": [list(entry) for entry in self.ranges],
            "training": dict(self.training),
        }
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        tensors = {
            "weights": np.ascontiguousarray(self.weights, dtype=np.float64),
            "covariance": np.ascontiguousarray(self.covariance, dtype=np.float64),
            "fold_weights": np.ascontiguousarray(self.fold_weights, dtype=np.float64),
        }
        return bytes(save(tensors, metadata={"manifest": text}))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Artifact":
        """Raises ArtifactError when the bytes are not such a file or hold impossible values."""
        if len(data) > LARGEST_FILE:
            raise ArtifactError("The model file is larger than 64 MiB.")
        try:
            tensors = load(data)
            manifest = json.loads(_metadata(data)["manifest"])
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError("The bytes are not a model file.") from error
        if manifest.get("format") != FORMAT or manifest.get("kind") not in ("global", "local"):
            raise ArtifactError(f"The model file is not of format {FORMAT}.")
        if set(tensors) != {"weights", "covariance", "fold_weights"}:
            raise ArtifactError("The model file holds other tensors than a model has.")
        if any(tensor.dtype != np.float64 for tensor in tensors.values()):
            raise ArtifactError("The model file's tensors must be 64-bit floating point.")
        try:
            return cls(
                kind=manifest["kind"],
                study=manifest["study"],
                study_hash=manifest["study_hash"],
                outcome=manifest["outcome"],
                encoder=Encoder.from_json(manifest["encoder"]),
                candidate=manifest["candidate"],
                strength=float(manifest["strength"]),
                intercept_strength=float(manifest["intercept_strength"]),
                ranges=tuple((str(name), float(low), float(high)) for name, low, high in manifest["ranges"]),
                training=manifest["training"],
                **tensors,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtifactError("The model file's manifest lacks a field or holds an impossible one.") from error

    @cached_property
    def sha256(self) -> str:
        """Hash of the file's bytes: the model's name everywhere."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(self.to_bytes())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Artifact":
        """Raises ArtifactError as ``from_bytes`` does."""
        return cls.from_bytes(path.read_bytes())


def _metadata(data: bytes) -> dict[str, str]:
    """The header's text entries: eight bytes of length, then JSON (safetensors format)."""
    length = int.from_bytes(data[:8], "little")
    found: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return found
