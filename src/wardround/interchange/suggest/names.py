"""What a column's name says: the role or the measurement it may mean, and the unit that stands in it."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.errors import ClinicalError
from wardround.clinical.plain_text import without_accents
from wardround.clinical.units import canonical_unit

EXACT = 1.0
_SHORT = 3  # letters: so short a name means something only as the whole header
_LEAST_PREFIX = 2
_LEAST_ALONE = 4
_IN_BRACKETS = re.compile(r"[(\[{]([^)\]}]{1,30})[)\]}]")
_WORDS = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Words that say how or where something was measured, not what.
_NOISE = {
    "value",
    "result",
    "val",
    "res",
    "wert",
    "serum",
    "plasma",
    "s",
    "p",
    "level",
    "conc",
    "lab",
    "first",
    "last",
    "baseline",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a name may mean: a role, a measurement or a procedure; how well the name fits, up to 1."""

    kind: str  # role | measurement | procedure
    key: str
    fit: float


@cache
def book() -> dict[str, Any]:
    """names.toml."""
    text = resources.files("wardround.interchange.suggest").joinpath("names.toml").read_text("utf-8")
    return tomllib.loads(text)


def words_of(name: str) -> tuple[str, ...]:
    """A header's words: "cholTotal_mgdl" is chol, total, mgdl."""
    return tuple(_WORDS.findall(without_accents(_CAMEL.sub(" ", name))))


def unit_in(name: str) -> tuple[str | None, str]:
    """The UCUM unit that a header names, and the header without it."""
    for match in _IN_BRACKETS.finditer(name):
        unit = _as_unit(match[1])
        if unit is not None:
            return unit, (name[: match.start()] + " " + name[match.end() :]).strip()
    words = words_of(name)
    known = book()["units"]
    for many in (2, 1):
        tail = "".join(words[-many:])
        if len(words) > many and tail in known:
            return known[tail], " ".join(words[:-many])
    return None, _IN_BRACKETS.sub(" ", name)


# In headers G and T are giga and tera, as of cells in a litre; in UCUM they are gauss and tesla.
_COUNTS = {"G/l": "10*9/L", "G/L": "10*9/L", "T/l": "10*12/L", "T/L": "10*12/L"}


def _as_unit(text: str) -> str | None:
    if text.strip() in _COUNTS:
        return _COUNTS[text.strip()]
    known: str | None = book()["units"].get("".join(_WORDS.findall(without_accents(text))))
    try:
        return canonical_unit(text.strip())
    except ClinicalError:
        return known


def meanings_of(name: str) -> list[Meaning]:
    """What a header may mean, the best first."""
    words = words_of(name)
    if not words:
        return []
    found: dict[tuple[str, str], float] = {}
    for (kind, key), names in _index().items():
        fit = max((_fit(words, known) for known in names), default=0.0)
        if fit:
            found[kind, key] = fit
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Meaning(kind, key, fit) for (kind, key), fit in ordered]


@cache
def _index() -> dict[tuple[str, str], tuple[tuple[str, ...], ...]]:
    index: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for section, kind in (("roles", "role"), ("procedures", "procedure"), ("measurements", "measurement")):
        for key, names in book()[section].items():
            index.setdefault((kind, key), set()).update(words_of(name) for name in names)
    for measurement in load_catalogue():
        names = index.setdefault(("measurement", measurement.key), set())
        names.add(tuple(measurement.key.split("_")))
        names.add(words_of(measurement.title))
    return {what: tuple(sorted(names)) for what, names in index.items()}


def _fit(words: tuple[str, ...], known: tuple[str, ...]) -> float:
    """1 for the same name; less for a longer one that holds it, and for one that shortens its words."""
    if words == known or "".join(words) == "".join(known):
        return EXACT
    bare = tuple(word for word in words if word not in _NOISE)
    if bare and bare == known:
        return 0.95
    letters = sum(map(len, known))
    is_generic = len(known) == 1 and known[0] in book()["generic"]["words"]
    if letters > _SHORT and not is_generic and set(known) <= set(words):
        return 0.6 + 0.3 * letters / sum(map(len, words))
    if len(bare) > 1 and len(bare) <= len(known) and _shortens(bare, known):
        return 0.8 if len(bare) == len(known) else 0.65
    if len(bare) == 1 == len(known) and len(bare[0]) >= _LEAST_ALONE and known[0].startswith(bare[0]):
        return 0.7
    return 0.0


def _shortens(words: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Every word begins one of the known ones, in their order; the first begins the first."""
    at = 0
    for number, word in enumerate(words):
        while at < len(known) and not (len(word) >= _LEAST_PREFIX and known[at].startswith(word)):
            if number == 0:
                return False
            at += 1
        if at == len(known):
            return False
        at += 1
    return True
