"""Diagnoses of ICD-10-CM (National Center for Health Statistics and CMS, public domain): titles, and the search for them.

The table is distilled from the tabular list by scripts/distil_icd_10_cm.py. Inclusion terms are synonyms; everyday words and
abbreviations that the list does not have are in `everyday_terms.toml`.
"""

import gzip
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from wardround.clinical.term_index import TermIndex, words_of

# Whether it begins with the search, how long it is, whether it is a synonym, whether more exact codes lie below it.
_Rank = tuple[bool, int, bool, bool]
_ADDS_NOTHING = re.compile(r",? unspecified\b|, (?:site )?not specified| without complications?\b|\s*\([^)]*\)| NOS\b")
_PLACEHOLDER = "X"  # fills a code up to where its seventh character stands
_SEVENTH = 6


@dataclass(frozen=True)
class Diagnosis:
    """One code. `is_group`: more exact codes lie below it."""

    code: str
    title: str
    terms: tuple[str, ...]
    is_group: bool = False


@dataclass(frozen=True)
class FoundDiagnosis:
    """A code with the term by which it was found, where that is not its title."""

    diagnosis: Diagnosis
    term: str = ""


class Icd10Cm:
    """The classification of one year."""

    def __init__(self, text: str) -> None:
        lines = iter(text.splitlines())
        self.edition = next(lines)
        self._rows: dict[str, str] = {}
        for line in lines:
            if line == "=":
                break
            self._rows[line.partition("\t")[0]] = line
        meanings = (line.partition("\t") for line in lines)
        self._sevenths = {number: _pairs(rest) for number, _tab, rest in meanings}
        self._order = list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, code: str) -> Diagnosis | None:
        """The diagnosis with this code, with or without its dot, with its seventh character where it needs one."""
        plain = code.replace(".", "").upper().strip()
        if plain in self._rows:
            return self._read(plain)
        stem, letter = plain[:_SEVENTH].rstrip(_PLACEHOLDER), plain[_SEVENTH:]
        if len(plain) != _SEVENTH + 1 or stem not in self._rows:
            return None
        return next((one for one in self._with_seventh(stem) if one.code.endswith(letter)), None)

    def search(self, text: str, *, most: int = 30) -> list[FoundDiagnosis]:
        """Codes that begin with the text, else terms with its words: those that begin with them and say little more first."""
        by_code = self._by_code(text, most=most)
        if by_code:
            return by_code
        found: dict[str, tuple[_Rank, str]] = {}
        for said in (text, *everyday(text)):
            words = words_of(said)
            for number in self._index.matching(words):
                code, term = self._terms[number]
                rank = self._rank(code, term, words=words)
                if code not in found or rank < found[code][0]:
                    found[code] = (rank, term)
        order = sorted(found, key=lambda code: (found[code][0], code))[:most]
        return [FoundDiagnosis(self._read(code), found[code][1]) for code in order]

    def _rank(self, code: str, term: str, *, words: Sequence[str]) -> _Rank:
        """What says no more than was typed comes first: "unspecified" and what stands in brackets add nothing."""
        plain = _ADDS_NOTHING.sub("", term or self._title(code))
        begins = plain.casefold().startswith(words[0])
        is_group = self._rows[code].split("\t", 2)[1] == "+"
        return not begins, len(plain), bool(term), is_group

    def more_exact(self, diagnosis: Diagnosis) -> list[Diagnosis]:
        """The codes with a seventh character, for one that needs it."""
        return self._with_seventh(diagnosis.code.replace(".", ""))

    def _by_code(self, text: str, *, most: int) -> list[FoundDiagnosis]:
        plain = text.strip().replace(".", "").upper()
        if len(plain) < 3 or not (plain[0].isalpha() and plain[1].isdigit()):
            return []
        whole = self.find(plain)
        codes = [code for code in self._order if code.startswith(plain)][:most]
        found = [self._read(code) for code in codes] or ([whole] if whole is not None else [])
        return [FoundDiagnosis(one) for one in found]

    def _with_seventh(self, stem: str) -> list[Diagnosis]:
        number = self._rows[stem].rpartition("\t")[2]
        title = self._title(stem)
        filled = stem.ljust(_SEVENTH, _PLACEHOLDER)
        return [
            Diagnosis(_dotted(f"{filled}{letter}"), f"{title}, {meaning}", ())
            for letter, meaning in self._sevenths.get(number, ())
        ]

    def _title(self, code: str) -> str:
        return self._rows[code].split("\t", 3)[2]

    def _read(self, code: str) -> Diagnosis:
        _code, kind, title, terms, seventh = self._rows[code].split("\t")
        needs_more = kind == "+" or bool(seventh)
        return Diagnosis(_dotted(code), title, tuple(terms.split("|")) if terms else (), is_group=needs_more)

    @cached_property
    def _terms(self) -> list[tuple[str, str]]:
        return list(self._spelled())

    @cached_property
    def _index(self) -> TermIndex:
        return TermIndex(term or self._title(code) for code, term in self._terms)

    def _spelled(self) -> Iterator[tuple[str, str]]:
        for code, line in self._rows.items():
            yield code, ""
            terms = line.split("\t")[3]
            yield from ((code, term) for term in terms.split("|") if term)


def everyday(text: str) -> list[str]:
    """The same search with an everyday word or an abbreviation said as the classification says it."""
    said = " ".join(words_of(text))
    padded = f" {said} "
    return [
        padded.replace(f" {word} ", f" {meaning} ").strip() for word, meaning in _everyday() if f" {word} " in padded
    ]


@cache
def load_icd_10_cm() -> Icd10Cm:
    """The classification that ships with Wardround, unpacked once."""
    packed = files("wardround.clinical").joinpath("icd_10_cm.txt.gz").read_bytes()
    return Icd10Cm(gzip.decompress(packed).decode())


@cache
def _everyday() -> tuple[tuple[str, str], ...]:
    text = files("wardround.clinical").joinpath("everyday_terms.toml").read_text("utf-8")
    read = tomllib.loads(text)["diagnoses"]
    pairs = [(" ".join(words_of(word)), str(meaning)) for word, meaning in read.items()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    parts = (part.partition("=") for part in text.split("|"))
    return tuple((letter, meaning) for letter, _sign, meaning in parts)


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
