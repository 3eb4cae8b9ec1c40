"""lowBoundary() and highBoundary(): the least and the greatest that a value of its precision may stand for (N1 v3)."""

import calendar
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, DecimalException, localcontext

from wardround.interchange.fhir.path import quantities
from wardround.interchange.fhir.path.calendar import written
from wardround.interchange.fhir.path.equality import as_moment
from wardround.interchange.fhir.path.moments import Moment
from wardround.interchange.fhir.path.nodes import EMPTY, Node, Nodes, decimal
from wardround.interchange.fhir.path.operators import number, quantity
from wardround.interchange.fhir.path.scope import Scope, single, whole
from wardround.interchange.fhir.path.types import KIND

_DECIMAL_PLACES = 8
_MOST_PLACES = 28
# Digits of a precision -> how many parts of a moment are known; 17 digits (a time of day: 9) reach to the millisecond.
_PARTS = {4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 14: 6, 17: 6}
_TIME_PARTS = {2: 1, 4: 2, 6: 3, 9: 3}
_EARLIEST_ZONE, _LATEST_ZONE = 14 * 60, -12 * 60
_DATES = frozenset({"date", "System.Date"})


def low(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _boundary(focus, arguments, is_low=True)


def high(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _boundary(focus, arguments, is_low=False)


def _boundary(focus: Nodes, arguments: list[Nodes], *, is_low: bool) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    digits = whole(arguments[0]) if arguments else None
    if arguments and digits is None:
        return EMPTY
    kind = KIND.get(node.type)
    if kind in ("date", "time"):
        return _of_moment(node, digits, is_time=kind == "time", is_low=is_low)
    if kind == "quantity":
        found = quantities.quantity(node.value)
        edge = None if found is None else _of_decimal(found.value, digits, is_low=is_low)
        return EMPTY if found is None or edge is None else quantity(edge, found.unit)
    if kind != "number":
        return EMPTY
    edge = _of_decimal(number(node), digits, is_low=is_low)
    return EMPTY if edge is None else decimal(edge)


def _of_decimal(value: Decimal, digits: int | None, *, is_low: bool) -> Decimal | None:
    places = _DECIMAL_PLACES if digits is None else digits
    if not 0 <= places <= _MOST_PLACES or not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    half = Decimal(5).scaleb(min(int(exponent), 0) - 1)
    try:
        with localcontext() as context:
            context.prec = 60
            edge = value - half if is_low else value + half
            return edge.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR if is_low else ROUND_CEILING)
    except DecimalException:
        return None


def _of_moment(node: Node, digits: int | None, *, is_time: bool, is_low: bool) -> Nodes:
    at = as_moment(node, is_time=is_time)
    if digits is None:
        digits = 9 if is_time else 8 if node.type in _DATES else 17
    known = (_TIME_PARTS if is_time else _PARTS).get(digits)
    if at is None or known is None:
        return EMPTY
    parts = _filled(at, is_low=is_low)[:known]
    if len(parts) == (3 if is_time else 6):
        seconds = Decimal(parts[-1])
        last = Decimal(int(seconds)) if digits in (6, 14) else seconds
        parts = (*parts[:-1], int(last) if digits in (6, 14) else last)
    zone = at.zone
    if not is_time and known > 3 and zone is None:
        zone = _EARLIEST_ZONE if is_low else _LATEST_ZONE
    edge = Moment(parts, zone if known > 3 else None, is_time, has_t=False)
    type_name = "System.Time" if is_time else "System.Date" if known <= 3 and node.type in _DATES else "System.DateTime"
    return [Node(written(edge), type_name)]


def _filled(at: Moment, *, is_low: bool) -> tuple[int | Decimal, ...]:
    """Every part, those not known at the edge; seconds to the millisecond."""
    parts = at.parts if not at.is_time else (2000, 1, 1, *at.parts)
    year, month, day, hour, minute, second = (*parts, None, None, None, None, None)[:6]
    month = month if month is not None else (1 if is_low else 12)
    day = day if day is not None else (1 if is_low else calendar.monthrange(int(year or 1), int(month))[1])
    hour = hour if hour is not None else (0 if is_low else 23)
    minute = minute if minute is not None else (0 if is_low else 59)
    whole_parts = (int(year or 1), int(month), int(day), int(hour), int(minute), _seconds(second, is_low=is_low))
    return whole_parts[3:] if at.is_time else whole_parts


def _seconds(second: int | Decimal | None, *, is_low: bool) -> Decimal:
    if second is None:
        return Decimal("0.000") if is_low else Decimal("59.999")
    known = -int(Decimal(second).as_tuple().exponent)
    step = Decimal(1).scaleb(-known) - Decimal("0.001") if known < 3 else Decimal(0)
    return (Decimal(second) + (0 if is_low else step)).quantize(Decimal("0.001"), rounding=ROUND_FLOOR)
