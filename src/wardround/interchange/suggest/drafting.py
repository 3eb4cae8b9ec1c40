"""The draft itself: a mapping file in which every line says on what evidence it stands."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from wardround.clinical.codes import CodeMap
from wardround.clinical.errors import ClinicalError
from wardround.clinical.plain_text import without_accents
from wardround.interchange.errors import BadMapping
from wardround.interchange.mapping import mapping_of
from wardround.interchange.suggest import notes
from wardround.interchange.suggest.meanings import Guess, Reading, reading_of
from wardround.interchange.suggest.names import book
from wardround.interchange.suggest.notes import Say
from wardround.interchange.suggest.results import result_codes
from wardround.interchange.suggest.sample import MANY, Head, quoted, read_head
from wardround.interchange.suggest.times import Dated, dated
from wardround.interchange.suggest.values import Profile, profile_of

_ONCE = (
    "mrn",
    "record",
    "sex",
    "birth_date",
    "birth_year",
    "visit_start",
    "visit_end",
    "code",
    "value",
    "unit",
    "display",
)
_LONG = ("code", "value", "unit", "display")
_SYSTEM = '{ role = "condition", system = "http://hl7.org/fhir/sid/icd-10-cm" } or ".../icd-9-cm"'


@dataclass(frozen=True)
class Home:
    """Whose mapping it is: its name, its slug and its time zone."""

    name: str
    slug: str
    zone: str


def draft_mapping(path: Path, *, home: Home, say: Say = str) -> str:
    """The draft as TOML, its notes in English, or as `say` says them. Raises Unreadable with a sentence when the file cannot be looked at.

    No value of the table is in it: codes are written only where they are words of a fixed vocabulary (yes and no, the
    sexes, a published code book).
    """
    head = read_head(path)
    columns = [[row[number] for row in head.rows] for number in range(len(head.names))]
    profiles = dict(zip(head.names, map(profile_of, columns), strict=True))
    customary = home.zone.startswith(("America/", "US/"))
    readings = [reading_of(name, profiles[name], customary=customary) for name in head.names if name]
    chosen = _chosen(readings)
    filled = {name: [bool(cell) for cell in column] for name, column in zip(head.names, columns, strict=True)}
    when = dated(readings, chosen, filled)
    lines = [*_source(head, profiles, home, say=say), "", *_columns(readings, chosen, when, say=say)]
    lines += _codes(readings, chosen, say=say)
    roles = {guess.meaning.key: name for name, guess in chosen.items()}
    lines += result_codes(head, roles, customary=customary, say=say)
    if _says_nothing(readings, chosen, when):
        lines += ["", *notes.commented(say(notes.NOTHING_SAYS_WHEN.say()))]
    body = "\n".join(lines) + "\n"
    return "\n".join([*_opening(head, body, say=say), "", body])


def _opening(head: Head, body: str, *, say: Say) -> Iterator[str]:
    rows = len(head.rows) if head.is_whole else MANY
    yield from notes.commented(say(notes.OPENING[head.is_whole].say(rows=str(rows))))
    try:
        CodeMap.from_mapping(mapping_of(tomllib.loads(body)).clinical)
    except (BadMapping, ClinicalError) as error:
        yield "#"
        yield from notes.commented(say(notes.NOT_COMPLETE.say(why=_one_line(str(error)))))


def _chosen(readings: list[Reading]) -> dict[str, Guess]:
    """Column -> what is said of it: sound guesses, and of roles that stand once only the best."""
    best = {r.name: r.guesses[0] for r in readings if r.guesses and r.guesses[0].is_sound}
    is_long = {"code", "value"} <= {guess.meaning.key for guess in best.values() if guess.meaning.kind == "role"}
    if is_long:
        # In a table of results a number that comes again and again is the visit's, not the result's.
        again = {r.name for r in readings if r.profile.distinct < r.profile.filled}
        best = {name: _as_visit(guess) if name in again else guess for name, guess in best.items()}
    taken: dict[str, str] = {}
    found: dict[str, Guess] = {}
    for name, guess in sorted(best.items(), key=lambda item: -item[1].score):
        role = guess.meaning.key if guess.meaning.kind == "role" else ""
        if (role in _ONCE and role in taken) or (role in _LONG and not is_long):
            continue
        taken[role] = name
        found[name] = guess
    return found


def _says_nothing(readings: list[Reading], chosen: dict[str, Guess], when: Dated) -> bool:
    """There are findings, and none of them can be dated."""
    facts = [r for r in readings if r.name in chosen and _is_fact(chosen[r.name])]
    return bool(facts) and not any(_is_dated(reading, chosen[reading.name], when) for reading in facts)


def _as_visit(guess: Guess) -> Guess:
    return replace(guess, meaning=replace(guess.meaning, key="visit")) if guess.meaning.key == "record" else guess


def _source(head: Head, profiles: dict[str, Profile], home: Home, *, say: Say) -> Iterator[str]:
    yield "[source]"
    yield f"name = {quoted(home.name)}"
    yield f"slug = {quoted(home.slug)}  # {say(notes.SAME_SLUG.say())}"
    yield 'format = "csv"'
    yield f"zone = {quoted(home.zone)}  # {say(notes.THIS_HOMES.say())}"
    for line, why in head.source:
        yield f"{line}  # {say(_one_line(why))}" if why else line
    yield from _decimal(profiles, say=say)
    words = sorted({word for profile in profiles.values() for word in profile.missing_words})
    if words:
        yield f"missing = {quoted(' '.join(words))}  # {say(notes.EMPTY_WORDS.say())}"


def _decimal(profiles: dict[str, Profile], *, say: Say) -> Iterator[str]:
    numbers = [profile for profile in profiles.values() if profile.is_number]
    commas, points = sum(p.commas for p in numbers), sum(p.points for p in numbers)
    found = {"commas": str(commas), "points": str(points)}
    if commas and points:
        yield f'# decimal = "comma"  # {say(notes.TWO_SIGNS.say(**found))}'
    elif commas:
        yield f'decimal = "comma"  # {say(notes.COMMAS.say(**found))}'
    elif points:
        yield f'decimal = "point"  # {say(notes.POINTS.say(**found))}'


def _columns(readings: list[Reading], chosen: dict[str, Guess], when: Dated, *, say: Say) -> Iterator[str]:
    yield "[columns]"
    for reading in readings:
        guess = chosen.get(reading.name)
        if reading.name in when.roles:
            yield _line(reading.name, when.entry(reading, guess), when.evidence(reading, guess), say=say)
        elif guess is not None and _is_dated(reading, guess, when):
            entry = _entry(guess, when.of.get(reading.name))
            yield _line(reading.name, entry, _evidence(reading, guess, when), say=say)
        else:
            yield from _unsaid(reading, guess, when, say=say)


def _is_dated(reading: Reading, guess: Guess, when: Dated) -> bool:
    return not _is_fact(guess) or when.has_visit or reading.name in when.of


def _is_fact(guess: Guess) -> bool:
    return guess.meaning.kind == "measurement" or guess.meaning.key == "condition"


def _line(name: str, entry: str, evidence: str, *, say: Say) -> str:
    return f"{quoted(name)} = {entry}" + (f"  # {notes.noted(_one_line(evidence), say=say)}" if evidence else "")


def _entry(guess: Guess, time: str | None) -> str:
    facts = {}
    if guess.meaning.kind == "measurement":
        facts["measurement"] = guess.meaning.key
        if guess.unit:
            facts["unit"] = guess.unit
    else:
        facts["role"] = guess.meaning.key
    if time:
        facts["time"] = time
    if list(facts) == ["role"]:
        return quoted(facts["role"])
    return "{ " + ", ".join(f"{field} = {quoted(value)}" for field, value in facts.items()) + " }"


def _evidence(reading: Reading, guess: Guess, when: Dated) -> str:
    parts = [guess.evidence] if guess.evidence else []
    if reading.name in when.of:
        parts.append(notes.BEHIND.say(column=when.of[reading.name]))
    if guess.meaning.fit < 0.9:
        parts.append(notes.LIKE_IT.say())
    return notes.joined(*parts)


def _unsaid(reading: Reading, guess: Guess | None, when: Dated, *, say: Say) -> Iterator[str]:
    """Commented lines: the likeliest two, and why none is said."""
    if reading.placeless:
        yield f"# {quoted(reading.name)}: {say(reading.placeless)}"
        return
    shown = [other for other in reading.guesses if other is guess or guess is None or other.is_sound][:2]
    if not shown:
        dating = reading.profile.dating
        kind = (
            "days"
            if dating
            else "numbers"
            if reading.profile.is_number
            else "codes"
            if reading.profile.is_code
            else "texts"
        )
        what = kind if reading.profile.filled else "nothing"
        why = notes.joined(notes.UNKNOWN_NAME.say(), notes.HOLDS[what].say())
        yield f"# {quoted(reading.name)}: {notes.noted(why, say=say)}"
        return
    for number, other in enumerate(shown):
        why = notes.joined(*other.doubts)
        if not why and other is guess:
            why = notes.NOT_DATED.say()
        if not why:
            why = notes.FITS_BETTER.say() if number == 0 else notes.LESS_LIKELY.say()
        prefix = "# " if number == 0 else "#   or "
        yield prefix + _line(reading.name, when.entry(reading, other), notes.joined(other.evidence, why), say=say)


def _codes(readings: list[Reading], chosen: dict[str, Guess], *, say: Say) -> Iterator[str]:
    answers: dict[str, dict[str, str | bool]] = {}
    for guess in chosen.values():
        if guess.answers:
            answers.setdefault(guess.meaning.key, {}).update(guess.answers)
    for key, table in answers.items():
        yield from ("", f"[answers.{key}]")
        yield from (f"{quoted(code)} = {_answer(answer)}" for code, answer in table.items())
    yield from _conditions(readings, chosen, say=say)
    procedures = {name: guess for name, guess in chosen.items() if guess.meaning.kind == "procedure"}
    if procedures:
        yield from ("", "[procedures]")
        yield from (f"{quoted(name)} = {quoted(guess.meaning.key)}" for name, guess in procedures.items())


def _conditions(readings: list[Reading], chosen: dict[str, Guess], *, say: Say) -> Iterator[str]:
    known = {word: key for key, words in book()["conditions"].items() for word in words}
    named: dict[str, str] = {}
    unnamed: set[str] = set()
    for reading in readings:
        if reading.name in chosen and chosen[reading.name].meaning.key == "condition":
            found = {
                code: known[without_accents(code)] for code in reading.profile.codes if without_accents(code) in known
            }
            named |= found
            unnamed |= reading.profile.codes - set(found)
    if named or unnamed:
        yield from ("", "[conditions]")
        yield from (f"{quoted(code)} = {quoted(key)}" for code, key in sorted(named.items()))
        if unnamed:
            yield from notes.commented(say(notes.OTHER_CONDITIONS.say(many=str(len(unnamed)), example=_SYSTEM)))


def _answer(answer: str | bool) -> str:  # noqa: FBT001 - an answer, not a switch
    return str(answer).lower() if isinstance(answer, bool) else quoted(answer)


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
