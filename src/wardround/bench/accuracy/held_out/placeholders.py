"""What stands where nothing was measured, or where a machine took the number for something else."""

from datetime import date
from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.held_out.landing import anywhere, beyond, keyed, written
from wardround.bench.accuracy.plants import Kind, Surroundings, ValueSlip, Written
from wardround.bench.accuracy.writing import plain, with_number

_NINES = tuple(Decimal(text) for text in ("999", "9999", "99999", "888", "999.9"))
_NEAR_NOTHING = 100  # of the greatest value, less than one in so many
_FIRST_DAY = date(1899, 12, 30)  # of the day numbers that spreadsheets count


def nines(_value: Value, dice: Random) -> Decimal | None:
    """999 for "not done"."""
    return dice.choice(_NINES)


def minus_one(_value: Value, _dice: Random) -> Decimal | None:
    """-1 for "unknown"."""
    return Decimal(-1)


def zero(value: Value, around: Surroundings, _dice: Random) -> Written | None:
    """0 for "not measured", where the least of these records is not near nothing (no pain is 0, too)."""
    low, high = around.spans.range_of[value.code, value.unit]
    return written(value, Decimal(0)) if low * _NEAR_NOTHING > high else None


def spreadsheet_date(value: Value, _dice: Random) -> Decimal | None:
    """5.3 became the 5th of March of the year, and the day's number was exported."""
    whole, point, rest = plain(keyed(value.number)).partition(".")
    if not point or not rest.isdigit() or not whole.isdigit() or not 1 <= int(rest) <= 12 or not 1 <= int(whole) <= 28:
        return None
    day = date(int(value.time[:4]), int(rest), int(whole))
    return Decimal((day - _FIRST_DAY).days)


def clock_time(value: Value, _dice: Random) -> Decimal | None:
    """14:30 in the number's place, as 1430."""
    text = value.time[11:16].replace(":", "")
    return Decimal(text) if text.isdigit() and int(text) else None


def _as_text(form: str) -> ValueSlip:
    """Not a number any more: the field's text is passed on as it is."""

    def slip(value: Value, _around: Surroundings, dice: Random) -> Written | None:
        number = plain(keyed(value.number))
        if not number.replace(".", "", 1).isdigit():
            return None
        wrong = form.format(number=number, other=dice.randrange(50, 99), twice=number.replace(".", "..", 1))
        return Written(with_number(value, wrong), wrong, path=value.path) if wrong != number else None

    return slip


KINDS = (
    Kind("nines", "impossible", to_value=beyond(anywhere(nines))),
    Kind("minus_one", "impossible", to_value=beyond(anywhere(minus_one))),
    Kind("zero", "impossible", to_value=beyond(zero)),
    Kind("spreadsheet_date", "impossible", to_value=beyond(anywhere(spreadsheet_date))),
    Kind("clock_time", "impossible", to_value=beyond(anywhere(clock_time))),
    Kind("two_numbers_in_one", "impossible", to_value=_as_text("{number}/{other}")),
    Kind("point_twice", "impossible", to_value=_as_text("{twice}")),
)
