"""The codes of a table of results: which of them are words that hospitals use for a measurement of the catalogue."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from wardround.interchange.suggest.meanings import Guess, reading_of
from wardround.interchange.suggest.names import meanings_of
from wardround.interchange.suggest.notes import OTHER_RESULTS, Say, commented, joined, noted
from wardround.interchange.suggest.sample import Head, quoted
from wardround.interchange.suggest.values import profile_of

_LEAST_ROWS = 5
_SURE = 0.9


def result_codes(head: Head, columns: Mapping[str, str], *, customary: bool, say: Say) -> Iterator[str]:
    """[codes] for a table with columns of codes and values; codes whose words are not known are only counted."""
    if not {"code", "value"} <= set(columns):
        return
    place = {role: head.names.index(columns[role]) for role in ("code", "value", "unit", "display") if role in columns}
    values: dict[str, list[str]] = defaultdict(list)
    units: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for row in head.rows:
        code = row[place["code"]]
        values[code].append(row[place["value"]])
        names[code] = row[place["display"]] if "display" in place else code
        if "unit" in place and row[place["unit"]]:
            units[code][row[place["unit"]]] += 1
    yield from ("", "[codes]")
    unknown = 0
    for code in sorted(values):
        unit = units[code].most_common(1)[0][0] if units[code] else ""
        guess = (
            _guess(names[code], values[code], unit, customary=customary)
            if len(values[code]) >= _LEAST_ROWS and code
            else None
        )
        if guess is None:
            unknown += 1
        elif guess.is_sound:
            yield f"{quoted(code)} = {_entry(guess, has_unit=bool(unit))}  # {noted(guess.evidence, say=say)}"
        else:
            why = noted(joined(guess.evidence, *guess.doubts), say=say)
            yield f"# {quoted(code)} = {_entry(guess, has_unit=bool(unit))}  # {why}"
    if unknown:
        yield from commented(say(OTHER_RESULTS.say(many=str(unknown))))


def _guess(name: str, values: list[str], unit: str, *, customary: bool) -> Guess | None:
    known = [meaning for meaning in meanings_of(name) if meaning.kind == "measurement" and meaning.fit >= _SURE]
    if not known:
        return None
    guesses = reading_of(f"{name} ({unit})" if unit else name, profile_of(values), customary=customary).guesses
    return next((guess for guess in guesses if guess.meaning.kind == "measurement"), None)


def _entry(guess: Guess, *, has_unit: bool) -> str:
    if has_unit or not guess.unit:
        return quoted(guess.meaning.key)
    return f"{{ measurement = {quoted(guess.meaning.key)}, unit = {quoted(guess.unit)} }}"
