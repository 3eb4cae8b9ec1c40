"""What a coordinator asks of a hospital in one secure sum, in clear: a question, or the models to work on.

The request's hash is what a hospital's one unmasking answer is bound to. So it holds the models and nothing that
could be changed to ask about the same models again: no round, no run, no roster.
"""

import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.errors import MessageError
from wardround.federation.fixed_point import Encoding

Floats = NDArray[np.float64]
RequestKind = Literal["statistics", "fit", "update"]

# The bounds and words of each purpose are the protocol's, not the coordinator's choice.
ENCODINGS: dict[str, Encoding] = {
    "statistics": Encoding(bits=64, bound=2.0**36),
    "fit": Encoding(bits=64, bound=2.0**26),
    "update": Encoding(bits=64, bound=2.0**26),
}

LARGEST_WEIGHT = 100.0
_LENGTH = struct.Struct(">I")
_LARGEST_HEADER = 4096


@dataclass(frozen=True, kw_only=True)
class RoundRequest:
    """``statistics``: nothing more. ``fit`` and ``update``: the federated statistics [words], from which every hospital
    builds the same encoder, and the shared weights [models, weights].
    """

    kind: RequestKind
    statistics: Floats | None = None
    shared: Floats | None = None

    def to_bytes(self) -> bytes:
        """One encoding only: canonical JSON with the shapes, then little-endian float64."""
        if self.kind == "statistics":
            return _framed({"kind": self.kind}, b"")
        if self.statistics is None or self.shared is None:
            raise MessageError(f"A {self.kind} request needs the federated statistics and the shared weights.")
        header = {
            "kind": self.kind,
            "statistics": len(self.statistics),
            "models": self.shared.shape[0],
            "weights": self.shared.shape[1],
        }
        return _framed(header, _floats(self.statistics) + _floats(self.shared.ravel()))

    @classmethod
    def from_bytes(cls, data: bytes, *, purpose: str) -> "RoundRequest":
        """Raises MessageError for anything but one request of this purpose with finite, bounded numbers."""
        if len(data) < _LENGTH.size:
            raise MessageError("The request is cut off.")
        (length,) = _LENGTH.unpack(data[: _LENGTH.size])
        start = _LENGTH.size + length
        if length > _LARGEST_HEADER or start > len(data):
            raise MessageError("The request is cut off, or its header is too long.")
        try:
            header = read_canonical(data[_LENGTH.size : start])
        except NotCanonical as error:
            raise MessageError("The request's header cannot be read.") from error
        if not isinstance(header, dict) or header.get("kind") != purpose or purpose not in ENCODINGS:
            raise MessageError("The request is not of the purpose that its sum names.")
        if purpose == "statistics":
            if header.keys() != {"kind"} or start != len(data):
                raise MessageError("A statistics request holds more than its kind.")
            return cls(kind="statistics")
        return _with_models(header, data[start:], kind="fit" if purpose == "fit" else "update")


def _with_models(header: dict[str, object], body: bytes, *, kind: RequestKind) -> RoundRequest:
    if header.keys() != {"kind", "statistics", "models", "weights"}:
        raise MessageError("The request's header lacks a field or has another.")
    shape = (header["statistics"], header["models"], header["weights"])
    words, models, weights = (value if type(value) is int and 0 < value < 1_000_000 else 0 for value in shape)
    if not (words and models and weights) or len(body) != 8 * (words + models * weights):
        raise MessageError("The request's model has another shape than it says.")
    numbers = np.frombuffer(body, dtype="<f8").astype(np.float64)
    if not np.isfinite(numbers).all():
        raise MessageError("The request's model holds a number that is not finite.")
    shared = numbers[words:].reshape(models, weights)
    if float(np.abs(shared).max()) > LARGEST_WEIGHT:
        raise MessageError(f"The request's model has a weight beyond {LARGEST_WEIGHT:g}; no honest fit has.")
    return RoundRequest(kind=kind, statistics=numbers[:words], shared=shared)


def _framed(header: dict[str, object], body: bytes) -> bytes:
    text = canonical(header)
    return _LENGTH.pack(len(text)) + text + body


def _floats(values: Floats) -> bytes:
    return bytes(np.ascontiguousarray(values, dtype="<f8").tobytes())
