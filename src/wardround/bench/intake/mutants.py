"""Mutants of a file: what a broken disk, a cut connection, a careless editor or an attacker makes of it. Seeded."""

import random
from collections.abc import Callable, Sequence

_ODD = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\t", b"\x0b", b"\x1c\r", b"\\", b'"', b"'", b"|", b"^",
    b"~", b"&", b",", b";", b"{", b"}", b"[", b"]", b":", b"<", b">", b"%", b"&lt;", b"\\u0000", b"\\ud800", b"\xed\xa0\x80",
    b"\xe2\x80\xae", b"\xcc\x81" * 40, b"NaN", b"Infinity", b"null", b"true", b"1e999", b"-0", b"9" * 400, b"0x10", b"1_000",
    b"00000000", b"99991231", b"2026-02-30", b"2026-13-01T25:61:61Z", b"\xd9\xa1\xd9\xa2", b"=cmd|' /C calc'!A0", b"../../etc/passwd",
    b"MSH|^~\\&|", b"OBX|1|NM|", b"<!ENTITY a 'b'>", b'{"resourceType":', b'"reference":"Patient/', b"A" * 5_000,
)  # fmt: skip
_TALLEST = 2_000_000  # bytes of one mutant

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def mutant(seeds: Sequence[bytes], *, dice: random.Random) -> bytes:
    """One of the seeds after one to six mutations."""
    made = dice.choice(seeds)
    for _turn in range(dice.choice((1, 1, 1, 2, 3, 6))):
        made = dice.choice(_MUTATIONS)(dice, made, seeds)
    return made[:_TALLEST]


def _flip(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    if not raw:
        return raw
    at = dice.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << dice.randrange(8))]) + raw[at + 1 :]


def _put_in(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    at = dice.randint(0, len(raw))
    return raw[:at] + dice.choice(_ODD) + raw[at:]


def _put_over(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    odd = dice.choice(_ODD)
    at = dice.randint(0, len(raw))
    return raw[:at] + odd + raw[at + len(odd) :]


def _cut_off(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    return raw[: dice.randint(0, len(raw))]


def _cut_out(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    first, last = sorted((dice.randint(0, len(raw)), dice.randint(0, len(raw))))
    return raw[:first] + raw[min(last, first + dice.choice((1, 8, 200, len(raw)))) :]


def _say_twice(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    first = dice.randint(0, len(raw))
    part = raw[first : first + dice.choice((1, 10, 200, 4_000))]
    return raw[:first] + part * dice.choice((2, 2, 3, 50)) + raw[first + len(part) :]


def _swap_fields(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    """Two parts between the same separator change places, as in a file whose columns moved."""
    separator = dice.choice((b"|", b"^", b",", b";", b'"', b"\r", b"\n", b"<", b":"))
    parts = raw.split(separator, 400)
    if len(parts) < 3:
        return raw
    one, other = dice.randrange(len(parts)), dice.randrange(len(parts))
    parts[one], parts[other] = parts[other], parts[one]
    return separator.join(parts)


def _new_number(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    places = [at for at, byte in enumerate(raw[:200_000]) if 48 <= byte <= 57]
    if not places:
        return raw
    at = dice.choice(places)
    number = dice.choice((b"0", b"-1", b"9" * 20, b"1e400", b"4294967296", b"0.0000001", b"", b"007", b"3.14.15"))
    return raw[:at] + number + raw[at + 1 :]


def _splice(dice: random.Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    other = dice.choice(seeds)
    return raw[: dice.randint(0, len(raw))] + other[dice.randint(0, len(other)) :]


_MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _put_in, _put_over, _cut_off, _cut_out, _say_twice, _swap_fields, _new_number, _splice),
)
