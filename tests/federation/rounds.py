"""Secure sums for tests: a small federation in one process, and a wire that can lose and alter messages."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wardround.federation.errors import SumRefused
from wardround.federation.fixed_point import Encoding
from wardround.federation.messages import decode, encode
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import Phase, SumContext
from wardround.federation.secure_sum.party import Node, Party
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord

NAMES = ("amsterdam", "basel", "cleveland", "debrecen", "edinburgh", "fermo", "ghent", "haarlem", "izmir", "jena")
STUDY = "5" * 64
REQUEST = b"the global model of round 4"
IDENTITIES = {name: Ed25519PrivateKey.generate() for name in (*NAMES, "mallory")}

Wire = Callable[[Phase, str, bytes], bytes | None]


def untouched(phase: Phase, name: str, data: bytes) -> bytes | None:
    return data


class Federation:
    """Hospitals with pinned keys, records on disk, and one vector each."""

    def __init__(self, folder: Path, *, hospitals: int = 4, length: int = 5, bits: int = 64, bound: float = 100.0):
        self.names = NAMES[:hospitals]
        self.pinned = {name: IDENTITIES[name].public_key() for name in self.names}
        self.encoding = Encoding(bits=bits, bound=bound)
        self.vectors = {
            name: np.random.default_rng(place).uniform(-bound, bound, length) for place, name in enumerate(self.names)
        }
        self.length = length
        self.nodes = {
            name: Node(
                name=name,
                identity=IDENTITIES[name],
                pinned=self.pinned,
                record=UnmaskingRecord(folder / name / "unmasking"),
            )
            for name in self.names
        }

    def context(self, *, request: bytes = REQUEST, **changes) -> SumContext:
        given = {
            "study": STUDY,
            "run": "run-1",
            "purpose": "fit",
            "round": 4,
            "roster": self.names,
            "encoding": self.encoding,
            "length": self.length,
        }
        return SumContext.of_request(request, **{**given, **changes})

    def party(self, name: str, *, context: SumContext | None = None, request: bytes = REQUEST) -> Party:
        return Party(
            context or self.context(request=request),
            node=self.nodes[name],
            request=request,
            vector=lambda: self.vectors[name],
            rounding=np.random.default_rng([7, *name.encode()]),
        )

    def aggregator(self, *, context: SumContext | None = None, request: bytes = REQUEST) -> Aggregator:
        return Aggregator(context or self.context(request=request), pinned=self.pinned, request=request)

    def plain_sum(self, names: tuple[str, ...]) -> np.ndarray:
        """The sum of the same fixed-point words without masks: what a secure sum must equal exactly."""
        total = np.zeros(self.length, dtype=self.encoding.dtype)
        for name in names:
            rounding = np.random.default_rng([7, *name.encode()])
            total += self.encoding.encode(self.vectors[name], hospitals=len(self.names), rounding=rounding)
        return self.encoding.decode(total, hospitals=len(self.names))


class Exchange:
    """Calls each party in turn. ``to_hospital`` and ``to_coordinator`` may alter a message or lose it (None)."""

    def __init__(
        self, parties: Mapping[str, Party], *, to_hospital: Wire = untouched, to_coordinator: Wire = untouched
    ):
        self.parties = parties
        self.to_hospital = to_hospital
        self.to_coordinator = to_coordinator
        self.refusals: dict[str, str] = {}
        self.sent: dict[str, dict[str, bytes]] = {}
        self.received: dict[str, dict[str, bytes]] = {}

    def __call__(self, phase: Phase, requests: Mapping[str, bytes]) -> Mapping[str, bytes]:
        answers = {}
        for name, request in requests.items():
            arrived = self.to_hospital(phase, name, request)
            if arrived is None:
                continue
            self.received.setdefault(name, {})[phase] = arrived
            try:
                answer = self.parties[name].handle(phase, arrived)
            except SumRefused as refusal:
                self.refusals[name] = str(refusal)
                continue
            self.sent.setdefault(name, {})[phase] = answer
            delivered = self.to_coordinator(phase, name, answer)
            if delivered is not None:
                answers[name] = delivered
        return answers


def losing(lost: Mapping[str, set[str]]) -> Wire:
    """A wire that loses what these hospitals send in these phases."""
    return lambda phase, name, data: None if name in lost.get(phase, set()) else data


def parties_of(federation, **changes):
    return {name: federation.party(name, **changes) for name in federation.names}


def altered(data, *, direction="to hospital", signer=None, **changes):
    """The same message with other fields; ``signer`` signs it anew when its kind is signed."""
    read = decode(data, direction=direction)
    fields = {name: changes.get(name, value) for name, value in read.fields.items()}
    return encode(read.kind.name, fields, identity=IDENTITIES[signer] if signer else None)


def changing(phase, victim, **changes):
    """A wire that alters what one hospital is told in one phase."""

    def wire(now, name, data):
        return altered(data, **changes) if (now, name) == (phase, victim) else data

    return wire


def run_until(phase, federation, parties, exchange):
    """An honest sum up to this phase; the messages of the phase that an honest coordinator would send now."""
    aggregator = federation.aggregator()
    while aggregator.phase != phase:
        aggregator.receive(exchange(aggregator.phase, aggregator.requests()))
    return aggregator.requests()
