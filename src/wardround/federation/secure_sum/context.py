"""What one secure sum is about: everything that masks and signatures are bound to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wardround.federation.canonical import canonical
from wardround.federation.errors import SumRefused
from wardround.federation.fixed_point import Encoding
from wardround.federation.identity import public_bytes
from wardround.federation.message_kinds import PURPOSES
from wardround.federation.messages import Message

Phase = Literal["advertise", "share", "mask", "consistency", "unmask"]
PHASES: tuple[Phase, ...] = ("advertise", "share", "mask", "consistency", "unmask")
ANSWERS: Mapping[Phase, str] = {
    "advertise": "advertised",
    "share": "shared",
    "mask": "masked",
    "consistency": "agreed",
    "unmask": "unmasked",
}

PROTOCOL = "wardround secure sum 1"
MINIMUM_HOSPITALS = 3


def required_threshold(hospitals: int) -> int:
    """floor(2n/3) + 1: two groups of that size share more than a third of all hospitals."""
    return 2 * hospitals // 3 + 1


@dataclass(frozen=True, kw_only=True)
class NodePolicy:
    """What a hospital insists on, whatever the coordinator asks: it is set at the hospital only."""

    minimum_hospitals: int = MINIMUM_HOSPITALS

    def __post_init__(self) -> None:
        if self.minimum_hospitals < MINIMUM_HOSPITALS:
            raise SumRefused(
                "A secure sum needs at least three hospitals: with two, each can subtract its own part from the sum."
            )


@dataclass(frozen=True, kw_only=True)
class SpentBy:
    """What an unmasking answer spends: an input, in whatever round, run and company it is asked for."""

    study: str
    purpose: str
    request_hash: str


@dataclass(frozen=True, kw_only=True)
class SumContext:
    """One secure sum. ``request_hash`` is the SHA-256 of the request in clear: the model, or the question.

    ``attempt`` counts repetitions of a round that was abandoned before unmasking. Names are member names, sorted.
    """

    study: str
    run: str
    purpose: str
    round: int
    roster: tuple[str, ...]
    request_hash: str
    encoding: Encoding
    length: int
    threshold: int
    attempt: int = 0

    @classmethod
    def of_request(
        cls,
        request: bytes,
        *,
        study: str,
        run: str,
        purpose: str,
        round: int,  # noqa: A002 - the field's word
        roster: tuple[str, ...],
        encoding: Encoding,
        length: int,
    ) -> "SumContext":
        """The context that a coordinator sets for a request (in clear); the threshold is the one that nodes insist on."""
        return cls(
            study=study,
            run=run,
            purpose=purpose,
            round=round,
            roster=tuple(sorted(roster)),
            request_hash=hashlib.sha256(request).hexdigest(),
            encoding=encoding,
            length=length,
            threshold=required_threshold(len(roster)),
        )

    @classmethod
    def of_message(cls, message: Message) -> "SumContext":
        """The context of an ``advertise`` message, as the coordinator claims it."""
        return cls(
            study=message.text("study"),
            run=message.text("run"),
            purpose=message.text("purpose"),
            round=message.whole("round"),
            attempt=message.whole("attempt"),
            roster=message.names("roster"),
            threshold=message.whole("threshold"),
            encoding=Encoding(bits=cast("Literal[32, 64]", message.whole("bits")), bound=message.number("bound")),
            length=message.whole("length"),
            request_hash=message.text("request_hash"),
        )

    def repeated(self) -> "SumContext":
        """The same sum once more, after it was abandoned before unmasking."""
        return replace(self, attempt=self.attempt + 1)

    @property
    def which(self) -> dict[str, Any]:
        """The fields that open every message of this sum."""
        return {
            "study": self.study,
            "run": self.run,
            "purpose": self.purpose,
            "round": self.round,
            "attempt": self.attempt,
        }

    @property
    def spends(self) -> SpentBy:
        """The input that one unmasking answer in this sum spends."""
        return SpentBy(study=self.study, purpose=self.purpose, request_hash=self.request_hash)

    @property
    def words_bytes(self) -> int:
        """The size of one hospital's masked numbers."""
        return self.length * self.encoding.bits // 8

    def bytes(self, keys: Mapping[str, Ed25519PublicKey]) -> bytes:
        """The context and the roster's pinned keys as canonical bytes: what every key and signature is bound to."""
        return canonical(
            {
                **self.which,
                "protocol": PROTOCOL,
                "roster": [[name, public_bytes(keys[name]).hex()] for name in self.roster],
                "threshold": self.threshold,
                "bits": self.encoding.bits,
                "bound": self.encoding.bound,
                "length": self.length,
                "request_hash": self.request_hash,
            }
        )

    def refuse_unless_allowed(self, policy: NodePolicy, *, me: str) -> None:
        """Raises SumRefused when a node must not take part in this sum at all."""
        hospitals = len(self.roster)
        if hospitals < policy.minimum_hospitals:
            raise SumRefused(
                f"A sum over {hospitals} hospitals is refused; this hospital takes part with at least "
                f"{policy.minimum_hospitals}."
            )
        if self.threshold != required_threshold(hospitals):
            raise SumRefused(
                f"A threshold of {self.threshold} among {hospitals} hospitals is refused; it must be "
                f"{required_threshold(hospitals)} (more than two thirds)."
            )
        if me not in self.roster:
            raise SumRefused("This hospital is not on the roster of the sum.")
        if list(self.roster) != sorted(set(self.roster)):
            raise SumRefused("The roster names a hospital twice, or is not sorted.")
        if self.purpose not in PURPOSES:
            raise SumRefused(f"{self.purpose!r} is no purpose of a secure sum; known are {', '.join(PURPOSES)}.")
        if self.length < 1:
            raise SumRefused("A sum of no numbers is refused.")
