"""What a column's cells show: numbers and their decimal sign, days and the order they are written in, codes, texts."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wardround.interchange.suggest import notes

MISSING = {"", "?", "na", "n/a", "nan", "null", "-", "."}
_SHOWS = 0.9  # of the filled cells: so many make a column one of numbers or of days
_MANY_CODES = 20
_NUMBER = re.compile(r"[-+]?(\d+|(?=[.,]\d))(?:([.,])(\d+))?\s?%?")
_YEAR_FIRST = re.compile(
    r"(\d{4})([./-] ?)(\d{1,2})\2(\d{1,2})(\.?)"
    r"(?:([ T])(\d{1,2}:\d\d(:\d\d)?)(?:\.\d+)?(?: ?Z|[+-]\d\d:?\d\d)?)?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-] ?)(\d{1,2})\2(\d{4}|\d\d)(?:( )(\d{1,2}:\d\d(:\d\d)?)( ?[AaPp][Mm])?)?")
_MONTH_NAME = re.compile(r"\d{1,2}([ -])[A-Za-z]{3}\1\d{4}")
_COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LAST_MONTH = 12
_YEARS = (1880, 2100)
Order = Literal["day first", "month first"]


@dataclass(frozen=True)
class Dating:
    """How a column writes its days. `formats` has two entries where the order of day and month cannot be told."""

    formats: tuple[str, ...]  # strptime; "" is YYYY-MM-DD, which needs no saying
    evidence: str
    has_time: bool
    sign: str = "-"
    order: Order | None = None
    years: tuple[int, int] = _YEARS


@dataclass(frozen=True)
class Profile:
    """One column: how many cells are filled, and what they are."""

    rows: int
    filled: int
    counts: Counter[str]  # of the filled cells' texts
    numbers: tuple[float, ...]
    commas: int
    points: int
    dating: Dating | None
    missing_words: frozenset[str] = field(default_factory=frozenset)

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @property
    def is_number(self) -> bool:
        return bool(self.filled) and self.dating is None and len(self.numbers) >= _SHOWS * self.filled

    @property
    def is_code(self) -> bool:
        """A handful of short texts or numbers that come again and again."""
        return (
            0 < self.distinct <= _MANY_CODES and self.filled >= 2 * self.distinct and max(map(len, self.counts)) <= 40
        )

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.counts)


def profile_of(cells: Sequence[str]) -> Profile:
    """Cells that stand for nothing ("?", "NA") count as empty, and their words are named."""
    counts = Counter(cells)
    words = {text for text in counts if text.casefold() in MISSING}
    filled = Counter({text: many for text, many in counts.items() if text not in words})
    numbers: list[float] = []
    commas = points = 0
    for text, many in filled.items():
        match = _NUMBER.fullmatch(text)
        if match and len(text) < 25:
            numbers += [float(text.rstrip("% ").replace(",", "."))] * many
            commas += many * (match[2] == ",")
            points += many * (match[2] == ".")
    return Profile(
        rows=len(cells),
        filled=filled.total(),
        counts=filled,
        numbers=tuple(numbers),
        commas=commas,
        points=points,
        dating=dating_of(filled),
        missing_words=frozenset(words - {""}),
    )


def dating_of(counts: Counter[str]) -> Dating | None:
    """How these cells write days, if nearly all of them do."""
    total = counts.total()
    if not total:
        return None
    for reader in (_year_first, _year_last, _others):
        found = reader(counts, total)
        if found is not None:
            return found
    return None


def _year_first(counts: Counter[str], total: int) -> Dating | None:
    matches = {text: match for text in counts if (match := _YEAR_FIRST.fullmatch(text))}
    if sum(counts[text] for text in matches) < _SHOWS * total:
        return None
    shapes = Counter[tuple[str, str, str, str]]()
    for text, match in matches.items():
        clock = "" if not match[7] else ("%H:%M:%S" if match[8] else "%H:%M")
        shapes[match[2], match[5], match[6] or "", clock] += counts[text]
    (sign, end, between, clock), _many = shapes.most_common(1)[0]
    years = [int(match[1]) for match in matches.values()]
    simple = sign == "-" and not end
    form = "" if simple else f"%Y{sign}%m{sign}%d{end}{between}{clock}"
    return Dating((form,), notes.YEAR_FIRST.say(), bool(clock), sign, years=(min(years), max(years)))


def _year_last(counts: Counter[str], total: int) -> Dating | None:
    matches = {text: match for text in counts if (match := _YEAR_LAST.fullmatch(text))}
    many = sum(counts[text] for text in matches)
    if many < _SHOWS * total:
        return None
    first_large = sum(counts[t] for t, m in matches.items() if int(m[1]) > _LAST_MONTH >= int(m[3]))
    second_large = sum(counts[t] for t, m in matches.items() if int(m[3]) > _LAST_MONTH >= int(m[1]))
    match = max(matches.items(), key=lambda item: (bool(item[1][6]), counts[item[0]]))[1]
    sign = match[2]
    clock = ""
    if match[6]:
        clock = match[5] + (("%I" if match[8] else "%H") + ":%M" + (":%S" if match[7] else ""))
        clock += (
            match[8].replace("AM", "%p").replace("PM", "%p").replace("am", "%p").replace("pm", "%p") if match[8] else ""
        )
    year = "%Y" if len(match[4]) == 4 else "%y"
    day_first, month_first = f"%d{sign}%m{sign}{year}{clock}", f"%m{sign}%d{sign}{year}{clock}"
    order, evidence = _order(first_large, second_large, many, sign=sign)
    if year == "%y":
        return Dating((day_first, month_first), notes.TWO_DIGITS.say(), bool(clock), sign)
    years = [int(match[4]) for match in matches.values()]
    formats = {"day first": (day_first,), "month first": (month_first,)}.get(order or "", (day_first, month_first))
    return Dating(formats, evidence, bool(clock), sign, order, (min(years), max(years)))


def _order(first_large: int, second_large: int, many: int, *, sign: str) -> tuple[Order | None, str]:
    if first_large and second_large:
        return None, notes.BOTH_ORDERS.say(days=str(first_large), months=str(second_large))
    if first_large:
        return "day first", notes.DAY_FIRST.say(days=str(first_large), all=str(many))
    if second_large:
        return "month first", notes.MONTH_FIRST.say(months=str(second_large), all=str(many))
    if sign.startswith("."):
        return "day first", notes.joined(notes.WITH_POINTS.say(), notes.NOT_CONTRADICTED.say())
    return None, notes.NO_CELL_TELLS.say()


def _others(counts: Counter[str], total: int) -> Dating | None:
    named = sum(many for text, many in counts.items() if _MONTH_NAME.fullmatch(text))
    if named >= _SHOWS * total:
        sign = " " if " " in next(iter(counts)) else "-"
        return Dating((f"%d{sign}%b{sign}%Y",), notes.MONTH_NAMED.say(), has_time=False, sign=sign)
    compact = [text for text in counts if _COMPACT.fullmatch(text) and _is_day(text)]
    if sum(counts[text] for text in compact) >= _SHOWS * total:
        years = [int(text[:4]) for text in compact]
        return Dating(("%Y%m%d",), notes.EIGHT_DIGITS.say(), has_time=False, years=(min(years), max(years)))
    return None


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - only whether it is a day
    except ValueError:
        return False
    return True
