"""A 32-byte secret in shares: Shamir's scheme of pycryptodome, which takes 16 bytes, on each half.

Shamir combines corrupted shares in silence into a wrong secret, so whoever recovers one must check it (against the
advertised public key or the commitment): ``recover`` insists on such a check.
"""

import itertools
from collections.abc import Callable, Mapping

from Crypto.Protocol.SecretSharing import Shamir

_HALF = 16
# With more shares than needed a corrupted one can be left out; beyond this many tries the sum is abandoned instead.
_TRIES = 200


def split(secret: bytes, *, threshold: int, hospitals: int) -> tuple[bytes, ...]:
    """One share of 32 bytes for each place of the roster; any ``threshold`` of them give the secret back."""
    halves = [Shamir.split(threshold, hospitals, secret[start : start + _HALF]) for start in (0, _HALF)]
    return tuple(first[1] + second[1] for first, second in zip(*halves, strict=True))


def recover(shares: Mapping[int, bytes], *, threshold: int, is_right: Callable[[bytes], bool]) -> bytes | None:
    """The secret from shares by place of the roster (0 for the first); None when no choice of shares gives a right one."""
    choices = itertools.combinations(sorted(shares), threshold)
    for places in itertools.islice(choices, _TRIES):
        secret = b"".join(
            Shamir.combine([(place + 1, shares[place][start : start + _HALF]) for place in places])
            for start in (0, _HALF)
        )
        if is_right(secret):
            return secret
    return None
