"""Which numbers of a column are not said: small ones, which could point at a person, and those that would give them away."""

from collections.abc import Sequence

FEWEST = 5


def not_said(counts: Sequence[int]) -> frozenset[int]:
    """The places of the numbers that are not said, where the column's total may be known.

    A number from 1 to 4 is not said. If the total and all others were said, it could be worked out; so the smallest others
    are withheld with it until two or more are, of five or more together (secondary suppression).
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < FEWEST}
    if not hidden:
        return frozenset()
    others = sorted((count, place) for place, count in enumerate(counts) if count >= FEWEST)
    for _count, place in others:
        if sum(counts[one] for one in hidden) >= FEWEST:  # at least two places: a small number alone is below that
            break
        hidden.add(place)
    return frozenset(hidden)
