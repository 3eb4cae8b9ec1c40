"""What a typed cell says, as the text that would stand in a CSV file: no digit more, no digit less."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

DecimalSign = Literal["comma", "point"]
_DIGITS_OF_A_DOUBLE = 15  # spreadsheets show no more; the 17th is how 0.1 + 0.2 becomes 0.30000000000000004
_LARGEST_EXPONENT = 30
_FEBRUARY_29_1900 = 60  # a day that spreadsheets know and the calendar does not (ECMA-376 part 1, 18.17.4.1)
_SECONDS_A_DAY = 86_400
_SECONDS_AN_HOUR, _SECONDS_A_MINUTE = 3600, 60
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31

# Number formats that are written as an id alone (ECMA-376 part 1, 18.8.30); the gaps are dates in East Asian locales.
_BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((*range(27, 32), 34, 35, 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 55, 56), "h:mm:ss"),
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}


@dataclass(frozen=True, slots=True)
class CellFormat:
    """What a number format makes of a number."""

    decimals: int = 0  # digits after the sign that are always shown
    is_percent: bool = False
    has_date: bool = False
    has_time: bool = False
    is_elapsed: bool = False


PLAIN = CellFormat()


def format_of_id(number: int) -> CellFormat:
    """A number format that a workbook names by its id alone."""
    return format_of(_BUILT_IN.get(number, "General"))


@lru_cache(maxsize=1024)
def format_of(code: str) -> CellFormat:
    """A number format's code ("0.00", "dd.mm.yyyy hh:mm") understood as far as it changes what a cell says."""
    bare, elapsed = _without_literals(code)
    bare = bare.lower()
    if bare.strip() in ("general", "@", ""):
        return PLAIN
    has_time = "h" in bare or "s" in bare
    has_date = "y" in bare or "d" in bare or ("m" in bare and not has_time)
    if elapsed or has_time or has_date:
        return CellFormat(has_date=has_date, has_time=has_time, is_elapsed=elapsed)
    mantissa = bare.partition("e")[0]
    fraction = mantissa.partition(".")[2]
    return CellFormat(decimals=fraction.count("0") if "e" not in bare else 0, is_percent="%" in bare)


def _without_literals(code: str) -> tuple[str, bool]:
    """The first section without quoted words, escaped letters and [colours]; and whether it counts hours ([h])."""
    kept, elapsed, at = [], False, 0
    while at < len(code) and code[at] != ";":
        letter = code[at]
        closing = {'"': '"', "[": "]"}.get(letter)
        if closing:
            end = code.find(closing, at + 1)
            end = len(code) if end < 0 else end
            elapsed |= letter == "[" and code[at + 1 : end].lower() in ("h", "hh", "m", "mm", "s", "ss")
            at = end + 1
        elif letter in "\\_*":
            at += 2
        else:
            kept.append(letter)
            at += 1
    return "".join(kept).replace("AM/PM", "").replace("am/pm", ""), elapsed


def number_text(number: str | float, *, form: CellFormat = PLAIN, decimal: DecimalSign | None = None) -> str:
    """The number as the cell says it: 1.5 under the format 0.00 is 1.50, 0.065 under 0.0% is 6.5%."""
    try:
        value = Decimal(number) if isinstance(number, str) else Decimal(repr(number))
    except InvalidOperation:
        return str(number)
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return str(number)
    if form.is_percent:
        value *= 100
    if len(value.as_tuple().digits) > _DIGITS_OF_A_DOUBLE and not _is_whole(value):
        value = Decimal(f"{value:.{_DIGITS_OF_A_DOUBLE}g}")
    value = Decimal(0) if value == 0 else value.normalize()
    exponent = value.as_tuple().exponent
    shown = max(form.decimals, -exponent if isinstance(exponent, int) else 0, 0)
    text = f"{value:.{shown}f}"
    if decimal == "comma":
        text = text.replace(".", ",")
    return f"{text}%" if form.is_percent else text


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def serial_text(serial: str | float, *, form: CellFormat, from_1904: bool = False) -> str | None:
    """The day and time that a spreadsheet keeps as a number of days; None when it is none."""
    try:
        days = Decimal(serial) if isinstance(serial, str) else Decimal(repr(serial))
        seconds = int((days * _SECONDS_A_DAY).to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if seconds < 0 or seconds >= _LAST_SERIAL * _SECONDS_A_DAY:
        return None
    if form.is_elapsed or (seconds < _SECONDS_A_DAY and not form.has_date):
        return clock_text(timedelta(seconds=seconds))
    whole, rest = divmod(seconds, _SECONDS_A_DAY)
    if from_1904:
        day = date(1904, 1, 1)
    elif whole == _FEBRUARY_29_1900:
        return None
    else:
        day = date(1899, 12, 31) if whole < _FEBRUARY_29_1900 else date(1899, 12, 30)
    try:
        moment = datetime.combine(day, time()) + timedelta(days=whole, seconds=rest)
    except OverflowError:
        return None
    return moment_text(moment, with_time=form.has_time or rest != 0)


def moment_text(moment: datetime, *, with_time: bool) -> str:
    """A local time to the second (minutes where the seconds are none), or its day."""
    if moment.microsecond >= 500_000:
        moment += timedelta(seconds=1)
    if not with_time:
        return moment.date().isoformat()
    return f"{moment:%Y-%m-%d %H:%M}" if moment.second == 0 else f"{moment:%Y-%m-%d %H:%M:%S}"


def clock_text(span: timedelta) -> str:
    """A time of day, or a count of hours: hh:mm:ss."""
    seconds = round(span.total_seconds())
    hours, rest = divmod(seconds, _SECONDS_AN_HOUR)
    return f"{hours:02}:{rest // _SECONDS_A_MINUTE:02}:{rest % _SECONDS_A_MINUTE:02}"
