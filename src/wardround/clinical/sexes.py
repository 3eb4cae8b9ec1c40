"""Diagnoses and procedures that only one sex can have: by published codes, or by the words of their title."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from wardround.clinical.icd_9_cm import ICD_9_CM
from wardround.clinical.measurements import OMOP, Coding

Sex = Literal["male", "female"]


@dataclass(frozen=True)
class SexSpecific:
    """Codes of one system that only one sex can have, and where they were seen."""

    system: str
    sex: Sex
    codes: tuple[str, ...]  # as the source writes them: "N40", or the range "N40-N53"
    seen_in: str


def sex_of(codings: Iterable[Coding], *, text: str = "", is_procedure: bool = False) -> Sex | None:
    """The only sex that can have this, or None: anyone can, or it cannot be told, or its codes disagree.

    A published code says it better than its title. ICD-9-CM numbers procedures and diagnoses alike under one system, and
    only diagnoses are listed, so a procedure's title is read instead.
    """
    found: set[Sex | None] = set()
    titles = [text]
    for coding in codings:
        if coding.system in _ranges() and not (is_procedure and coding.system == ICD_9_CM):
            found.add(sex_of_code(coding.system, coding.code))
        titles.append(coding.display)
    if not found:
        found = {sex_of_title(title) for title in titles if title}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def sex_of_code(system: str, code: str) -> Sex | None:
    """The only sex that can have this code, or None."""
    if system == OMOP:  # concept ids have no hierarchy in their digits
        return _singles().get(code)
    plain = _plain(code)
    for low, high, sex in _ranges().get(system, ()):
        if len(plain) >= len(low) and low <= plain[: len(low)] and plain[: len(high)] <= high:
            return sex
    return None


@lru_cache(maxsize=4096)
def sex_of_title(title: str) -> Sex | None:
    """The only sex that can have what this English title names, if exactly one is named and nobody else is meant."""
    female, male, never = _words()
    lowered = title.casefold()
    if never.search(lowered):
        return None
    is_female, is_male = bool(female.search(lowered)), bool(male.search(lowered))
    if is_female == is_male:
        return None
    return "female" if is_female else "male"


@cache
def groups() -> tuple[SexSpecific, ...]:
    """Every group of the file."""
    return tuple(SexSpecific(g["system"], g["sex"], tuple(g["codes"]), g["seen_in"]) for g in _file()["group"])


@cache
def _ranges() -> dict[str, list[tuple[str, str, Sex]]]:
    """Per system the ranges from a code to a code, both with everything below them."""
    ranges: dict[str, list[tuple[str, str, Sex]]] = {}
    for group in groups():
        for code in group.codes:
            low, _, high = code.partition("-")
            ranges.setdefault(group.system, []).append((_plain(low), _plain(high or low), group.sex))
    return ranges


@cache
def _singles() -> dict[str, Sex]:
    return {code: group.sex for group in groups() if group.system == OMOP for code in group.codes}


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = _file()["words"]
    female, male = (re.compile(rf"\b(?:{'|'.join(map(re.escape, words[sex]))})\b") for sex in ("female", "male"))
    return female, male, re.compile("|".join(rf"\b{re.escape(word)}" for word in words["never"]))


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("wardround.clinical").joinpath("sex_specific.toml").read_text("utf-8"))


def _plain(code: str) -> str:
    """Without the dot, which many exports leave out."""
    return code.replace(".", "").upper()
