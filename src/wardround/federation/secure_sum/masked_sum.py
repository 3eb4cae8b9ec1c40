"""The sum under masks, between the last masked vector and the last share: what a coordinator must not lose.

Once the unmasking has been asked the input is spent, so this is stored before; it holds nothing that its reader could
not have seen on the wire.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.errors import SumRefused
from wardround.federation.fixed_point import Encoding
from wardround.federation.identity import public_bytes
from wardround.federation.secure_sum import masks, shares
from wardround.federation.secure_sum.context import SumContext


@dataclass(frozen=True, kw_only=True)
class MaskedSum:
    """``total`` [length] is the sum of the survivors' masked words.

    ``mask_keys`` are the advertised public keys of all whose pairwise masks are in it, survivors and dropped ones.
    """

    context: SumContext
    session: str
    survivors: tuple[str, ...]
    mask_keys: Mapping[str, bytes]
    commitments: Mapping[str, str]
    agreed: Mapping[str, bytes]
    total: NDArray[Any]

    @property
    def dropped(self) -> tuple[str, ...]:
        """Who shared secrets but delivered no masked numbers: their pairwise masks do not cancel."""
        return tuple(sorted(self.mask_keys.keys() - set(self.survivors)))

    def unmasked(self, answers: Mapping[str, Mapping[str, bytes]]) -> NDArray[Any]:
        """The sum of the survivors' words, from each answering hospital's shares by hospital.

        Raises SumRefused naming the hospital whose secret cannot be recovered rightly: never a wrong sum.
        """
        total = self.total.copy()
        session = bytes.fromhex(self.session)
        for name in self.survivors:
            seed = self._recovered(name, answers=answers, is_right=lambda found, n=name: self._is_seed(found, name=n))
            key = masks.self_mask_key(seed, session=session, name=name)
            np.subtract(total, masks.keystream(key, words=len(total), dtype=total.dtype), out=total)
        for name in self.dropped:
            secret = self._recovered(name, answers=answers, is_right=lambda found, n=name: self._is_key(found, name=n))
            for survivor in self.survivors:
                key = masks.pairwise_key(
                    secret, peer=self.mask_keys[survivor], session=session, use=masks.mask_use(name, survivor)
                )
                # The survivor's half of this mask is in the sum; the dropped hospital's half cancels it.
                masks.add_pairwise_mask(total, key=key, me=name, peer=survivor)
        return total

    def _recovered(self, name: str, *, answers: Mapping[str, Mapping[str, bytes]], is_right: Any) -> bytes:
        places = {place: answers[who][name] for place, who in enumerate(self.context.roster) if who in answers}
        secret = shares.recover(places, threshold=self.context.threshold, is_right=is_right)
        if secret is None:
            raise SumRefused(
                f"The shares for {name} do not combine to its secret: at least one of them is corrupted. "
                "No sum is given rather than a wrong one."
            )
        return secret

    def _is_seed(self, found: bytes, *, name: str) -> bool:
        return masks.commitment(found, session=bytes.fromhex(self.session), name=name) == self.commitments[name]

    def _is_key(self, found: bytes, *, name: str) -> bool:
        return public_bytes(masks.key_of(found).public_key()) == self.mask_keys[name]

    def to_bytes(self) -> bytes:
        """For the coordinator's own store; ``of_bytes`` reads it back."""
        context = self.context
        return canonical(
            {
                "context": {
                    **context.which,
                    "roster": context.roster,
                    "request_hash": context.request_hash,
                    "bits": context.encoding.bits,
                    "bound": context.encoding.bound,
                    "length": context.length,
                    "threshold": context.threshold,
                },
                "session": self.session,
                "survivors": self.survivors,
                "mask_keys": {name: key.hex() for name, key in self.mask_keys.items()},
                "commitments": dict(self.commitments),
                "agreed": {name: base64.b64encode(data).decode() for name, data in self.agreed.items()},
                "total": base64.b64encode(self.total.tobytes()).decode(),
            }
        )

    @classmethod
    def of_bytes(cls, data: bytes) -> "MaskedSum":
        """Raises SumRefused when the bytes are not what ``to_bytes`` gave."""
        try:
            stored = read_canonical(data)
            known = dict(stored["context"])
            encoding = Encoding(bits=known.pop("bits"), bound=float(known.pop("bound")))
            context = SumContext(**{**known, "roster": tuple(known["roster"]), "encoding": encoding})
            return cls(
                context=context,
                session=stored["session"],
                survivors=tuple(stored["survivors"]),
                mask_keys={name: bytes.fromhex(key) for name, key in stored["mask_keys"].items()},
                commitments=stored["commitments"],
                agreed={name: base64.b64decode(data) for name, data in stored["agreed"].items()},
                total=np.frombuffer(base64.b64decode(stored["total"]), dtype=encoding.dtype).copy(),
            )
        except (NotCanonical, LookupError, TypeError, ValueError, AttributeError) as error:
            raise SumRefused("The stored state of the sum cannot be read.") from error
