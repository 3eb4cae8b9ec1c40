"""Is this the same person? Fellegi-Sunter weights over name, birth date, sex, number, telephone and address.

Each field that both sides state adds log2(m/u) where it agrees and log2((1-m)/(1-u)) where it does not (Fellegi and
Sunter, "A Theory for Record Linkage", JASA 64, 1969). A field that one side does not state adds nothing. The m and u
below are this product's starting values, set by hand and not estimated from a hospital's own pairs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import log2
from typing import Literal

Grade = Literal["certain", "probable", "possible", "certainly-not"]
_PREFIX_SCALE, _PREFIX_LENGTH = 0.1, 4  # Winkler's own constants
_SAME_NAME, _LIKE_NAME = 0.99, 0.88
_PRIOR = log2(1 / 10_000)  # one true match among this many patients, before anything is compared


@dataclass(frozen=True)
class Odds:
    """`m`: how often the field agrees for one person; `u`: how often it agrees for two people by chance."""

    m: float
    u: float

    @property
    def agreement(self) -> float:
        return log2(self.m / self.u)

    @property
    def disagreement(self) -> float:
        return log2((1 - self.m) / (1 - self.u))


FAMILY = Odds(m=0.95, u=0.002)
GIVEN = Odds(m=0.93, u=0.01)
BIRTH_DATE = Odds(m=0.97, u=1 / 25_000)  # some seventy years of days
BIRTH_SLIP = Odds(m=0.97, u=1 / 4_000)  # day and month swapped, or one digit or two neighbours wrong
BIRTH_YEAR = Odds(m=0.98, u=1 / 60)  # where one side states the year alone
SEX = Odds(m=0.99, u=0.5)
NUMBER = Odds(m=0.98, u=1 / 1_000_000)
PHONE = Odds(m=0.7, u=1 / 5_000)
ADDRESS = Odds(m=0.7, u=1 / 500)


@dataclass(frozen=True)
class Identity:
    """What is stated about a person; texts already without case and accents. Empty means not stated."""

    family: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    birth: str = ""  # "1963" or "1963-05-02"
    sex: str = ""
    numbers: frozenset[tuple[str, str]] = frozenset()  # (system, value)
    phones: frozenset[str] = frozenset()  # digits alone
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Likeness:
    """How alike two identities are: the probability from 0 to 1, and its grade."""

    score: float
    grade: Grade


def compare(asked: Identity, known: Identity) -> Likeness:
    """The likeness of two identities; the order of the two does not matter."""
    weight = _PRIOR + sum(
        (
            _names(asked.family, known.family, odds=FAMILY),
            _names(asked.given, known.given, odds=GIVEN),
            _births(asked.birth, known.birth),
            _sexes(asked.sex, known.sex),
            _numbers(asked.numbers, known.numbers),
            _sets(asked.phones, known.phones, odds=PHONE),
            _addresses(asked.addresses, known.addresses),
        )
    )
    score = 1 / (1 + 2.0**-weight)
    return Likeness(score=score, grade=_grade(score))


def jaro_winkler(one: str, other: str) -> float:
    """How alike two names are, 0 to 1 (Winkler, "String Comparator Metrics", 1990)."""
    alike = _jaro(one, other)
    shared = 0
    for a, b in zip(one[:_PREFIX_LENGTH], other[:_PREFIX_LENGTH], strict=False):
        if a != b:
            break
        shared += 1
    return alike + shared * _PREFIX_SCALE * (1 - alike)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken: set[int] = set()
    matched: list[str] = []
    for at, letter in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if place not in taken and other[place] == letter:
                taken.add(place)
                matched.append(letter)
                break
    if not matched:
        return 0.0
    swapped = sum(a != other[b] for a, b in zip(matched, sorted(taken), strict=True)) / 2
    number = len(matched)
    return (number / len(one) + number / len(other) + (number - swapped) / number) / 3


def _grade(score: float) -> Grade:
    if score >= 0.999:
        return "certain"
    if score >= 0.9:
        return "probable"
    return "possible" if score >= 0.3 else "certainly-not"


def _names(asked: frozenset[str], known: frozenset[str], *, odds: Odds) -> float:
    """A likely misspelling counts half of what agreement does."""
    if not asked or not known:
        return 0.0
    alike = max(jaro_winkler(a, b) for a, b in product(asked, known))
    if alike >= _SAME_NAME:
        return odds.agreement
    return odds.agreement / 2 if alike >= _LIKE_NAME else odds.disagreement


def _births(asked: str, known: str) -> float:
    if not asked or not known:
        return 0.0
    if min(len(asked), len(known)) < 10:
        same = asked[:4] == known[:4]
        return BIRTH_YEAR.agreement if same else BIRTH_YEAR.disagreement
    if asked == known:
        return BIRTH_DATE.agreement
    return BIRTH_SLIP.agreement if is_slip(asked, known) else BIRTH_DATE.disagreement


def is_slip(one: str, other: str) -> bool:
    """May one date be the other, mistyped: day and month swapped, one digit wrong, or two neighbours swapped?"""
    if len(one) != 10 or len(other) != 10:
        return False
    if one == f"{other[:4]}-{other[8:10]}-{other[5:7]}":
        return True
    left, right = one.replace("-", ""), other.replace("-", "")
    places = [at for at, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(places) == 1:
        return True
    return (
        len(places) == 2
        and places[1] == places[0] + 1
        and left[places[0]] == right[places[1]]
        and left[places[1]] == right[places[0]]
    )


def _sexes(asked: str, known: str) -> float:
    # "other" and "unknown" say too little to speak against anybody.
    if asked not in {"male", "female"} or known not in {"male", "female"}:
        return 0.0
    return SEX.agreement if asked == known else SEX.disagreement


def _numbers(asked: frozenset[tuple[str, str]], known: frozenset[tuple[str, str]]) -> float:
    """Only numbers of one system can disagree; a person rightly has others elsewhere."""
    if asked & known:
        return NUMBER.agreement
    shared = {system for system, _ in asked} & {system for system, _ in known}
    return NUMBER.disagreement if shared else 0.0


def _sets(asked: Iterable[str], known: Iterable[str], *, odds: Odds) -> float:
    left, right = set(asked), set(known)
    if not left or not right:
        return 0.0
    return odds.agreement if left & right else odds.disagreement


def _addresses(asked: frozenset[str], known: frozenset[str]) -> float:
    if not asked or not known:
        return 0.0
    alike = max(jaro_winkler(a, b) for a, b in product(asked, known))
    return ADDRESS.agreement if alike >= _LIKE_NAME else ADDRESS.disagreement
