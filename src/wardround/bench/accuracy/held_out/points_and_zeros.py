"""Points and zeros that are lost, added or read in another country's way."""

from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.held_out.landing import anywhere, beyond, in_history, keyed
from wardround.bench.accuracy.plants import Kind
from wardround.bench.accuracy.writing import plain, shifted


def point_lost(value: Value, _dice: Random) -> Decimal | None:
    """7.35 as 735; a comma is read as what groups thousands."""
    text = plain(keyed(value.number))
    return Decimal(text.replace(".", "")) if "." in text and Decimal(text) else None


def thousands_as_point(value: Value, _dice: Random) -> Decimal | None:
    """1,234 as 1.234: what groups thousands is read as a point."""
    number = keyed(value.number)
    return shifted(number, places=-3) if number >= 1000 and "." not in plain(number) else None


def a_hundredth(value: Value, _dice: Random) -> Decimal | None:
    """36.8 as 0.368."""
    return shifted(keyed(value.number), places=-2) if value.number else None


def zero_inside(value: Value, dice: Random) -> Decimal | None:
    """102 as 1002: one zero too many between the digits before the point."""
    whole, point, rest = plain(keyed(value.number)).partition(".")
    if not whole.isdigit() or len(whole) < 2:
        return None
    place = dice.randrange(1, len(whole))
    return Decimal(f"{whole[:place]}0{whole[place:]}{point}{rest}")


def zero_lost_after_point(value: Value, _dice: Random) -> Decimal | None:
    """1.05 as 1.5, 0.08 as 0.8."""
    text = plain(keyed(value.number))
    return Decimal(text.replace(".0", ".", 1)) if ".0" in text and text.partition(".0")[2].strip("0") else None


KINDS = (
    Kind("point_lost", "decimal", to_value=anywhere(point_lost)),
    Kind("thousands_as_point", "decimal", to_value=anywhere(thousands_as_point)),
    Kind("a_hundredth", "decimal", to_value=anywhere(a_hundredth)),
    Kind("zero_inside", "impossible", to_value=beyond(anywhere(zero_inside))),
    Kind("history_zero_lost_after_point", "history", to_value=in_history(anywhere(zero_lost_after_point))),
)
