"""A whole federation in one process: the same state machines, the messages handed over in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wardround.federation.aggregate import CoordinatorRun
from wardround.federation.identity import Member
from wardround.federation.orders import Orders
from wardround.federation.progress import OnProgress, silent
from wardround.federation.round import HospitalPolicy, HospitalRun, RunKeys
from wardround.federation.run_state import StateStore
from wardround.federation.secure_sum.party import Node
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord
from wardround.federation.study import Study
from wardround.learning.site import SiteData

Handle = Callable[[bytes], bytes]
Fault = Callable[[str, str, bytes], bytes | None]


def no_fault(_hospital: str, _phase: str, answer: bytes) -> bytes | None:
    """Every answer arrives."""
    return answer


@dataclass
class MemoryTransport:
    """Carries messages to functions. ``fault(hospital, phase, answer)`` sees each answer before it is delivered and
    gives what arrives: the answer, another one, or None for a hospital that drops out. A name missing from
    ``hospitals`` never answers. ``sent`` and ``received`` count bytes by hospital.
    """

    hospitals: dict[str, Handle]
    fault: Fault = no_fault
    sent: dict[str, int] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)

    def exchange(self, requests: Mapping[str, bytes], *, phase: str, minimum: int) -> Mapping[str, bytes]:  # noqa: ARG002
        """Every hospital answers in turn, in the order of names, so that a run repeats exactly."""
        answers: dict[str, bytes] = {}
        for name in sorted(requests):
            self.sent[name] = self.sent.get(name, 0) + len(requests[name])
            if name not in self.hospitals:
                continue
            answer = self.fault(name, phase, self.hospitals[name](requests[name]))
            if answer is not None:
                self.received[name] = self.received.get(name, 0) + len(answer)
                answers[name] = answer
        return answers


@dataclass
class MemoryStore:
    """Keeps a run's state in memory; ``saves`` counts."""

    data: bytes | None = None
    saves: int = 0

    def load(self) -> bytes | None:
        return self.data

    def save(self, data: bytes) -> None:
        self.data = data
        self.saves += 1


class MemoryFederation:
    """Hospitals and a coordinator with fresh keys in one process: for the benchmark, the tests, and to compare with.

    ``models`` holds the global model's bytes as each hospital received them. The same study and sites give the same
    model bytes as over any other transport.
    """

    def __init__(
        self,
        study: Study,
        *,
        sites: Mapping[str, SiteData],
        folder: Path,
        policy: HospitalPolicy | None = None,
        fault: Fault = no_fault,
    ) -> None:
        """``folder`` takes the hospitals' records; a new one for each study, since a study's sums are revealed once."""
        self.study = study
        self.sites = dict(sites)
        self.models: dict[str, bytes] = {}
        self.store: StateStore = MemoryStore()
        self._folder = folder
        self._policy = policy
        self._identity = Ed25519PrivateKey.generate()
        self._signing = {name: Ed25519PrivateKey.generate() for name in sites}
        self._sealing = {name: X25519PrivateKey.generate() for name in sites}
        self.members = {
            name: Member(name=name, identity=self._signing[name].public_key(), sealing=self._sealing[name].public_key())
            for name in sites
        }
        self.transport = MemoryTransport(hospitals={}, fault=fault)
        for name in sites:
            self.start_hospital(name)

    def start_hospital(self, name: str) -> HospitalRun:
        """A new process of this hospital, as after a restart: keys and records are the old ones."""
        home = self._folder / name
        home.mkdir(parents=True, exist_ok=True)
        node = Node(
            name=name,
            identity=self._signing[name],
            pinned={other: member.identity for other, member in self.members.items()},
            record=UnmaskingRecord(home / "unmasking"),
        )
        run = HospitalRun(
            self.study,
            site=self.sites[name],
            keys=RunKeys(node=node, sealing=self._sealing[name], coordinator=self._identity.public_key()),
            folder=home / "study",
            on_model=partial(self.models.__setitem__, name),
            policy=self._policy,
        )
        self.transport.hospitals[name] = run.handle
        return run

    def coordinator(
        self, *, on_progress: OnProgress = silent, may_shrink: bool = False, orders: Orders | None = None
    ) -> CoordinatorRun:
        """A new process of the coordinator on the same store, as after a restart."""
        return CoordinatorRun(
            self.study,
            run="memory",
            members=self.members,
            identity=self._identity,
            transport=self.transport,
            store=self.store,
            on_progress=on_progress,
            may_shrink=may_shrink,
            orders=orders,
        )
