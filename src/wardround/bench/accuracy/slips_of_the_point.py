"""Decimal slips and impossible numbers, as keyboards make them."""

import itertools
from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.plants import Kind, Surroundings, ValueSlip, Written
from wardround.bench.accuracy.writing import plain, shifted, with_number, with_text


def _moved(places: int) -> ValueSlip:
    def slip(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
        if value.number == 0:
            return None
        wrong = shifted(value.number, places=places)
        return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)

    return slip


def negative(value: Value, around: Surroundings, _dice: Random) -> Written | None:
    """A minus sign before what is never below zero in these records."""
    low, _high = around.spans.range_of[value.code, value.unit]
    if low < 0 or value.number == 0:
        return None
    return Written(with_number(value, -value.number), plain(-value.number), path=value.path, wrong=-value.number)


def letter_for_zero(value: Value, _around: Surroundings, dice: Random) -> Written | None:
    """The letter O where a zero was meant: as a text in the number's place, or as a text beside its unit."""
    text = plain(value.number)
    zeros = [place for place, sign in enumerate(text) if sign == "0" and place > 0]
    if not zeros:
        return None
    place = dice.choice(zeros)
    wrong = f"{text[:place]}O{text[place + 1 :]}"
    if dice.random() < 0.5:
        return Written(with_number(value, wrong), wrong, path=value.path)
    also = value.place.removesuffix("valueQuantity") + "valueString"
    return Written(with_text(value, f"{wrong} {value.unit}".strip()), wrong, path=value.path, also=frozenset({also}))


def doubled_digit(value: Value, around: Surroundings, dice: Random) -> Written | None:
    """A digit before the point typed twice, which makes a number that nobody in these records has."""
    whole, point, rest = plain(value.number).partition(".")
    if not whole.isdigit() or whole.strip("0") == "":
        return None
    place = dice.randrange(len(whole))
    wrong = Decimal(f"{whole[: place + 1]}{whole[place:]}{point}{rest}")
    if around.spans.is_among(value, wrong):
        return None
    return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)


def transposed(value: Value, _around: Surroundings, dice: Random) -> Written | None:
    """Two neighbouring digits of the first four changed places; a zero never comes first."""
    text = plain(value.number)
    digits = [place for place, sign in enumerate(text) if sign.isdigit()][:4]
    pairs = [
        (left, right)
        for left, right in itertools.pairwise(digits)
        if text[left] != text[right] and not (left == 0 and text[right] == "0")
    ]
    if not pairs:
        return None
    left, right = dice.choice(pairs)
    signs = list(text)
    signs[left], signs[right] = signs[right], signs[left]
    wrong = Decimal("".join(signs))
    return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)


KINDS = (
    Kind("ten_times", "decimal", to_value=_moved(1)),
    Kind("a_tenth", "decimal", to_value=_moved(-1)),
    Kind("hundred_times", "decimal", to_value=_moved(2)),
    Kind("negative", "impossible", to_value=negative),
    Kind("letter_for_zero", "impossible", to_value=letter_for_zero),
    Kind("doubled_digit", "impossible", to_value=doubled_digit),
    Kind("transposed_digits", "digits", to_value=transposed),
)
ten_times, a_tenth = _moved(1), _moved(-1)
