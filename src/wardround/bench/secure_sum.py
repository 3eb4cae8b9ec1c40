"""What a secure sum costs beside a plain sum of float32 arrays: seconds and bytes, by number of hospitals and words."""

import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from wardround.federation.fixed_point import Encoding
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import Phase, SumContext
from wardround.federation.secure_sum.party import Node, Party
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord

Floats = NDArray[np.float64]
SIZES = ((4, 100_000), (10, 100_000), (4, 1_000_000), (10, 1_000_000))
_REQUEST = b"the global model of a round"


class WrongSumError(Exception):
    """The secure sum is not the plain sum: the benchmark stops, since its times would mean nothing."""


def bench_secure_sum(
    *, sizes: tuple[tuple[int, int], ...] = SIZES, bits: Literal[32, 64] = 32, repeats: int = 3
) -> dict[str, Any]:
    """One row for each (hospitals, words): the fastest of ``repeats`` sums, all hospitals in turn in one process.

    Raises WrongSumError when a secure sum differs from the plain one by more than rounding.
    """
    rows = []
    for hospitals, words in sizes:
        tries = [_one(hospitals=hospitals, words=words, bits=bits, seed=number) for number in range(repeats)]
        rows.append(min(tries, key=lambda row: row["seconds"]["all_in_one_process"]))
    return {"bits": bits, "repeats": repeats, "rows": rows}


def _one(*, hospitals: int, words: int, bits: Literal[32, 64], seed: int) -> dict[str, Any]:
    names = tuple(f"hospital-{number:02d}" for number in range(hospitals))
    random = np.random.default_rng(seed)
    vectors = {name: random.uniform(-1, 1, words) for name in names}
    floor = _plain(vectors)
    with tempfile.TemporaryDirectory() as folder:
        identities = {name: Ed25519PrivateKey.generate() for name in names}
        pinned = {name: key.public_key() for name, key in identities.items()}
        context = SumContext.of_request(
            _REQUEST,
            study="0" * 64,
            run="bench",
            purpose="update",
            round=seed,
            roster=names,
            encoding=Encoding(bits=bits, bound=1.0),
            length=words,
        )
        nodes = {
            name: Node(name=name, identity=identities[name], pinned=pinned, record=UnmaskingRecord(Path(folder) / name))
            for name in names
        }
        parties = {name: _party(context, node=nodes[name], vector=vectors[name], seed=seed) for name in names}
        wire = _Wire(parties)
        start = time.perf_counter()
        result = Aggregator(context, pinned=pinned, request=_REQUEST).run(wire)
        seconds = time.perf_counter() - start
    off = float(np.abs(result.total - sum(vectors.values())).max())
    if off > hospitals * context.encoding.step(hospitals=hospitals) + 1e-9:
        raise WrongSumError(f"The secure sum of {hospitals} hospitals is off by {off:g}.")
    sent = sum(wire.bytes_up.values()) / hospitals
    return {
        "hospitals": hospitals,
        "words": words,
        "bytes_up_per_hospital": round(sent),
        "bytes_down_per_hospital": round(sum(wire.bytes_down.values()) / hospitals),
        "bytes_up_over_float32": round(sent / (4 * words), 4),
        "largest_error": off,
        "seconds": {
            "one_hospital": round(sum(wire.seconds.values()) / hospitals, 4),
            "one_hospital_by_phase": {phase: round(spent / hospitals, 4) for phase, spent in wire.seconds.items()},
            "coordinator": round(seconds - sum(wire.seconds.values()), 4),
            "all_in_one_process": round(seconds, 4),
            "plain_float32_sum": round(floor, 4),
        },
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _party(context: SumContext, *, node: Node, vector: Floats, seed: int) -> Party:
    rounding = np.random.default_rng([seed, *node.name.encode()])
    return Party(context, node=node, request=_REQUEST, vector=lambda: vector, rounding=rounding)


def _plain(vectors: Mapping[str, Floats]) -> float:
    """Seconds to send nothing and add up: every hospital's numbers as float32 bytes, read and summed."""
    start = time.perf_counter()
    sent = [vector.astype(np.float32).tobytes() for vector in vectors.values()]
    total = np.zeros(len(next(iter(vectors.values()))), dtype=np.float32)
    for data in sent:
        total += np.frombuffer(data, dtype=np.float32)
    return time.perf_counter() - start


class _Wire:
    """Calls the hospitals one after the other, and keeps time and bytes by phase."""

    def __init__(self, parties: Mapping[str, Party]) -> None:
        self._parties = parties
        self.seconds: dict[str, float] = defaultdict(float)
        self.bytes_up: dict[str, int] = defaultdict(int)
        self.bytes_down: dict[str, int] = defaultdict(int)

    def __call__(self, phase: Phase, requests: Mapping[str, bytes], /) -> Mapping[str, bytes]:
        answers = {}
        for name, request in requests.items():
            handle: Callable[[Phase, bytes], bytes] = self._parties[name].handle
            start = time.perf_counter()
            answers[name] = handle(phase, request)
            self.seconds[phase] += time.perf_counter() - start
            self.bytes_down[phase] += len(request)
            self.bytes_up[phase] += len(answers[name])
        return answers
