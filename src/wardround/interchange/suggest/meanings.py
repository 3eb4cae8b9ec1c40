"""What one column means, weighed: its name, and whether its values can be what the name says."""

import re
from dataclasses import dataclass
from functools import cache

from wardround.clinical.catalogue import Measurement, load_catalogue
from wardround.clinical.errors import ClinicalError
from wardround.clinical.plain_text import without_accents
from wardround.clinical.units import conversion, unit_for_people
from wardround.interchange.suggest import notes
from wardround.interchange.suggest.names import Meaning, book, meanings_of, unit_in
from wardround.interchange.suggest.values import Profile

_ENOUGH = 0.6  # of a name's fit
_FITS = 0.9  # of the values: so many have to be plausible
_CLOSE = 0.15
_FULL = 0.9
_MOST = 0.5
_APART = 0.2  # of an identifier's values differ at least
_DATES = ("birth_date", "visit_start", "visit_end", "time")
_CUSTOMARY = ("[lb_av]", "[in_i]", "[degF]")
_TEXTS = ("family", "given", "street", "city", "state", "country", "email")
_TABLE_OF_RESULTS = ("code", "value", "unit", "display")


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One reading of a column. `doubts` are reasons not to believe it: a guess with doubts is not said, but shown."""

    meaning: Meaning
    score: float
    evidence: str
    unit: str | None = None
    answers: tuple[tuple[str, str | bool], ...] = ()  # code -> answer, codes of a fixed vocabulary only
    unnamed_codes: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.doubts


@dataclass(frozen=True)
class Reading:
    """All readings of a column, the best first; `placeless` says why a record has no place for it."""

    name: str
    profile: Profile
    guesses: tuple[Guess, ...] = ()
    placeless: str = ""


def reading_of(name: str, profile: Profile, *, customary: bool) -> Reading:
    """The readings of a column that its name allows; `customary`: pounds, inches and Fahrenheit are in use there."""
    unit, bare = unit_in(name)
    meanings = [meaning for meaning in meanings_of(bare) if meaning.fit >= _ENOUGH][:8]
    placeless = _placeless(bare)
    if placeless and not (meanings and meanings[0].fit == 1):
        return Reading(name, profile, placeless=placeless)
    guesses = [guess for meaning in meanings for guess in _guesses(meaning, profile, unit, customary=customary)]
    ordered = sorted(guesses, key=lambda guess: (not guess.is_sound, -guess.score))
    if len(ordered) > 1 and ordered[0].is_sound and ordered[1].is_sound and _is_close(ordered[0], ordered[1]):
        twin = _said(ordered[1])
        ordered[0] = _doubted(ordered[0], notes.MAY_BE.say(other=twin))
    return Reading(name, profile, tuple(ordered))


def _is_close(first: Guess, second: Guess) -> bool:
    is_same = (first.meaning.kind, first.meaning.key) == (second.meaning.kind, second.meaning.key)
    return first.score - second.score < (_CLOSE if is_same else 0.02)


def _said(guess: Guess) -> str:
    return f"{guess.meaning.key} in {unit_for_people(guess.unit)}" if guess.unit else guess.meaning.key


def _doubted(guess: Guess, doubt: str) -> Guess:
    facts = {
        name: getattr(guess, name) for name in ("meaning", "score", "evidence", "unit", "answers", "unnamed_codes")
    }
    return Guess(**facts, doubts=(*guess.doubts, doubt))


def _placeless(name: str) -> str:
    for reason, names in book()["placeless"].items():
        if without_accents(name).replace("_", " ").strip() in names:
            return str(reason)
    return ""


def _guesses(meaning: Meaning, profile: Profile, unit: str | None, *, customary: bool) -> list[Guess]:
    if not profile.filled:
        return [Guess(meaning=meaning, score=meaning.fit / 2, evidence="", doubts=(notes.IS_EMPTY.say(),))]
    if meaning.kind == "measurement":
        measurement = load_catalogue().by_key(meaning.key)
        if measurement.kind == "quantity":
            return _quantities(
                meaning, measurement, profile, [unit] if unit else _units_of(measurement, customary=customary)
            )
        return [_answers(meaning, measurement, profile)]
    if meaning.kind == "procedure":
        doubts = () if profile.dating else (notes.NO_DAYS.say(),)
        return [Guess(meaning=meaning, score=meaning.fit, evidence=_days(profile), doubts=doubts)]
    return [_role(meaning, profile)]


def _quantities(meaning: Meaning, measurement: Measurement, profile: Profile, units: list[str]) -> list[Guess]:
    title = (
        measurement.title[0].lower() + measurement.title[1:] if measurement.title[1:2].islower() else measurement.title
    )
    if not profile.is_number:
        doubt = notes.FEW_NUMBERS.say(numbers=str(len(profile.numbers)), cells=str(profile.filled))
        return [
            Guess(meaning=meaning, score=meaning.fit / 2, evidence=notes.NAME_SAYS.say(title=title), doubts=(doubt,))
        ]
    numbers = [n for n in profile.numbers if n or not measurement.zero_is_missing]
    if not numbers:
        return [Guess(meaning=meaning, score=meaning.fit / 2, evidence="", doubts=(notes.ALL_ZERO.say(),))]
    limits, kind = _limits(measurement)
    found = []
    for tried in units:
        try:
            converted = conversion(tried, measurement.unit or "1", measurement.molar_mass)
        except ClinicalError:
            doubt = notes.WRONG_UNIT.say(unit=unit_for_people(tried), title=title)
            found.append(Guess(meaning=meaning, score=meaning.fit / 4, evidence="", unit=tried, doubts=(doubt,)))
            continue
        in_unit = tried if tried.startswith("/") else unit_for_people(tried) or notes.PLAIN_NUMBERS.say()
        if limits is None:
            evidence = notes.joined(notes.NAME_SAYS.say(title=title), notes.NO_RANGE.say())
            found.append(Guess(meaning=meaning, score=meaning.fit, evidence=evidence, unit=tried))
            continue
        low, high = limits
        fitting = sum(low <= converted.apply(number) <= high for number in numbers)
        plausible = sum(_is_plausible(measurement, converted.apply(number)) for number in numbers)
        share = fitting / len(numbers)
        evidence = notes.IN_RANGE[kind].say(fitting=str(fitting), all=str(len(numbers)), title=title, unit=in_unit)
        doubts = (
            () if plausible >= _FITS * len(numbers) else (notes.NOT_PLAUSIBLE.say(many=str(len(numbers) - plausible)),)
        )
        if len(units) > 1:
            evidence = notes.joined(evidence, notes.UNIT_INFERRED.say())
        found.append(
            Guess(meaning=meaning, score=meaning.fit * (0.5 + share / 2), evidence=evidence, unit=tried, doubts=doubts)
        )
    return sorted(found, key=lambda guess: (not guess.is_sound, -guess.score))[:2]


def _units_of(measurement: Measurement, *, customary: bool) -> list[str]:
    reported = [u for u in book()["reported"].get(measurement.key, []) if customary or u not in _CUSTOMARY]
    return list(dict.fromkeys([measurement.unit or "1", *reported]))


def _limits(measurement: Measurement) -> tuple[tuple[float, float] | None, str]:
    if measurement.usual:
        return measurement.usual, "usual"
    limits = measurement.plausible
    return (limits, "plausible") if limits else (measurement.possible, "possible")


def _is_plausible(measurement: Measurement, value: float) -> bool:
    limits = measurement.plausible or measurement.possible
    return limits is None or limits[0] <= value <= limits[1]


def _answers(meaning: Meaning, measurement: Measurement, profile: Profile) -> Guess:
    plain = {code: without_accents(code.removesuffix(".0")) for code in profile.codes}
    evidence = notes.NAME_SAYS.say(title=measurement.title)
    if not profile.is_code:
        doubt = notes.TOO_MANY_ANSWERS.say(many=str(profile.distinct))
        return Guess(meaning=meaning, score=meaning.fit / 2, evidence=evidence, doubts=(doubt,))
    known = _yes_or_no() if measurement.kind == "boolean" else _known_answers(measurement, set(plain.values()))
    named = {code: known[text] for code, text in plain.items() if text in known}
    missing = len(plain) - len(named)
    doubts: tuple[str, ...] = ()
    if measurement.kind == "boolean" and missing:
        doubts = (notes.NEITHER.say(missing=str(missing), codes=str(len(plain))),)
    elif missing:
        doubts = (
            notes.joined(
                notes.OF_NO_BOOK.say(missing=str(missing), codes=str(len(plain))),
                notes.MUST_SAY_THEM.say(key=measurement.key),
            ),
        )
    if not missing and measurement.kind == "category":
        # Also the answers of the code book that nobody has had yet.
        spelling = ".0" if all(code.endswith(".0") for code in profile.codes) else ""
        book_of = book()["code_book"].get(measurement.key, {})
        if set(plain.values()) <= set(book_of):
            named = {f"{code}{spelling}": answer for code, answer in book_of.items()}
            evidence = notes.joined(evidence, notes.UCI_CODES.say())
    evidence = notes.joined(evidence, notes.CODES_IN_CELLS.say(codes=str(len(plain)), cells=str(profile.filled)))
    return Guess(
        meaning=meaning,
        score=meaning.fit if not missing else meaning.fit / 2,
        evidence=evidence,
        answers=tuple(sorted(named.items())),
        unnamed_codes=missing,
        doubts=doubts,
    )


@cache
def _yes_or_no() -> dict[str, str | bool]:
    words = book()["yes_or_no"]
    return {word: is_yes for is_yes, key in ((True, "true"), (False, "false")) for word in words[key]}


def _known_answers(measurement: Measurement, codes: set[str]) -> dict[str, str | bool]:
    """Answers by their own names, by the code book, or by their first letters where these differ."""
    known: dict[str, str | bool] = {}
    letters = {answer.code[0] for answer in measurement.answers}
    for answer in measurement.answers:
        if len(letters) == len(measurement.answers) and all(len(code) == 1 for code in codes):
            known[answer.code[0]] = answer.code
        known |= {without_accents(answer.code): answer.code, without_accents(answer.display): answer.code}
        known[without_accents(answer.code.replace("_", " "))] = answer.code
    known |= book()["code_book"].get(measurement.key, {})
    return known


def _role(meaning: Meaning, profile: Profile) -> Guess:
    role = meaning.key
    evidence, doubt = "", ""
    if role in ("mrn", "record"):
        evidence = notes.ROWS_DIFFER.say(
            filled=str(profile.filled), rows=str(profile.rows), distinct=str(profile.distinct)
        )
        # A number by its whole name may come again in many rows, as in a table of results.
        is_repeated = meaning.fit < 1 and profile.distinct < _APART * profile.filled
        if (
            (profile.filled < _FULL * profile.rows and (role == "mrn" or meaning.fit < 1))
            or is_repeated
            or profile.dating
        ):
            doubt = notes.TELLS_NONE_APART.say()
    elif role in _DATES:
        evidence, doubt = _days(profile), "" if profile.dating else notes.NO_DAYS.say()
    elif role == "birth_year":
        evidence = notes.YEARS.say()
        doubt = "" if all(_is_year(code) for code in profile.codes) else notes.NO_YEARS.say()
    elif role == "sex":
        return _sex(meaning, profile)
    elif role == "condition":
        evidence, doubt = _conditions(profile)
    elif role in _TEXTS:
        evidence = notes.TEXTS.say()
        doubt = notes.NO_TEXTS.say() if profile.is_number or profile.dating else ""
        if role == "family" and _several_words(profile):
            doubt = notes.SEVERAL_WORDS.say()
    elif role in _TABLE_OF_RESULTS:
        evidence = notes.CELLS_FILLED.say(filled=str(profile.filled), rows=str(profile.rows))
    return Guess(meaning=meaning, score=meaning.fit, evidence=evidence, doubts=(doubt,) if doubt else ())


def _several_words(profile: Profile) -> bool:
    return sum(many for text, many in profile.counts.items() if len(text.split()) > 1) > _MOST * profile.filled


def _days(profile: Profile) -> str:
    filled = notes.ROWS_HAVE_ONE.say(filled=str(profile.filled), rows=str(profile.rows))
    return notes.joined(filled, profile.dating.evidence) if profile.dating else ""


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and text[:2] in ("18", "19", "20")


def _sex(meaning: Meaning, profile: Profile) -> Guess:
    codes = {code: without_accents(code) for code in profile.codes}
    for book_of in book()["sexes"]:
        known = {word: sex for sex in ("male", "female") for word in book_of[sex]}
        if set(codes.values()) <= set(known):
            named = tuple(sorted((code, known[text]) for code, text in codes.items()))
            evidence = notes.CODES_IN_CELLS.say(codes=str(len(codes)), cells=str(profile.filled))
            return Guess(meaning=meaning, score=meaning.fit, evidence=evidence, answers=named)
    doubt = notes.joined(notes.WHICH_SEX.say(codes=str(len(codes))), notes.SEX_MUST_SAY.say())
    return Guess(meaning=meaning, score=meaning.fit, evidence=notes.NAME_SAYS_SEX.say(), doubts=(doubt,))


def _conditions(profile: Profile) -> tuple[str, str]:
    if profile.codes <= {"0", "1", "0.0", "1.0"}:
        return "", notes.YES_OR_NO.say()
    if profile.dating or (profile.is_number and profile.is_code):
        return "", notes.NO_CONDITIONS.say()
    shape = next((name for name, pattern in _ICD.items() if _are_mostly(profile, pattern)), "")
    facts = {"codes": str(profile.distinct), "cells": str(profile.filled)}
    return (notes.LOOK_LIKE.say(**facts, system=shape) if shape else notes.DIFFERENT_CODES.say(**facts)), ""


def _are_mostly(profile: Profile, pattern: re.Pattern[str]) -> bool:
    return sum(many for code, many in profile.counts.items() if pattern.fullmatch(code)) >= _FITS * profile.filled


_ICD = {
    "ICD-9-CM": re.compile(r"\d{3}(\.?\d{1,2})?|[VvEe]\d{2,3}(\.?\d{1,2})?"),
    "ICD-10": re.compile(r"[A-Za-z]\d[0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?"),
}
