"""What an operator may order while a run goes on: hold it, wait for late hospitals no longer, stop it.

A run asks at its safe points only. Between two rounds nothing is under way: there it holds and stops. Before a sum is
unmasked nothing is revealed: there it can be given up. An unmasking that was asked is always finished.
"""

from typing import Protocol

from wardround.federation.errors import FederationError


class StoppedByOrder(FederationError):
    """An operator ended the run; the message says who and why."""


class Orders(Protocol):
    """What a run asks of whoever may give it orders."""

    def before_round(self, number: int) -> None:
        """Returns when this round may begin, so it waits while the run is paused. Raises StoppedByOrder."""
        ...

    def before_sum(self, number: int) -> None:
        """Asked before each attempt at a round's sum. Raises StoppedByOrder."""
        ...

    def is_closed(self, number: int) -> bool:
        """Whether this round waits for late hospitals no longer, as far as the protocol allows."""
        ...


class NoOrders:
    """For runs that nobody steers."""

    def before_round(self, number: int) -> None:
        """Every round begins at once."""

    def before_sum(self, number: int) -> None:
        """Every sum is tried."""

    def is_closed(self, number: int) -> bool:  # noqa: ARG002 - no round is closed
        return False
