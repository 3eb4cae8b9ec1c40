"""Digits that are lost, hit beside, or run together with other numbers."""

from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.held_out.landing import anywhere, beyond, in_history, keyed, written
from wardround.bench.accuracy.plants import Kind, Surroundings, Written
from wardround.bench.accuracy.slips_in_history import earlier_values
from wardround.bench.accuracy.writing import plain

# The keys that touch each key of the number pad.
_BESIDE = dict(zip("0123456789", ("12", "24", "135", "26", "157", "2468", "359", "48", "579", "68"), strict=True))


def leading_digit_lost(value: Value, _dice: Random) -> Decimal | None:
    """140 as 40: the first key was not pressed hard enough."""
    text = plain(keyed(value.number))
    rest = text[1:]
    return Decimal(rest) if text[:1].isdigit() and rest[:1].isdigit() and Decimal(rest) else None


def trailing_digit_lost(value: Value, _dice: Random) -> Decimal | None:
    """140 as 14: entered before it was whole."""
    text = plain(keyed(value.number))
    return Decimal(text[:-1]) if text.isdigit() and len(text) > 1 else None


def neighbouring_key(value: Value, dice: Random) -> Decimal | None:
    """4 for 1: the key beside the right one, for one of the first two digits."""
    text = plain(keyed(value.number))
    places = [place for place, sign in enumerate(text) if sign.isdigit()][:2]
    place = dice.choice(places)
    key = dice.choice(_BESIDE[text[place]])
    return Decimal(f"{text[:place]}{key}{text[place + 1 :]}")


def run_together(value: Value, around: Surroundings, _dice: Random) -> Written | None:
    """98 after 91 as 9198: the field still held the number before."""
    earlier = earlier_values(value, around)
    before, now = (plain(keyed(number)) for number in (earlier[-1].number if earlier else Decimal(0), value.number))
    if not before.isdigit() or not earlier or not now.replace(".", "", 1).isdigit():
        return None
    return written(value, Decimal(before + now))


KINDS = (
    Kind("leading_digit_lost", "impossible", to_value=beyond(anywhere(leading_digit_lost))),
    Kind("trailing_digit_lost", "impossible", to_value=beyond(anywhere(trailing_digit_lost))),
    Kind("run_together", "impossible", to_value=beyond(run_together)),
    Kind("neighbouring_key", "digits", to_value=anywhere(neighbouring_key)),
    Kind("history_leading_digit_lost", "history", to_value=in_history(anywhere(leading_digit_lost))),
    Kind("history_trailing_digit_lost", "history", to_value=in_history(anywhere(trailing_digit_lost))),
    Kind("history_neighbouring_key", "history", to_value=in_history(anywhere(neighbouring_key))),
)
