"""What can go wrong between a hospital and its coordinator: every message is a sentence without patient data."""

from collections.abc import Mapping


class FederationError(Exception):
    """The root of this floor's errors."""


class StudyError(FederationError):
    """A study document that cannot be used, or whose signature does not fit."""


class IdentityError(FederationError):
    """A key file or a pinned member that cannot be used."""


class MessageError(FederationError):
    """Bytes that are not one of the messages that may cross the wall."""


class SealingError(FederationError):
    """A sealed model that this reader cannot open, and why."""


class ReceiptError(FederationError):
    """A ledger of receipts that was altered, or cannot be read."""


class SumRefused(FederationError):
    """A hospital refuses to go on with a secure sum; its keys for this round are gone."""


class InputSpent(SumRefused):
    """The hospital has given its one unmasking answer for this input."""


class UnusableVector(SumRefused):
    """The numbers to be summed do not fit the agreed encoding."""


class RoundAbandoned(FederationError):
    """The coordinator has no sum for this round.

    ``phase`` is where it ended, ``reasons`` says per hospital why it was left out. With ``spent`` an unmasking answer
    may have been given: the same unmasking may be asked again, but the round must not be repeated.
    """

    def __init__(self, sentence: str, *, phase: str, reasons: Mapping[str, str], spent: bool = False) -> None:
        super().__init__(sentence)
        self.phase = phase
        self.reasons = dict(reasons)
        self.spent = spent
