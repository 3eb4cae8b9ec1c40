"""How likely a value is in its chart: among all patients, after and before the patient's other values, beside its siblings.

All weights are natural logarithms of likelihoods up to a constant that is the same for every value of one measurement
in one chart, so that only differences between two values mean something.
"""

import math
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import pairwise

from wardround.clinical.findings import ValueContext
from wardround.clinical.limits import change_for, limits_for, plausible_for
from wardround.clinical.measurements import Change, Measurement
from wardround.clinical.siblings import Expectation, expectations

# A normal centre, and tails that fall off as slowly as those of real changes do.
_CENTRE = 2.0
# A value at the plausible limit is this much less likely than a typical one; `usual` ends at _CENTRE standard deviations.
_AT_PLAUSIBLE_LIMIT = 9.0
# Of values that follow another, this share has nothing to do with it: another disease, another specimen.
_FRESH_STARTS = 0.003
_SURGES = 0.06  # the same for the rises of what surges in acute disease
# How many values on each side are looked at, and what each weighs: the nearest says most, but it may itself be wrong.
_NEIGHBOURS = (0.6, 0.2, 0.1, 0.06, 0.04)
# 99 % of true changes stay below the catalogue's limit, which is this many standard deviations of a change.
_DEVIATIONS_AT_LIMIT = 2.4
# A patient's own moves, squared and in standard deviations, are averaged with so many of everybody's.
_EVERYBODY, _EVERYBODY_MOVES, _LARGEST_MOVE, _STEADIEST = 3.0, 0.7, 9.0, 0.4
# Nearer than _CENTRE deviations of the steadiest patient, whatever rounding does.
_SURELY_CLOSE = 0.99 * _CENTRE * _STEADIEST
# A sibling may be wrong itself, so what it says against a value is limited, alone and together with the others.
_A_SIBLING_SAYS = 6.0
_SIBLINGS_SAY = 12.0
# A sibling knows a value when it expects it more closely than half of what people differ by; within one of its standard
# deviations it agrees.
_A_SIBLING_KNOWS, _A_SIBLING_AGREES = 0.5, 0.5
# With a history, what is usual among all patients says less.
_USUAL_BESIDE_HISTORY = 0.5
# A value measured twice in one minute differs by little more than its rounding; nothing is surer than this.
_SMALLEST_SPREAD = 0.01


_Kernel = tuple[float, float, float]  # place, spread, share
_Side = Sequence[tuple[float, float]]  # the values before, or after: (days away, value), nearest first


@cache
def _spreads(change: Change, *, is_log: bool) -> tuple[float, ...]:
    """One standard deviation of a true change within a day, a week, a month, and longer."""
    limits = (change.day, change.week, change.month, change.year)
    moved = (math.log(limit) if is_log else limit for limit in limits)
    return tuple(max(one / _DEVIATIONS_AT_LIMIT, _SMALLEST_SPREAD if is_log else 0.0) for one in moved)


class Likelihood:
    """Weighs values of one measurement in one chart. Without `usual` values nothing can be weighed: see `knows`."""

    def __init__(self, m: Measurement, *, context: ValueContext) -> None:
        self._m = m
        self._is_log = m.scale == "log"
        self._floor = m.usual[0] / 10 if m.usual and self._is_log else 0.0
        usual = limits_for(m, "usual", context=context)
        self.knows = usual is not None
        self._earlier: _Side = ()
        self._later: _Side = ()
        self._siblings: list[tuple[Expectation, float]] = []
        if usual is None:
            return
        low, high = self._place(usual[0]), self._place(usual[1])
        self._middle, self._deviation = (low + high) / 2, (high - low) / 4
        limits = plausible_for(m, context=context) or usual
        self._edges = (self._place(limits[0]), self._place(limits[1]))
        change = change_for(m, context=context)
        self._spreads = _spreads(change, is_log=self._is_log) if change is not None else (0.6 * self._deviation,) * 4
        self._earlier = [(-days, value) for days, value in context.history if days < 0][::-1]
        self._later = [(days, value) for days, value in context.history if days >= 0]
        self._siblings = [
            (e, self._place(e.value)) for e in (expectations(m, context=context) if context.others else ())
        ]

    @cached_property
    def _before(self) -> list[_Kernel]:
        return self._kernels(self._earlier)

    @cached_property
    def _after(self) -> list[_Kernel]:
        return self._kernels(self._later)

    @property
    def has_history(self) -> bool:
        return bool(self._before or self._after)

    @property
    def has_chart(self) -> bool:
        """Whether anything of this patient beside the value is known."""
        return self.has_history or bool(self._siblings)

    def weight(self, value: float) -> float:
        """Log likelihood of this value here."""
        place = self._place(value)
        if place == -math.inf:
            return -math.inf
        usual = self._usual(place)
        if self.has_history:
            usual *= _USUAL_BESIDE_HISTORY
        return usual + self._series(place) + self._beside(place)

    def alone(self, value: float) -> float:
        """Log likelihood of this value without its chart."""
        place = self._place(value)
        return self._usual(place) if place > -math.inf else -math.inf

    def is_surprising(self, value: float) -> bool:
        """Whether the chart speaks against this value at all; most values pass here and need no weighing."""
        place = self._place(value)
        if place == -math.inf:
            return True
        if all(self._is_close(place, side) for side in (self._earlier, self._later) if side):
            return self._beside(place) < -3.0
        return any(moved > _CENTRE for moved in self.moves(value)) or self._beside(place) < -3.0

    def moves(self, value: float) -> tuple[float, ...]:
        """How far the value lies from the nearest of those before and of those after it, in standard deviations of a
        true change; one number for each side that has values."""
        place = self._place(value)
        return tuple(
            min(abs(place - at) / spread for at, spread, _ in side) for side in (self._before, self._after) if side
        )

    def against(self, value: float) -> float:
        """How much the siblings say against this value."""
        return -self._beside(self._place(value))

    def is_agreed(self, value: float) -> bool:
        """Whether a sibling that knows expects just this value: then both moved, and neither was mistyped."""
        place = self._place(value)
        return any(
            e.side == "both"
            and e.spread < _A_SIBLING_KNOWS * self._deviation
            and self._said_by(e, at, place) < _A_SIBLING_AGREES
            for e, at in self._siblings
        )

    def disagreeing(self, value: float) -> Expectation | None:
        """The sibling that speaks most clearly against this value."""
        place = self._place(value)
        said = [(self._said_by(e, at, place), e) for e, at in self._siblings]
        worst = max(said, key=lambda pair: pair[0], default=None)
        return worst[1] if worst and worst[0] >= _A_SIBLING_SAYS else None

    def _place(self, value: float) -> float:
        """Where this value lies on the measurement's scale."""
        if not self._is_log:
            return value
        return math.log(value + self._floor) if value + self._floor > 0 else -math.inf

    def _usual(self, place: float) -> float:
        """Normal among usual values, then falling evenly to the plausible limit and beyond."""
        z = abs(place - self._middle) / self._deviation
        if z <= _CENTRE:
            return -0.5 * z * z
        edge = self._edges[1] if place > self._middle else self._edges[0]
        room = max(abs(edge - self._middle) / self._deviation - _CENTRE, 0.5) if math.isfinite(edge) else 4.0
        return -2.0 - (z - _CENTRE) * max((_AT_PLAUSIBLE_LIMIT - 2.0) / room, 1.0)

    def _is_close(self, place: float, side: _Side) -> bool:
        """Whether a value lies so near one of this side that it is no surprise in the steadiest patient either."""
        nearest = zip(side, _NEIGHBOURS, strict=False)
        return any(abs(place - self._place(value)) < _SURELY_CLOSE * self._spread(days) for (days, value), _ in nearest)

    def _kernels(self, side: _Side) -> list[_Kernel]:
        """(place, spread, share) of the nearest values of one side."""
        return [
            (place, self._spread(days) * self._restlessness, share)
            for (days, value), share in zip(side, _NEIGHBOURS, strict=False)
            if math.isfinite(place := self._place(value))
        ]

    @cached_property
    def _restlessness(self) -> float:
        """How much this patient's values move compared with others': below 1 for a steady patient."""
        moves, count = _EVERYBODY * _EVERYBODY_MOVES, _EVERYBODY
        for side in (self._earlier, self._later):
            placed = [(days, self._place(value)) for days, value in side]
            for (days, place), (later, next_place) in pairwise(placed):
                if math.isfinite(place) and math.isfinite(next_place):
                    moves += min(((place - next_place) / self._spread(later - days)) ** 2, _LARGEST_MOVE)
                    count += 1
        return max(math.sqrt(moves / count), _STEADIEST)

    def _spread(self, days: float) -> float:
        """One standard deviation of a true change over so many days."""
        day, week, month, year = self._spreads
        return day if days <= 1.1 else week if days <= 7 else month if days <= 31 else year

    def _series(self, place: float) -> float:
        """The value follows those before it, and those after it follow the value."""
        usual = math.exp(max(self._usual(place), -30.0)) / self._deviation
        total = 0.0
        for side, rises in ((self._before, place), (self._after, -place)):
            if side:
                shares = sum(share for _, _, share in side)
                near = sum(share / spread * math.exp(_tail((place - at) / spread)) for at, spread, share in side)
                nearest = side[0][0] if side is self._before else -side[0][0]
                fresh = _SURGES if self._m.surges and rises > nearest else _FRESH_STARTS
                total += math.log(near / shares + fresh * usual)
        return total

    def _beside(self, place: float) -> float:
        if not self._siblings:
            return 0.0
        return -min(sum(self._said_by(e, at, place) for e, at in self._siblings), _SIBLINGS_SAY)

    def _said_by(self, expected: Expectation, at: float, place: float) -> float:
        """How much one sibling says against a value."""
        off = place - at
        if (expected.side == "at_most" and off < 0) or (expected.side == "at_least" and off > 0):
            return 0.0
        return min(-_tail(off / expected.spread), _A_SIBLING_SAYS)


def _tail(z: float) -> float:
    """Log density of a normal centre with exponential tails, 0 at its top."""
    z = abs(z)
    return -0.5 * z * z if z <= _CENTRE else _CENTRE * (_CENTRE / 2 - z)
