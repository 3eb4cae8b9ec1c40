"""How a run obeys its operator: it reads the orders at its safe points, does what they say, and says so on its board. No Django."""

import time
from collections.abc import Callable
from pathlib import Path

from wardround.coordinator.runs.board import RunBoard
from wardround.coordinator.runs.orders import Order, read_orders
from wardround.coordinator.runs.state import Held
from wardround.federation.orders import StoppedByOrder

_LOOK_SECONDS = 0.2
# Before these phases of a sum end nothing is revealed, so an exchange of theirs may be given up.
REVEALS_NOTHING = frozenset({"advertise", "share", "mask"})


class Obedience:
    """federation's Orders, from the file in the run's folder."""

    def __init__(self, folder: Path, *, board: RunBoard, stay: Callable[[], None], look: float = _LOOK_SECONDS) -> None:
        """`stay()` is called while the run is held; it raises when the engine ends the job."""
        self._folder = folder
        self._board = board
        self._stay = stay
        self._look = look
        self._said: set[tuple[str, str]] = set()

    def before_round(self, number: int) -> None:
        """Holds the run while it is paused. Raises StoppedByOrder."""
        held: Order | None = None
        while True:
            self.before_sum(number)
            orders = read_orders(self._folder)
            if orders.pause is None:
                break
            if held != orders.pause:
                held = orders.pause
                self._board.hold(Held(by=held.by, reason=held.reason, since=held.given))
                self._board.say(f"Paused by {held.by}: {held.reason} No new round begins.")
            self._stay()
            time.sleep(self._look)
        if held is not None or self._board.state.held is not None:
            self._board.hold(None)
            self._board.say(f"Resumed by {orders.resume.by}: {orders.resume.reason}" if orders.resume else "Resumed.")

    def before_sum(self, number: int) -> None:  # noqa: ARG002 - a stop is for every round
        """Raises StoppedByOrder."""
        stop = read_orders(self._folder).stop
        if stop is not None:
            raise StoppedByOrder(stopped_by(stop))

    def is_closed(self, number: int) -> bool:
        """Whether the operator closed this round; the first time it is obeyed, the board says so."""
        close = read_orders(self._folder).close
        if close is None or close.round != number:
            return False
        self._say_once(f"Round {number} was closed by {close.by}: {close.reason}", key=("close", str(number)))
        return True

    def gives_up(self, phase: str, *, enough: bool) -> bool:
        """Whether an exchange of this phase is to wait no longer; `enough`: as many have answered as must."""
        if phase in REVEALS_NOTHING and read_orders(self._folder).stop is not None:
            return True
        return enough and self.is_closed(self._board.state.round)

    def _say_once(self, sentence: str, *, key: tuple[str, str]) -> None:
        if key not in self._said:
            self._said.add(key)
            self._board.say(sentence)


def stopped_by(order: Order) -> str:
    """How a run that an operator stopped says so."""
    return f"Stopped by {order.by}: {order.reason}"
