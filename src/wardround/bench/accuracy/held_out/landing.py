"""How a person reads a long number, and where a slip must land to be an error of its family."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.plants import Surroundings, ValueSlip, Written
from wardround.bench.accuracy.slips_in_history import earlier_values
from wardround.bench.accuracy.spans import EARLIER
from wardround.bench.accuracy.writing import plain, with_number

_MOST_DIGITS = 5
Misread = Callable[[Value, Random], Decimal | None]


def keyed(number: Decimal) -> Decimal:
    """The number as somebody would key it in: 176.354998 as 176.4, 1.02342 as 1.02."""
    if len(number.normalize().as_tuple().digits) <= _MOST_DIGITS:
        return number
    places = 0 if abs(number) >= 1000 else 1 if abs(number) >= 10 else 2
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def written(value: Value, wrong: Decimal | None) -> Written | None:
    """The wrong number in the right one's place."""
    if wrong is None or wrong == value.number:
        return None
    return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)


def anywhere(misread: Misread) -> ValueSlip:
    """Wherever it lands."""
    return lambda value, _around, dice: written(value, misread(value, dice))


def beyond(slip: ValueSlip) -> ValueSlip:
    """Only where it lands on twice the greatest value of these records, on half the least, or further out: on what cannot be."""

    def only_there(value: Value, around: Surroundings, dice: Random) -> Written | None:
        done = slip(value, around, dice)
        if done is None or done.wrong is None:
            return None
        low, high = around.spans.range_of[value.code, value.unit]
        is_out = low > 0 and (done.wrong > 2 * high or done.wrong < low / 2)
        return done if is_out else None

    return only_there


def in_history(slip: ValueSlip) -> ValueSlip:
    """Only where somebody really has such a value, and the patient's earlier ones show that it is not theirs."""

    def only_there(value: Value, around: Surroundings, dice: Random) -> Written | None:
        earlier = earlier_values(value, around)
        done = slip(value, around, dice) if len(earlier) >= EARLIER else None
        if done is None or done.wrong is None or not around.spans.is_among(value, done.wrong):
            return None
        return done if around.spans.shows_in(earlier[-1].number, done.wrong, code=value.code) else None

    return only_there
