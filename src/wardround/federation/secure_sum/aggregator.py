"""The coordinator's side of one secure sum: it learns the sum over the survivors, or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from numpy.typing import NDArray

from wardround.federation.errors import MessageError, RoundAbandoned, SumRefused
from wardround.federation.messages import Message, decode, encode
from wardround.federation.secure_sum import masks
from wardround.federation.secure_sum.advertised_keys import AdvertisedKeys, read_advertised, read_keys, session_of
from wardround.federation.secure_sum.agreement import Agreement, read_agreement, refuse_difference
from wardround.federation.secure_sum.context import ANSWERS, PHASES, Phase, SumContext
from wardround.federation.secure_sum.masked_sum import MaskedSum

Floats = NDArray[np.float64]


class Exchange(Protocol):
    """Carries one message to each hospital and brings the answers; who is missing has dropped out of this phase."""

    def __call__(self, phase: Phase, requests: Mapping[str, bytes], /) -> Mapping[str, bytes]: ...


@dataclass(frozen=True, kw_only=True)
class SumResult:
    """The sum [length] over ``survivors``; ``reasons`` says why each other hospital is not in it."""

    total: Floats
    survivors: tuple[str, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)


class Aggregator:
    """One sum at the coordinator. ``run`` does it whole; ``requests`` and ``receive`` do it phase by phase."""

    def __init__(
        self,
        context: SumContext,
        *,
        pinned: Mapping[str, Ed25519PublicKey],
        request: bytes | Mapping[str, bytes],
    ) -> None:
        """``request`` goes to the hospitals with the first message: the same bytes for all, or one sealed for each."""
        self._context = context
        self._pinned = pinned
        self._request = request
        self._seen = context.bytes(pinned)
        self._phase: Phase = "advertise"
        self._reasons: dict[str, str] = {}
        self._keys: dict[str, AdvertisedKeys] = {}
        self._session = b""
        self._shared: dict[str, Message] = {}
        self._total: NDArray[Any] | None = None
        self._participants: tuple[str, ...] = ()
        self._survivors: tuple[str, ...] = ()
        self._agreed: dict[str, bytes] = {}
        self._masked: MaskedSum | None = None
        self._result: SumResult | None = None

    @classmethod
    def resume(cls, state: bytes, *, pinned: Mapping[str, Ed25519PublicKey]) -> "Aggregator":
        """The sum as it stood before its unmasking was asked, from what ``run`` gave to ``keep``."""
        masked = MaskedSum.of_bytes(state)
        aggregator = cls(masked.context, pinned=pinned, request=b"")
        aggregator._phase = "unmask"
        aggregator._masked = masked
        return aggregator

    @property
    def phase(self) -> Phase:
        """The phase whose answers are awaited."""
        return self._phase

    @property
    def result(self) -> SumResult | None:
        """The sum, once the last phase is through."""
        return self._result

    def run(self, exchange: Exchange, *, keep: Callable[[bytes], None] | None = None) -> SumResult:
        """All phases. Raises RoundAbandoned when too few hospitals stay, or anything does not fit.

        ``keep`` is given the state to store before the unmasking is asked: from then on the input is spent, and a
        coordinator that stops here can only go on with ``resume`` (the hospitals repeat their identical answers).
        """
        while self._result is None:
            requests = self.requests()
            if self._masked is not None and keep is not None:
                keep(self._masked.to_bytes())
            self.receive(exchange(self._phase, requests))
        return self._result

    def requests(self) -> dict[str, bytes]:
        """The messages of the present phase, by hospital."""
        makers: Mapping[Phase, Callable[[], dict[str, bytes]]] = {
            "advertise": self._ask_to_advertise,
            "share": lambda: self._ask_all(self._keys, advertised={n: k.message for n, k in self._keys.items()}),
            "mask": self._ask_to_mask,
            "consistency": lambda: self._ask_all(self._survivors, survivors=self._survivors),
            "unmask": self._ask_to_unmask,
        }
        return makers[self._phase]()

    def receive(self, answers: Mapping[str, bytes]) -> None:
        """Take the answers of the present phase and go on. Raises RoundAbandoned."""
        takers: Mapping[Phase, Callable[[dict[str, Message]], None]] = {
            "advertise": self._take_keys,
            "share": self._take_shares,
            "mask": self._take_masked,
            "consistency": self._take_agreements,
            "unmask": self._take_unmasking,
        }
        takers[self._phase](self._readable(answers))
        place = PHASES.index(self._phase) + 1
        if place < len(PHASES):
            self._phase = PHASES[place]

    def _ask_to_advertise(self) -> dict[str, bytes]:
        context = self._context
        fields = {
            "roster": context.roster,
            "threshold": context.threshold,
            "bits": context.encoding.bits,
            "bound": context.encoding.bound,
            "length": context.length,
            "request_hash": context.request_hash,
        }
        if isinstance(self._request, bytes):
            return self._ask_all(context.roster, **fields, request=self._request)
        return {
            name: encode("advertise", {**context.which, **fields, "request": self._request[name]})
            for name in context.roster
        }

    def _ask_to_mask(self) -> dict[str, bytes]:
        sealed = {name: message.by_name("shares") for name, message in self._shared.items()}
        return {
            name: encode(
                "mask",
                {
                    **self._context.which,
                    "shares": {sender: sealed[sender][name] for sender in sealed if sender != name},
                },
            )
            for name in self._shared
        }

    def _ask_to_unmask(self) -> dict[str, bytes]:
        masked = self._masked_sum
        return self._ask_all(
            masked.survivors,
            request_hash=self._context.request_hash,
            survivors=masked.survivors,
            dropped=masked.dropped,
            agreed=masked.agreed,
        )

    def _ask_all(self, names: Mapping[str, Any] | tuple[str, ...], **fields: Any) -> dict[str, bytes]:
        message = encode(self._phase, {**self._context.which, **fields})
        return dict.fromkeys(names, message)

    def _readable(self, answers: Mapping[str, bytes]) -> dict[str, Message]:
        """The answers that are signed by their hospitals and belong to this sum; the others are reasons."""
        found = {}
        for name in sorted(answers.keys() & set(self._expected)):
            try:
                message = decode(answers[name], direction="to coordinator")
                found_refusal = message.kind.name == "refusal"
                if not message.is_signed_by(self._pinned[name]):
                    self._reasons[name] = f"The answer of {name} is not signed by its identity."
                elif found_refusal:
                    self._reasons[name] = message.text("sentence")
                elif message.kind.name != ANSWERS[self._phase] or any(
                    message.fields[key] != value for key, value in self._context.which.items()
                ):
                    self._reasons[name] = f"The answer of {name} belongs to another phase or sum."
                elif self._phase != "advertise" and message.text("session") != self._session_hex:
                    self._reasons[name] = f"The answer of {name} is bound to other keys or another context."
                else:
                    found[name] = message
            except MessageError as error:
                self._reasons[name] = f"The answer of {name} cannot be read. {error}"
        for name in self._expected:
            if name not in found:
                self._reasons.setdefault(name, f"{name} gave no answer in the phase {self._phase!r}.")
        return found

    @property
    def _expected(self) -> tuple[str, ...]:
        if self._masked is not None:
            return self._masked.survivors
        by_phase: Mapping[Phase, tuple[str, ...]] = {
            "advertise": self._context.roster,
            "share": tuple(self._keys),
            "mask": tuple(self._shared),
            "consistency": self._survivors,
        }
        return by_phase[self._phase]

    @property
    def _session_hex(self) -> str:
        return self._masked.session if self._masked is not None else self._session.hex()

    @property
    def _masked_sum(self) -> MaskedSum:
        if self._masked is None:
            raise SumRefused("No masked sum is there yet.")
        return self._masked

    def _take_keys(self, answers: dict[str, Message]) -> None:
        readable = {}
        for name, message in answers.items():
            try:
                read_keys(message.raw, name=name, context=self._context, seen=self._seen, pinned=self._pinned[name])
                readable[name] = message.raw
            except SumRefused as error:
                self._reasons[name] = str(error)
        self._need(len(readable), "advertised keys")
        try:
            self._keys = read_advertised(readable, context=self._context, seen=self._seen, pinned=self._pinned)
        except SumRefused as error:
            raise self._abandoned(str(error)) from error
        self._session = session_of(self._seen, keys=self._keys)

    def _take_shares(self, answers: dict[str, Message]) -> None:
        for name, message in answers.items():
            if message.by_name("shares").keys() != self._keys.keys() - {name}:
                self._reasons[name] = f"{name} did not encrypt one pair of shares for each other hospital."
            else:
                self._shared[name] = message
        self._need(len(self._shared), "shared their secrets")

    def _take_masked(self, answers: dict[str, Message]) -> None:
        participants = tuple(sorted(self._shared))
        dtype = self._context.encoding.dtype
        total = np.zeros(self._context.length, dtype=dtype)
        survivors = []
        for name, message in answers.items():
            words = message.data("words")
            if message.names("participants") != participants or len(words) != self._context.words_bytes:
                self._reasons[name] = f"The masked numbers of {name} have the wrong length or are masked for others."
                continue
            np.add(total, np.frombuffer(words, dtype=dtype), out=total)
            survivors.append(name)
        self._need(len(survivors), "delivered masked numbers")
        self._total, self._participants, self._survivors = total, participants, tuple(survivors)

    def _take_agreements(self, answers: dict[str, Message]) -> None:
        mine = Agreement(session=self._session.hex(), participants=self._participants, survivors=self._survivors)
        agreed = {}
        for name, message in answers.items():
            try:
                other = read_agreement(message.raw, name=name, context=self._context, pinned=self._pinned[name])
                refuse_difference(other, name=name, mine=mine)
                agreed[name] = message.raw
            except SumRefused as error:
                self._reasons[name] = str(error)
        self._need(len(agreed), "signed the list of survivors")
        if self._total is None:
            raise self._abandoned("No masked numbers were added up.")
        self._masked = MaskedSum(
            context=self._context,
            session=self._session.hex(),
            survivors=self._survivors,
            mask_keys={name: self._keys[name].mask_key for name in self._participants},
            commitments={name: self._shared[name].text("commitment") for name in self._survivors},
            agreed=agreed,
            total=self._total,
        )

    def _take_unmasking(self, answers: dict[str, Message]) -> None:
        masked = self._masked_sum
        complete = {}
        for name, message in answers.items():
            seeds, keys = message.by_name("seeds"), message.by_name("mask_keys")
            sizes = {len(share) for share in (*seeds.values(), *keys.values())}
            if set(seeds) != set(masked.survivors) or set(keys) != set(masked.dropped) or sizes != {masks.SECRET_BYTES}:
                self._reasons[name] = f"{name} did not answer with one share for each hospital."
            else:
                complete[name] = {**seeds, **keys}
        self._need(len(complete), "gave their shares", spent=True)
        try:
            total = masked.unmasked(complete)
        except SumRefused as error:
            raise self._abandoned(str(error), spent=True) from error
        numbers = self._context.encoding.decode(total, hospitals=len(self._context.roster))
        reasons = {name: reason for name, reason in self._reasons.items() if name not in masked.survivors}
        self._result = SumResult(total=numbers, survivors=masked.survivors, reasons=reasons)

    def _need(self, count: int, what: str, *, spent: bool = False) -> None:
        if count < self._context.threshold:
            raise self._abandoned(
                f"Only {count} of {len(self._context.roster)} hospitals {what}; {self._context.threshold} must.",
                spent=spent,
            )

    def _abandoned(self, sentence: str, *, spent: bool = False) -> RoundAbandoned:
        details = " ".join(self._reasons[name] for name in sorted(self._reasons))
        return RoundAbandoned(f"{sentence} {details}".strip(), phase=self._phase, reasons=self._reasons, spent=spent)
