"""One secure sum at the coordinator, with patience: all of the roster or none, repeated with new keys if need be."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from numpy.typing import NDArray

from wardround.federation.errors import FederationError, MessageError, RoundAbandoned
from wardround.federation.identity import Member
from wardround.federation.messages import decode
from wardround.federation.orders import NoOrders, Orders
from wardround.federation.progress import Condition, ExchangeBegan, ExchangeEnded, HospitalsMoved, OnProgress, Said
from wardround.federation.round_request import ENCODINGS, RoundRequest
from wardround.federation.sealing import SealedUse, seal
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import MINIMUM_HOSPITALS, Phase, SumContext, required_threshold

Floats = NDArray[np.float64]

PATIENCE = 3


class Transport(Protocol):
    """Carries one message to each hospital and brings the answers back.

    ``minimum``: once so many have answered, the transport may stop waiting for the others after a grace of its own.
    Who is missing from the answers has dropped out of this phase.
    """

    def exchange(self, requests: Mapping[str, bytes], *, phase: str, minimum: int) -> Mapping[str, bytes]: ...


class HospitalsMissing(FederationError):
    """The sum waits for hospitals that do not answer; nothing was revealed, and it can be tried again later."""

    def __init__(self, names: tuple[str, ...], *, reasons: Mapping[str, str]) -> None:
        details = " ".join(reasons[name] for name in names if name in reasons)
        super().__init__(f"The round waits for {', '.join(names)}. {details}".strip())
        self.names = names


class RefusedByHospitals(FederationError):
    """Hospitals refuse the sum, attempt after attempt: waiting does not help."""


class UnmaskingUnanswered(FederationError):
    """Too few hospitals answered the unmasking of a spent sum; only the same question may be asked again later."""


@dataclass(frozen=True, kw_only=True)
class Federation:
    """Who takes part, and as whom the coordinator signs."""

    members: Mapping[str, Member]
    identity: Ed25519PrivateKey
    transport: Transport
    on_progress: OnProgress
    orders: Orders = field(default_factory=NoOrders)


@dataclass(frozen=True, kw_only=True)
class Summed:
    """A total over exactly ``roster``, and the mean bytes that a hospital sent for it."""

    total: Floats
    roster: tuple[str, ...]
    bytes_up_per_hospital: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one sum is of."""

    study: str
    run: str
    round: int
    request: RoundRequest
    length: int


class Summation:
    """Runs one sum at a time. ``keep`` stores the masked sum before its unmasking is asked."""

    def __init__(
        self, federation: Federation, *, keep: Callable[[bytes, tuple[str, ...]], None], patience: int = PATIENCE
    ) -> None:
        """``keep(masked, roster)`` is called before the unmasking is asked."""
        self._federation = federation
        self._keep = keep
        self._patience = patience
        self._bytes_up = 0
        self._refused: set[str] = set()

    def sum(self, question: Question, *, roster: tuple[str, ...], may_shrink: bool) -> Summed:
        """The total over the whole roster, or over what is left of it where ``may_shrink`` allows.

        Raises HospitalsMissing when a hospital of a fixed roster does not answer in any attempt (nothing revealed),
        UnmaskingUnanswered when the sum is spent but not revealed, StoppedByOrder before an attempt.
        """
        self._bytes_up = 0
        attempt = 0
        while True:
            self._federation.orders.before_sum(question.round)
            context = self._context(question, roster=roster, attempt=attempt)
            try:
                aggregator = Aggregator(
                    context, pinned=self._pinned(roster), request=self._sealed(question, roster=roster)
                )
                exchange = self._exchange_of_all(threshold=context.threshold, attempt=attempt + 1)
                result = aggregator.run(exchange, keep=partial(self._keep_for, roster))
                return Summed(total=result.total, roster=roster, bytes_up_per_hospital=self._bytes_up // len(roster))
            except RoundAbandoned as abandoned:
                if abandoned.spent:
                    raise UnmaskingUnanswered(str(abandoned)) from abandoned
                attempt += 1
                missing = tuple(sorted(abandoned.reasons.keys() & set(roster)))
                self._federation.on_progress(
                    Said(sentence=f"The sum was given up before anything was revealed, and begins again. {abandoned}")
                )
                is_closed = bool(missing) and self._federation.orders.is_closed(question.round)
                if attempt % self._patience and not is_closed:
                    continue
                roster = self._left_over(
                    roster,
                    missing=missing,
                    refused=frozenset(self._refused),
                    reasons=abandoned.reasons,
                    may_shrink=may_shrink,
                )

    def _keep_for(self, roster: tuple[str, ...], masked: bytes) -> None:
        self._keep(masked, roster)

    def resume(self, masked: bytes, *, roster: tuple[str, ...]) -> Summed:
        """The total of a sum whose unmasking was asked before the coordinator stopped: the same question again."""
        self._bytes_up = 0
        sentence = ""
        for _ in range(self._patience):
            try:
                aggregator = Aggregator.resume(masked, pinned=self._pinned(roster))
                exchange = self._exchange_of_all(threshold=required_threshold(len(roster)), attempt=1)
                result = aggregator.run(exchange)
                return Summed(total=result.total, roster=roster, bytes_up_per_hospital=self._bytes_up // len(roster))
            except RoundAbandoned as abandoned:
                sentence = str(abandoned)
        raise UnmaskingUnanswered(sentence)

    def _context(self, question: Question, *, roster: tuple[str, ...], attempt: int) -> SumContext:
        context = SumContext.of_request(
            question.request.to_bytes(),
            study=question.study,
            run=question.run,
            purpose=question.request.kind,
            round=question.round,
            roster=roster,
            encoding=ENCODINGS[question.request.kind],
            length=question.length,
        )
        for _ in range(attempt):
            context = context.repeated()
        return context

    def _pinned(self, roster: tuple[str, ...]) -> dict[str, Ed25519PublicKey]:
        return {name: self._federation.members[name].identity for name in roster}

    def _sealed(self, question: Question, *, roster: tuple[str, ...]) -> dict[str, bytes]:
        to = {name: self._federation.members[name].sealing for name in roster}
        about = SealedUse(study=question.study, run=question.run, round=question.round, use="request")
        return seal(question.request.to_bytes(), to=to, signer=self._federation.identity, about=about)

    def _exchange_of_all(
        self, *, threshold: int, attempt: int
    ) -> Callable[[Phase, Mapping[str, bytes]], Mapping[str, bytes]]:
        def exchange(phase: Phase, requests: Mapping[str, bytes]) -> Mapping[str, bytes]:
            tell = self._federation.on_progress
            tell(ExchangeBegan(step=phase, attempt=attempt, sizes={name: len(data) for name, data in requests.items()}))
            answers = self._federation.transport.exchange(requests, phase=phase, minimum=threshold)
            tell(ExchangeEnded(step=phase, sizes={name: len(data) for name, data in answers.items()}))
            self._bytes_up += sum(len(answer) for answer in answers.values())
            refusals = refusals_in(answers)
            self._refused = set(refusals)
            for name, sentence in refusals.items():
                tell(HospitalsMoved(conditions={name: "refused"}, reason=sentence))
                tell(Said(sentence=sentence, who=name))
            gone = set(requests) - answers.keys()
            stands: dict[str, Condition] = dict.fromkeys(answers.keys() - refusals.keys(), "answered")
            tell(HospitalsMoved(conditions=stands | dict.fromkeys(gone, "silent")))
            if phase in ("advertise", "share", "mask") and (gone or refusals):
                # Nothing is revealed yet. A sum over fewer would give the missing ones away by difference.
                silent = {name: f"{name} gave no answer in the phase {phase!r}." for name in gone}
                raise RoundAbandoned(
                    f"The phase {phase!r} lacks {', '.join(sorted({*gone, *refusals}))}.",
                    phase=phase,
                    reasons={**silent, **refusals},
                )
            return answers

        return exchange

    def _left_over(
        self,
        roster: tuple[str, ...],
        *,
        missing: tuple[str, ...],
        refused: frozenset[str],
        reasons: Mapping[str, str],
        may_shrink: bool,
    ) -> tuple[str, ...]:
        left = tuple(name for name in roster if name not in missing)
        if not missing or not may_shrink or len(left) < max(MINIMUM_HOSPITALS, required_threshold(len(roster))):
            if missing and all(name in refused for name in missing):
                details = " ".join(f"{name}: {reasons[name]}" for name in missing)
                raise RefusedByHospitals(f"The sum is refused. {details}")
            raise HospitalsMissing(missing or roster, reasons=reasons)
        self._federation.on_progress(HospitalsMoved(conditions=dict.fromkeys(missing, "away")))
        self._federation.on_progress(
            Said(sentence=f"The run goes on without {', '.join(missing)}; it cannot come back in this study.")
        )
        return left


def refusals_in(answers: Mapping[str, bytes]) -> dict[str, str]:
    """The sentences of those hospitals whose answer is a refusal."""
    found = {}
    for name, answer in answers.items():
        try:
            message = decode(answer, direction="to coordinator")
        except MessageError:
            continue
        if message.kind.name == "refusal":
            found[name] = message.text("sentence")
    return found


def sha256(data: bytes) -> str:
    """Hexadecimal hash of bytes."""
    return hashlib.sha256(data).hexdigest()
