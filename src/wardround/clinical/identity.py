"""Is this the same person? Fellegi-Sunter weights over name, birth date, sex, number, telephone, e-mail and address.

Each field that both sides state adds log2(m/u) of the degree to which it agrees (Fellegi and Sunter, "A Theory for Record
Linkage", JASA 64, 1969). A field that one side does not state adds nothing. A rare name weighs more than a frequent one
(Winkler, "Frequency-Based Matching in Fellegi-Sunter Model", 2000). Fields that a household shares are not independent of
each other, as the theory has it, so they count together no more than makes it certain that it is the same household.

The grades: `certain` from .999 (a steward may rely on it), `probable` from .9, `possible` from .3 (look twice), below that
`certainly-not`. With the prior of a search for duplicates the weights must add up to some 27 bits for `certain`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import log2
from typing import Literal

from wardround.clinical.identity_odds import STARTING, Model
from wardround.clinical.likeness import is_date_slip, is_one_slip, jaro_winkler
from wardround.clinical.person import Address, Identity

Grade = Literal["certain", "probable", "possible", "certainly-not"]
Pattern = Mapping[str, str]  # field -> degree of agreement; a field that one side does not state is not in it
_LIKE_NAME, _LIKE_STREET = 0.9, 0.93
_SHORTEST_SLIP = 4  # Kim and Lim, Ann and Ana are names of their own
_HOUSEHOLD = ("family", "phone", "email", "address")
_MEMBERS = 4  # whom to tell apart in one household
_TWIN = 1 / 100  # two members of a household with one birth date
_NAMESAKE = 1 / 50  # and with one given name: a child named after a parent
_TRUSTED = 200  # so many patients' worth of evidence is the usual frequency of a name beside the hospital's own
_RAREST = 1 / 20_000


@dataclass(frozen=True)
class Population:
    """Among whom somebody is looked for. `expected`: how many records of one person there are besides, on average.

    `names` holds how many patients have a name: ("family", "kovacs") -> 17.
    """

    patients: int = 10_000
    expected: float = 1.0
    names: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def prior(self) -> float:
        """log2 of the odds that a pair is one person before anything is compared."""
        return log2(self.expected / max(self.patients, 2))

    def chance_of(self, kind: str, name: str, *, usual: float) -> float:
        """How often another patient has this name: the hospital's own count, drawn to the usual where it is small."""
        if (kind, name) not in self.names:
            return usual
        others = max(self.names[kind, name] - 1, 0)
        return max((others + _TRUSTED * usual) / (self.patients + _TRUSTED), _RAREST)


SEARCHED = Population()


@dataclass(frozen=True)
class Likeness:
    """How alike two identities are: the probability from 0 to 1, its grade, and the weight of each field in bits."""

    score: float
    grade: Grade
    pattern: Pattern
    weights: Mapping[str, float]


def compare(
    asked: Identity, known: Identity, *, population: Population = SEARCHED, model: Model = STARTING
) -> Likeness:
    """The likeness of two identities; the order of the two does not matter."""
    pattern = degrees(asked, known)
    weights = {name: model[name][degree].weight for name, degree in pattern.items()}
    for kind, one, other in (("family", asked.family, known.family), ("given", asked.given[:1], known.given[:1])):
        if pattern.get(kind) == "same":
            odds = model[kind]["same"]
            shared = [population.chance_of(kind, name, usual=odds.u) for name in set(one) & set(other)]
            weights[kind] = log2(odds.m / min(shared, default=odds.u))
    _count_a_household_once(weights, pattern=pattern, population=population, model=model)
    score = 1 / (1 + 2.0 ** -max(min(population.prior + sum(weights.values()), 200), -200))
    return Likeness(score=score, grade=grade_of(score), pattern=pattern, weights=weights)


def grade_of(score: float) -> Grade:
    if score >= 0.999:
        return "certain"
    if score >= 0.9:
        return "probable"
    return "possible" if score >= 0.3 else "certainly-not"


def degrees(asked: Identity, known: Identity) -> dict[str, str]:
    """To which degree each field agrees that both sides state; the fields and degrees are those of the model."""
    found = {
        **_names(asked, known),
        **_births(asked.birth, known.birth),
        "sex": _sexes(asked.sex, known.sex),
        "generation": _generations(asked.generation, known.generation),
        **_numbers(asked, known),
        "phone": _texts(asked.phones, known.phones),
        "email": _texts(asked.emails, known.emails),
        "address": _addresses(asked.addresses, known.addresses),
    }
    return {name: degree for name, degree in found.items() if degree}


def _count_a_household_once(
    weights: dict[str, float], *, pattern: Pattern, population: Population, model: Model
) -> None:
    """Twins share all but the given name, father and son all but the birth date, and neither is one person."""
    if not any(pattern.get(name) in {"same", "alike"} for name in ("phone", "email", "address")):
        return
    shared = {name: weights[name] for name in _HOUSEHOLD if weights.get(name, 0) > 0}
    most = max(-population.prior - log2(_MEMBERS), _MEMBERS)
    if sum(shared.values()) > most:
        for name, weight in shared.items():
            weights[name] = weight * most / sum(shared.values())
    if pattern.get("given") == "same":
        weights["given"] = min(weights["given"], log2(model["given"]["same"].m / _NAMESAKE))
    elif pattern.get("birth") == "same" and "swapped_names" not in pattern:
        weights["birth"] = log2(model["birth"]["same"].m / _TWIN)


def _names(asked: Identity, known: Identity) -> dict[str, str]:
    straight = {
        "family": _families(asked.family, known.family) if asked.family and known.family else "",
        "given": _given(asked.given, known.given) if asked.given and known.given else "",
    }
    # A second given name that both have says nothing about the first, which may stand in the family's place.
    if straight["family"] != "different" or straight["given"] not in {"different", "shared"}:
        return straight
    crossed = _stand_in(asked.family, known.given) and _stand_in(known.family, asked.given)
    return {"swapped_names": "same"} if crossed else straight


def _stand_in(family: tuple[str, ...], given: tuple[str, ...]) -> bool:
    words = {word for name in family for word in name.split()}
    return any(a == b or _is_name_slip(a, b) for a, b in product(words, given))


def _families(asked: tuple[str, ...], known: tuple[str, ...]) -> str:
    if set(asked) & set(known) or any(a.replace(" ", "") == b.replace(" ", "") for a, b in product(asked, known)):
        return "same"
    if any(set(a.split()) & set(b.split()) for a, b in product(asked, known)):
        return "part"
    if any(_is_name_slip(a, b) for a, b in product(asked, known)):
        return "slip"
    return "alike" if any(jaro_winkler(a, b) >= _LIKE_NAME for a, b in product(asked, known)) else "different"


def _given(asked: tuple[str, ...], known: tuple[str, ...]) -> str:
    one, other = asked[0], known[0]
    if one == other:
        return "same"
    if {name for name in asked if len(name) > 1} & set(known):
        return "shared"
    if len(one) == 1 or len(other) == 1:
        return "initial" if one[0] == other[0] else "different"
    if min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one)):
        return "short"
    if _is_name_slip(one, other):
        return "slip"
    return "alike" if jaro_winkler(one, other) >= _LIKE_NAME else "different"


def _is_name_slip(one: str, other: str) -> bool:
    return max(len(one), len(other)) >= _SHORTEST_SLIP and is_one_slip(one, other)


def _births(asked: str, known: str) -> dict[str, str]:
    if not asked or not known:
        return {}
    length = min(len(asked), len(known))
    if length < 10:
        name, cut = ("birth_month", 7) if length == 7 else ("birth_year", 4)
        return {name: "same" if asked[:cut] == known[:cut] else "different"}
    if asked == known:
        return {"birth_at_new_year" if asked.endswith("-01-01") else "birth": "same"}
    if is_date_slip(asked, known):
        return {"birth": "slip"}
    if asked[:4] == known[:4] and "-01-01" in {asked[4:], known[4:]}:
        return {"birth_year": "same"}
    return {"birth": "near" if asked[:7] == known[:7] or asked[5:] == known[5:] else "different"}


def _sexes(asked: str, known: str) -> str:
    # "other" and "unknown" say too little to speak against anybody.
    if asked not in {"male", "female"} or known not in {"male", "female"}:
        return ""
    return "same" if asked == known else "different"


def _generations(asked: str, known: str) -> str:
    if not asked or not known:
        return ""
    return "same" if asked == known else "different"


def _numbers(asked: Identity, known: Identity) -> dict[str, str]:
    """Only numbers of one system can disagree; a person rightly has others elsewhere."""
    lifelong = asked.lifelong | known.lifelong
    return {
        "lifelong_number": _numbers_of(asked, known, wanted=lambda system: system in lifelong),
        "number": _numbers_of(asked, known, wanted=lambda system: system not in lifelong),
    }


def _numbers_of(asked: Identity, known: Identity, *, wanted: Callable[[str], bool]) -> str:
    left = {number for number in asked.numbers if wanted(number[0])}
    right = {number for number in known.numbers if wanted(number[0])}
    if left & right:
        return "same"
    pairs = [(a, b) for (one, a), (other, b) in product(left, right) if one == other]
    if not pairs:
        return ""
    # A hospital gives numbers one after the other: neighbours are no slips of each other.
    is_lifelong = next(iter(left))[0] in asked.lifelong | known.lifelong
    return "slip" if is_lifelong and any(is_one_slip(a, b) for a, b in pairs) else "different"


def _texts(asked: frozenset[str], known: frozenset[str]) -> str:
    if not asked or not known:
        return ""
    if asked & known:
        return "same"
    return "slip" if any(is_one_slip(a, b) for a, b in product(asked, known)) else "different"


_ADDRESS_DEGREES = ("same", "alike", "postcode", "city", "different")


def _addresses(asked: tuple[Address, ...], known: tuple[Address, ...]) -> str:
    found = {_address(a, b) for a, b in product(asked, known)}
    return next((degree for degree in _ADDRESS_DEGREES if degree in found), "")


def _address(one: Address, other: Address) -> str:
    is_place = _both(one.postcode, other.postcode) or _both(one.city, other.city)
    is_elsewhere = not is_place and (bool(one.postcode and other.postcode) or bool(one.city and other.city))
    if one.street and other.street and not is_elsewhere and (street := _streets(one.street, other.street)):
        return street
    if _both(one.postcode, other.postcode):
        return "postcode"
    if _both(one.city, other.city):
        return "city"
    states_little = not (one.street and other.street) and not is_elsewhere
    return "" if states_little else "different"


def _streets(one: str, other: str) -> str:
    if one == other:
        return "same"
    is_alike = is_one_slip(one, other) or jaro_winkler(one, other) >= _LIKE_STREET or _words(one) == _words(other)
    return "alike" if is_alike else ""


def _both(one: str, other: str) -> bool:
    return bool(one) and one == other


def _words(street: str) -> frozenset[str]:
    return frozenset(word for word in street.split() if not word.isdecimal())
