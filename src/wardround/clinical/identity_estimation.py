"""The m and u of a hospital's own pairs: expectation and maximisation over the patterns in which fields agree.

Winkler, "Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model of Record Linkage" (1988), after Dempster,
Laird and Rubin (1977), under conditional independence. Pairs are those that blocking brings together, so their u are not
those of all pairs: give the u of `random` pairs where they matter. Where fields depend on each other (relatives at one
address), pairs of relatives are taken for one person: leave them out. The starting values count as `strength` pairs of each
kind (a Dirichlet prior), so that a small hospital keeps them and a field that nobody states is not turned round.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping

from wardround.clinical.identity_odds import STARTING, Model, Odds

Seen = frozenset[tuple[str, str]]  # a pattern as a set of (field, degree)
_LEAST = 1e-9


def estimate(
    pairs: Mapping[Seen, int],
    *,
    start: Model = STARTING,
    share: float = 0.05,
    strength: float = 100.0,
    rounds: int = 50,
    random: Mapping[Seen, int] | None = None,
) -> tuple[Model, float]:
    """The model that makes these patterns likeliest beside the prior, and the share of pairs that are one person.

    `pairs` says how often each pattern was seen; `share` is the first guess of that share; `random` are patterns of pairs
    that are two people for all that is known (drawn by chance), whose u are then counted and not estimated.
    """
    model = _counted(start, random, strength=strength) if random else start
    total = sum(pairs.values())
    if not total:
        return model, share
    for _round in range(rounds):
        matched: defaultdict[Hashable, float] = defaultdict(float)
        unmatched: defaultdict[Hashable, float] = defaultdict(float)
        of_one_person = 0.0
        for pattern, number in pairs.items():
            chance = _posterior(pattern, model=model, share=share)
            of_one_person += chance * number
            for seen in pattern:
                matched[seen] += chance * number
                unmatched[seen] += (1 - chance) * number
        share = min(max((of_one_person + share) / (total + 1), _LEAST), 1 - _LEAST)
        model = _maximised(
            model, start=start, matched=matched, unmatched=None if random else unmatched, strength=strength
        )
    return model, share


def _posterior(pattern: Seen, *, model: Model, share: float) -> float:
    one, two = share, 1 - share
    for name, degree in pattern:
        odds = model[name][degree]
        one, two = one * odds.m, two * odds.u
    return one / (one + two) if one + two else 0.0


def _maximised(
    model: Model,
    *,
    start: Model,
    matched: Mapping[Hashable, float],
    unmatched: Mapping[Hashable, float] | None,
    strength: float,
) -> Model:
    made: dict[str, dict[str, Odds]] = {}
    for name, degrees in model.items():
        m = _shares({d: matched.get((name, d), 0.0) + strength * start[name][d].m for d in degrees})
        u = (
            {d: odds.u for d, odds in degrees.items()}
            if unmatched is None or len(degrees) == 1
            else _shares({d: unmatched.get((name, d), 0.0) + strength * start[name][d].u for d in degrees})
        )
        made[name] = {d: Odds(start[name][d].m if len(degrees) == 1 else m[d], u[d]) for d in degrees}
    return made


def _counted(start: Model, random: Mapping[Seen, int], *, strength: float) -> Model:
    seen: Counter[tuple[str, str]] = Counter()
    for pattern, number in random.items():
        for one in pattern:
            seen[one] += number
    return {
        name: dict(degrees)
        if len(degrees) == 1
        else {
            d: Odds(degrees[d].m, u)
            for d, u in _shares({d: seen[name, d] + strength * odds.u for d, odds in degrees.items()}).items()
        }
        for name, degrees in start.items()
    }


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: max(weight / total, _LEAST) for name, weight in weights.items()}
