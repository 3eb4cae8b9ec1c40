"""A hospital's side of one secure sum: a state machine that takes and gives bytes.

The protocol is figure 4 of Bonawitz et al., Practical Secure Aggregation for Privacy-Preserving Machine Learning
(CCS 2017), active adversary, on the complete graph. Beyond the paper: identities are pinned, everything is bound to
the context (study, round, roster, threshold, model), and there is one unmasking answer per input for all time.

A party answers each phase once and in order. Whatever it refuses ends it: its keys are gone, and only a new round, or
the same round repeated with new keys, goes on. Keys live in this object only; a restarted hospital has lost them.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from numpy.typing import NDArray

from wardround.federation.errors import FederationError, InputSpent, SumRefused
from wardround.federation.identity import public_bytes
from wardround.federation.messages import Message, decode, encode
from wardround.federation.secure_sum import masks, shares
from wardround.federation.secure_sum.advertised_keys import AdvertisedKeys, read_advertised, session_of
from wardround.federation.secure_sum.agreement import Agreement, check_agreement
from wardround.federation.secure_sum.context import ANSWERS, PHASES, NodePolicy, Phase, SpentBy, SumContext
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord

Vector = Callable[[], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Node:
    """What stays the same at a hospital from sum to sum. ``pinned`` holds all members' confirmed signing keys."""

    name: str
    identity: Ed25519PrivateKey
    pinned: Mapping[str, Ed25519PublicKey]
    record: UnmaskingRecord
    policy: NodePolicy = field(default_factory=NodePolicy)


class Party:
    """One hospital in one sum. Raises SumRefused at the start when it must not take part."""

    def __init__(
        self, context: SumContext, *, node: Node, request: bytes, vector: Vector, rounding: np.random.Generator
    ) -> None:
        """``request`` in clear, as this hospital understood it; ``vector`` gives the numbers [length], within the
        encoding's bound, and is asked once, in the mask phase; ``rounding`` is seeded by (study, round, hospital)."""
        context.refuse_unless_allowed(node.policy, me=node.name)
        if hashlib.sha256(request).hexdigest() != context.request_hash:
            raise SumRefused("The request that arrived is not the one whose hash the coordinator named.")
        for name in context.roster:
            if name not in node.pinned:
                raise SumRefused(
                    f"{name} is on the roster, but its key is not pinned here. Confirm its fingerprint first."
                )
        if public_bytes(node.pinned[node.name]) != public_bytes(node.identity.public_key()):
            raise SumRefused("The key pinned for this hospital is not its own.")
        if node.record.is_spent(context.spends):
            raise InputSpent(
                f"This hospital has already given its one unmasking answer for this model or request "
                f"({context.purpose}, {context.request_hash[:12]}); the run advances or ends."
            )
        self._context = context
        self._node = node
        self._vector = vector
        self._rounding = rounding
        self._seen = context.bytes(node.pinned)
        self._next: Phase | None = "advertise"
        # Fresh for every attempt: a key that made one masked vector never makes another.
        self._share_secret = masks.new_secret()
        self._mask_secret = masks.new_secret()
        self._seed = masks.new_secret()
        self._session = b""
        self._keys: dict[str, AdvertisedKeys] = {}
        self._shares: dict[str, bytes] = {}
        self._agreement: Agreement | None = None

    @property
    def context(self) -> SumContext:
        return self._context

    def handle(self, phase: Phase, message: bytes) -> bytes:
        """The signed answer to the coordinator's message of this phase. Raises SumRefused, and the party is over."""
        try:
            return self._answer(phase, message)
        except SumRefused:
            self._end()
            raise
        except FederationError as error:
            self._end()
            raise SumRefused(str(error)) from error
        except BaseException:
            self._end()
            raise

    def _answer(self, phase: Phase, message: bytes) -> bytes:
        steps: Mapping[Phase, Callable[[Message], dict[str, Any]]] = {
            "advertise": self._advertise,
            "share": self._share,
            "mask": self._mask,
            "consistency": self._agree,
            "unmask": self._unmask,
        }
        if phase not in steps:
            raise SumRefused(f"{phase!r} is no phase of a secure sum.")
        record = self._node.record
        again = unmasking_answer_again(message, record=record) if phase == "unmask" else None
        if again is not None:
            return again
        if self._next is None:
            raise SumRefused("This hospital has ended this attempt and lost its keys; a new one needs new keys.")
        if phase != self._next:
            raise SumRefused(f"The phase {phase!r} is not the next one here, which is {self._next!r}.")
        read = decode(message, direction="to hospital", kind=phase)
        self._refuse_another_sum(read)
        fields = {**self._context.which, **steps[phase](read)}
        answer = encode(ANSWERS[phase], fields, identity=self._node.identity)
        if phase == "unmask":
            answer = record.keep(self._context.spends, question=message, answer=answer)
            self._end()
        else:
            self._next = PHASES[PHASES.index(phase) + 1]
        return answer

    def _end(self) -> None:
        self._next = None
        self._share_secret = self._mask_secret = self._seed = b""
        self._shares = {}

    def _refuse_another_sum(self, message: Message) -> None:
        for name, value in self._context.which.items():
            if message.fields[name] != value:
                raise SumRefused(f"The message belongs to another sum: its {name} differs.")

    def _advertise(self, message: Message) -> dict[str, Any]:
        if SumContext.of_message(message) != self._context:
            raise SumRefused("The message describes another sum than the one this hospital has begun.")
        return {
            "context": self._seen,
            "share_key": public_bytes(masks.key_of(self._share_secret).public_key()),
            "mask_key": public_bytes(masks.key_of(self._mask_secret).public_key()),
        }

    def _share(self, message: Message) -> dict[str, Any]:
        me, context = self._node.name, self._context
        self._keys = read_advertised(
            message.by_name("advertised"), context=context, seen=self._seen, pinned=self._node.pinned
        )
        mine = self._keys.get(me)
        if mine is None or mine.mask_key != public_bytes(masks.key_of(self._mask_secret).public_key()):
            raise SumRefused("The keys shown as this hospital's own are not those that it advertised.")
        self._session = session_of(self._seen, keys=self._keys)
        hospitals = len(context.roster)
        seed = shares.split(self._seed, threshold=context.threshold, hospitals=hospitals)
        secret = shares.split(self._mask_secret, threshold=context.threshold, hospitals=hospitals)
        sealed = {}
        for place, name in enumerate(context.roster):
            pair = seed[place] + secret[place]
            if name == me:
                self._shares[me] = pair
            elif name in self._keys:
                key = self._share_key(name, sender=me, recipient=name)
                sealed[name] = masks.encrypt_shares(pair, key=key, session=self._session)
        committed = masks.commitment(self._seed, session=self._session, name=me)
        return {"session": self._session.hex(), "commitment": committed, "shares": sealed}

    def _mask(self, message: Message) -> dict[str, Any]:
        me, context = self._node.name, self._context
        received = message.by_name("shares")
        if not received.keys() <= self._keys.keys() - {me}:
            raise SumRefused(
                "Shares came from a hospital that advertised no keys in this sum, or from this one itself."
            )
        if len(received) + 1 < context.threshold:
            raise SumRefused(f"Only {len(received) + 1} hospitals shared their secrets; {context.threshold} must.")
        for name, sealed in received.items():
            key = self._share_key(name, sender=name, recipient=me)
            try:
                pair = masks.decrypt_shares(sealed, key=key, session=self._session)
            except masks.WrongKey as error:
                raise SumRefused(
                    f"The shares from {name} cannot be opened: they were altered or come from another sum."
                ) from error
            if len(pair) != 2 * masks.SECRET_BYTES:
                raise SumRefused(f"The shares from {name} have the wrong length.")
            self._shares[name] = pair
        words = self._masked_words(peers=sorted(received))
        return {"session": self._session.hex(), "participants": sorted(self._shares), "words": words}

    def _masked_words(self, *, peers: list[str]) -> bytes:
        context, me = self._context, self._node.name
        values = self._vector()
        if len(values) != context.length:
            raise SumRefused(f"The vector has {len(values)} numbers; {context.length} were agreed.")
        total = context.encoding.encode(values, hospitals=len(context.roster), rounding=self._rounding)
        own = masks.self_mask_key(self._seed, session=self._session, name=me)
        np.add(total, masks.keystream(own, words=len(total), dtype=total.dtype), out=total)
        for peer in peers:
            key = masks.pairwise_key(
                self._mask_secret,
                peer=self._keys[peer].mask_key,
                session=self._session,
                use=masks.mask_use(me, peer),
            )
            masks.add_pairwise_mask(total, key=key, me=me, peer=peer)
        return total.tobytes()

    def _agree(self, message: Message) -> dict[str, Any]:
        survivors = message.names("survivors")
        participants = tuple(sorted(self._shares))
        if not set(survivors) <= set(participants):
            raise SumRefused("The list of survivors names a hospital that did not share its secrets in this sum.")
        if self._node.name not in survivors:
            raise SumRefused("The list of survivors leaves out this hospital, which delivered its masked numbers.")
        if len(survivors) < self._context.threshold:
            raise SumRefused(f"Only {len(survivors)} hospitals survived; {self._context.threshold} must.")
        self._agreement = Agreement(session=self._session.hex(), participants=participants, survivors=survivors)
        return self._agreement.fields

    def _unmask(self, message: Message) -> dict[str, Any]:
        if self._agreement is None:
            raise SumRefused("This hospital has signed no list of survivors in this sum.")
        if message.text("request_hash") != self._context.request_hash:
            raise SumRefused("The message asks to unmask another model or request than this hospital answered to.")
        survivors, dropped = message.names("survivors"), message.names("dropped")
        both = sorted(set(survivors) & set(dropped))
        if both:
            raise SumRefused(
                f"{both[0]} is named both as a survivor and as dropped out. Both its masks together would uncover its "
                "numbers, so nothing is unmasked."
            )
        if survivors != self._agreement.survivors:
            raise SumRefused("The list of survivors to unmask is not the one that this hospital signed.")
        if set(dropped) != set(self._agreement.participants) - set(survivors):
            raise SumRefused("The list of dropped hospitals is not what the signed list of survivors leaves over.")
        check_agreement(
            message.by_name("agreed"), mine=self._agreement, context=self._context, pinned=self._node.pinned
        )
        size = masks.SECRET_BYTES
        return {
            "session": self._session.hex(),
            "seeds": {name: self._shares[name][:size] for name in survivors},
            "mask_keys": {name: self._shares[name][size:] for name in dropped},
        }

    def _share_key(self, peer: str, *, sender: str, recipient: str) -> bytes:
        return masks.pairwise_key(
            self._share_secret,
            peer=self._keys[peer].share_key,
            session=self._session,
            use=masks.share_use(sender, recipient),
        )


def unmasking_answer_again(message: bytes, *, record: UnmaskingRecord) -> bytes | None:
    """What a hospital that no longer has the party (it restarted, or it has answered) may still say to ``unmask``.

    The identical answer when this exact question was answered before, None when the input is unspent (the keys are
    lost: the round is to be abandoned). Raises InputSpent when the one answer went to another question.
    """
    read = decode(message, direction="to hospital", kind="unmask")
    spends = SpentBy(study=read.text("study"), purpose=read.text("purpose"), request_hash=read.text("request_hash"))
    return record.answer(spends, question=message)
