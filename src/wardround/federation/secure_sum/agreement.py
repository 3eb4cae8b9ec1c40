"""The consistency check: at least the threshold of hospitals signed one and the same list of survivors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wardround.federation.errors import MessageError, SumRefused
from wardround.federation.messages import decode
from wardround.federation.secure_sum.context import SumContext


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a hospital signs once per sum. The session stands for version, study, purpose, round, roster, threshold,
    model or request, and all advertised keys."""

    session: str
    participants: tuple[str, ...]
    survivors: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """As the fields of an ``agreed`` message."""
        return {"session": self.session, "participants": self.participants, "survivors": self.survivors}


def read_agreement(data: bytes, *, name: str, context: SumContext, pinned: Ed25519PublicKey) -> Agreement:
    """What ``name`` signed. Raises SumRefused when it is not that hospital's signature, or is about another sum."""
    try:
        message = decode(data, direction="to coordinator", kind="agreed")
    except MessageError as error:
        raise SumRefused(f"The signed list of survivors of {name} cannot be read. {error}") from error
    if not message.is_signed_by(pinned):
        raise SumRefused(
            f"The list of survivors shown for {name} is not signed by the identity that is pinned for {name}."
        )
    for field, value in context.which.items():
        if message.fields[field] != value:
            raise SumRefused(f"{name} signed a list of survivors of another sum: its {field} differs.")
    return Agreement(
        session=message.text("session"),
        participants=message.names("participants"),
        survivors=message.names("survivors"),
    )


def refuse_difference(other: Agreement, *, name: str, mine: Agreement) -> None:
    """Raises SumRefused naming what ``name`` signed differently."""
    if other.session != mine.session:
        raise SumRefused(f"{name} signed for another model, roster, threshold or list of keys than this side has.")
    if other.participants != mine.participants:
        raise SumRefused(
            f"{name} was told that other hospitals share masks ({_only(other.participants, mine.participants)})."
        )
    if other.survivors != mine.survivors:
        raise SumRefused(f"{name} signed another list of survivors ({_only(other.survivors, mine.survivors)}).")


def check_agreement(
    messages: Mapping[str, bytes],
    *,
    mine: Agreement,
    context: SumContext,
    pinned: Mapping[str, Ed25519PublicKey],
) -> None:
    """Raises SumRefused unless at least the threshold of survivors signed exactly ``mine``, and nobody another one."""
    for name in sorted(messages):
        if name not in mine.survivors:
            raise SumRefused(f"{name} signed the list of survivors, but is not on it.")
        other = read_agreement(messages[name], name=name, context=context, pinned=pinned[name])
        refuse_difference(other, name=name, mine=mine)
    if len(messages) < context.threshold:
        raise SumRefused(f"Only {len(messages)} hospitals signed the list of survivors; {context.threshold} must.")


def _only(theirs: tuple[str, ...], ours: tuple[str, ...]) -> str:
    more, fewer = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
    parts = [f"also {', '.join(more)}"] if more else []
    parts += [f"without {', '.join(fewer)}"] if fewer else []
    return "; ".join(parts)
