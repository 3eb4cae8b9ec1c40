"""Which hospitals stood behind the sums that a hospital has helped to reveal: the rule against near differences.

The unmasking record stops two sums about the same model over different hospitals. Two sums about *nearly* the same
model give the hospital in between away nearly as well. Measured on the four heart hospitals: with Hessians known,
the gradient of a hospital that leaves after the first round is found to about 13 %, after the second to 1 %, after the
third to 0.1 % (exact fit, deviation 5). No distance between two models on one fit's path is far enough.

So the roster of a study is fixed by its first revealed sum. A hospital that falls silent after it delivered its masked
numbers costs nothing: the sum over all is still exact. One that is missing when a sum begins is waited for. One that
never comes back ends the training with the model of the last complete round.

A node's policy may allow the roster to shrink, never to grow (``roster_may_shrink``). Then the federation goes on
without the one that left, at the stated price: that hospital's sums over at least ``minimum_patients`` patients
become known to the coordinator approximately.
"""

import json
from pathlib import Path

from wardround.federation.durable import write_whole
from wardround.federation.errors import SumRefused


class ExposureRecord:
    """A file with round and roster of each sum of a study that this hospital helped to reveal, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _read(path)

    @property
    def first_roster(self) -> tuple[str, ...] | None:
        """The roster of the study's first revealed sum; None before it."""
        return self._known[0][1] if self._known else None

    def refuse_unless_next(self, roster: tuple[str, ...], *, round_number: int, may_shrink: bool) -> None:
        """Raises SumRefused when a sum of this round over ``roster`` may not follow the earlier ones."""
        if not self._known:
            return
        last_round, last = self._known[-1]
        if round_number <= last_round:
            raise SumRefused(f"Round {round_number} is over; the last revealed sum here was of round {last_round}.")
        if roster == last:
            return
        if not set(roster) < set(last):
            raise SumRefused(
                "A hospital that is not in the earlier sums of this study cannot join a later one. "
                "Publish a new version of the study to change its hospitals."
            )
        if not may_shrink:
            raise SumRefused(
                "A hospital of the earlier sums of this study is missing. The difference of two sums would give it away, "
                "so this sum waits for it, or the training ends with the last complete model."
            )

    def add(self, roster: tuple[str, ...], *, round_number: int) -> None:
        """Keeps a revealed sum; returns when it is on the disk. Call it before the unmasking answer leaves."""
        if self._known and self._known[-1] == (round_number, roster):
            return
        known = [*self._known, (round_number, roster)]
        content = json.dumps([[number, list(names)] for number, names in known])
        write_whole(self._path, content.encode())
        self._known = known


def _read(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [(int(number), tuple(str(name) for name in names)) for number, names in entries]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        # Unreadable must not mean forgotten.
        raise SumRefused(
            f"The record of earlier sums, {path.name}, cannot be read; the study cannot go on here."
        ) from error
