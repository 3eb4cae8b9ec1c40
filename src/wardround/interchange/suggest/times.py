"""Which columns of a table say when, and which measurement is dated by which of them."""

from dataclasses import dataclass, field

from wardround.interchange.suggest import notes
from wardround.interchange.suggest.meanings import Guess, Reading
from wardround.interchange.suggest.sample import quoted
from wardround.interchange.suggest.values import Dating, Order

_DATES = ("birth_date", "visit_start", "visit_end", "time")


@dataclass
class Dated:
    """`roles`: column -> its role among the times; `of`: measurement's column -> the column that dates it."""

    roles: dict[str, str] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def has_visit(self) -> bool:
        return "visit_start" in self.roles.values()

    def entry(self, reading: Reading, guess: Guess | None) -> str:
        role = self.roles.get(reading.name) or (guess.meaning.key if guess else "")
        kind = guess.meaning.kind if guess and reading.name not in self.roles else "role"
        facts = {"measurement" if kind == "measurement" else "role": "procedure" if kind == "procedure" else role}
        if kind == "measurement" and guess and guess.unit:
            facts["unit"] = guess.unit
        form = self.formats.get(reading.name) or _first_format(reading)
        if kind != "measurement" and form:
            facts["date_format"] = form
        if list(facts) == ["role"]:
            return quoted(facts["role"])
        return "{ " + ", ".join(f"{name} = {quoted(value)}" for name, value in facts.items()) + " }"

    def evidence(self, reading: Reading, guess: Guess | None) -> str:
        dating = reading.profile.dating
        parts = [notes.ROWS_HAVE_ONE.say(filled=str(reading.profile.filled), rows=str(reading.profile.rows))]
        parts += [dating.evidence] if dating and self.formats.get(reading.name) else []
        parts += [self.notes[reading.name]] if reading.name in self.notes else []
        if guess is None:
            parts.append(notes.ONLY_CELLS.say())
        return notes.joined(*parts)


def dated(readings: list[Reading], chosen: dict[str, Guess], filled: dict[str, list[bool]]) -> Dated:
    """Roles of the columns of days, and the days of the columns behind them."""
    found = Dated()
    known = {(d.sign, d.order) for r in readings if (d := r.profile.dating) and d.order and len(d.formats) == 1}
    for reading in readings:
        dating = reading.profile.dating
        guess = chosen.get(reading.name)
        if dating is None or (guess is not None and guess.meaning.kind == "measurement"):
            continue
        form, note = _format(dating, known)
        if form is None:
            chosen.pop(reading.name, None)  # which of the two it is nobody but the hospital knows
            continue
        found.formats[reading.name] = form
        if note:
            found.notes[reading.name] = note
        if guess is None:
            found.roles[reading.name] = "time"
        elif guess.meaning.kind == "procedure":
            found.roles[reading.name] = "procedure"
        elif guess.meaning.key in _DATES:
            found.roles[reading.name] = guess.meaning.key
    _name_the_visit(found, chosen)
    _date_the_rest(found, readings, chosen, filled)
    return found


def _format(dating: Dating, known: set[tuple[str, Order]]) -> tuple[str | None, str]:
    """The format, with a note where other columns decided; None where nothing does."""
    if len(dating.formats) == 1:
        return dating.formats[0], ""
    orders = {order for sign, order in known if sign == dating.sign}
    if len(orders) == 1 and "%y" not in dating.formats[0] and dating.evidence == notes.NO_CELL_TELLS.say():
        order = orders.pop()
        return dating.formats[0 if order == "day first" else 1], notes.AS_OTHERS[order].say()
    return None, ""


def _first_format(reading: Reading) -> str:
    return reading.profile.dating.formats[0] if reading.profile.dating else ""


def _name_the_visit(found: Dated, chosen: dict[str, Guess]) -> None:
    """Where no name says which day is the visit's, it is the first column of days that is none of a birth or an end."""
    if found.has_visit or any(guess.meaning.key == "value" for guess in chosen.values()):
        return
    first = next((name for name, role in found.roles.items() if role == "time"), None)
    if first is not None:
        found.roles[first] = "visit_start"
        found.notes[first] = notes.TAKEN_FOR_VISIT.say()


def _date_the_rest(
    found: Dated, readings: list[Reading], chosen: dict[str, Guess], filled: dict[str, list[bool]]
) -> None:
    behind: str | None = None
    for reading in readings:
        role = found.roles.get(reading.name)
        if role is not None:
            behind = reading.name if role in ("time", "procedure") else None if role == "visit_start" else behind
            continue
        guess = chosen.get(reading.name)
        is_fact = guess is not None and (
            guess.meaning.kind == "measurement" or guess.meaning.key in ("condition", "value")
        )
        if is_fact and behind is not None and _is_filled_with(filled[reading.name], filled[behind]):
            found.of[reading.name] = behind


def _is_filled_with(values: list[bool], times: list[bool]) -> bool:
    return all(time or not value for value, time in zip(values, times, strict=True))
