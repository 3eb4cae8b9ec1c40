"""The interval of a share: so many of so many, by Wilson's score (Wilson 1927, JASA 22:209), 95 %, two-sided."""

from math import sqrt

_Z = 1.959963984540054


def wilson(part: int, *, whole: int) -> tuple[float, float]:
    """Lower and upper bound of the share `part / whole`; it stays within 0 and 1 and has a width also at both ends.

    Raises ValueError where nothing was counted, or more than everything.
    """
    if not 0 <= part <= whole or not whole:
        raise ValueError("A share needs at least one that was counted, and no more of it than there are.")
    share, z2 = part / whole, _Z**2
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * sqrt(share * (1 - share) / whole + z2 / (4 * whole**2)) / (1 + z2 / whole)
    return (0.0 if part == 0 else middle - half), (1.0 if part == whole else middle + half)
