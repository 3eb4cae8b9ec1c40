"""What is stated about a person, in one spelling: names, numbers, telephones and addresses as identity compares them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wardround.clinical.plain_text import without_accents

# Letters that Unicode does not take apart into a plain one and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe", "'": "", "’": "", "`": ""}
)
# How streets are abbreviated in the languages of the hospitals that we know (English, Hungarian, German, French, Spanish).
_STREET_WORDS = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "terrace": "ter",
    "parkway": "pkwy",
    "highway": "hwy",
    "apt": "",
    "apartment": "",
    "unit": "",
    "suite": "",
    "number": "",
    "no": "",
    "utca": "u",
    "korut": "krt",
    "strasse": "str",
    "calle": "c",
    "avenida": "ave",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
_PHONE_DIGITS = 9  # the last nine are the same with and without a country's prefix
_GENERATIONS = {"jr": "jr", "junior": "jr", "ifj": "jr", "sr": "sr", "senior": "sr", "id": "sr"} | {
    numeral: numeral for numeral in ("ii", "iii", "iv")
}


@dataclass(frozen=True)
class Address:
    """One address in one spelling; empty where a part is not stated."""

    street: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True)
class Identity:
    """What is stated about a person, in one spelling (`name_of` and its siblings). Empty means not stated.

    `given` begins with the name that the person goes by. `lifelong` names the systems in which a person has one number
    for life (social security, passport): in any other, another number says next to nothing.
    """

    family: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    birth: str = ""  # "1963", "1963-05" or "1963-05-02"
    sex: str = ""
    numbers: frozenset[tuple[str, str]] = frozenset()  # (system, value)
    lifelong: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    addresses: tuple[Address, ...] = ()
    generation: str = ""  # jr, sr, ii, iii, iv


def folded(text: str) -> str:
    """Without case, accents and apostrophes; what is neither letter nor digit separates words."""
    plain = without_accents(text.casefold().translate(_PLAIN))
    return " ".join(re.findall(r"[^\W_]+", plain.translate(_PLAIN)))


def names_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Names in one spelling, each once, in the order stated."""
    return tuple(dict.fromkeys(name for name in map(folded, texts) if name))


def given_names_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Given names one by one: "Anna Maria" in one field is two."""
    return tuple(dict.fromkeys(word for name in map(folded, texts) for word in name.split()))


def phone_of(text: str) -> str:
    """The digits that do not depend on how the country is dialled; empty for what is no telephone number."""
    digits = "".join(c for c in text if c.isascii() and c.isdecimal())
    return digits[-_PHONE_DIGITS:] if len(digits) >= 6 else ""


def email_of(text: str) -> str:
    return text.strip().casefold() if "@" in text else ""


def generation_of(texts: Iterable[str]) -> str:
    """Junior or senior, of the words behind a name."""
    return next((_GENERATIONS[word] for text in texts for word in folded(text).split() if word in _GENERATIONS), "")


def address_of(*, lines: Iterable[str] = (), postcode: str = "", city: str = "") -> Address:
    """An address in one spelling; of a postcode with an extension (US ZIP+4) the beginning."""
    words = (_STREET_WORDS.get(word, word) for word in folded(" ".join(lines)).split())
    code = "".join(folded(postcode.partition("-")[0] if postcode[:5].isdecimal() else postcode).split())
    return Address(street=" ".join(filter(None, words)), postcode=code, city=folded(city))
