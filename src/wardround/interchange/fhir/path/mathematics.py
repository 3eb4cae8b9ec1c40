"""FHIRPath's mathematical functions (N1 section 5.7): on one number; empty where there is no result."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException, localcontext

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path import quantities
from wardround.interchange.fhir.path.nodes import EMPTY, Nodes, decimal
from wardround.interchange.fhir.path.operators import number, quantity, whole_number
from wardround.interchange.fhir.path.scope import Scope, single, whole

_DIGITS = 28


def absolute(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    if node is None:
        return EMPTY
    if type(node.value) is dict:
        found = quantities.quantity(node.value)
        return EMPTY if found is None else quantity(abs(found.value), found.unit)
    value = abs(number(node))
    return whole_number(int(value)) if isinstance(node.value, int) else decimal(value)


def ceiling(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _to_whole(focus, ROUND_CEILING)


def floor(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _to_whole(focus, ROUND_FLOOR)


def truncate(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _to_whole(focus, ROUND_DOWN)


def rounded(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    places = whole(arguments[0]) if arguments else 0
    if places is None:
        return EMPTY
    if not 0 <= places <= _DIGITS:
        raise PathFailed(f"round() keeps 0 to {_DIGITS} decimal places.")
    return _computed(focus, lambda value: value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def exponential(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _computed(focus, Decimal.exp)


def natural_logarithm(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _computed(focus, lambda value: value.ln() if value > 0 else None)


def logarithm(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(arguments[0])
    if node is None:
        return EMPTY
    base = number(node)
    if base <= 0 or base == 1:
        return EMPTY
    return _computed(focus, lambda value: value.ln() / base.ln() if value > 0 else None)


def square_root(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _computed(focus, lambda value: value.sqrt() if value >= 0 else None)


def power(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    base, exponent = single(focus), single(arguments[0])
    if base is None or exponent is None:
        return EMPTY
    by = number(exponent)
    result = _computed(focus, lambda value: value**by if value >= 0 or by == int(by) else None)
    is_whole = isinstance(base.value, int) and isinstance(exponent.value, int) and by >= 0
    return whole_number(result[0].value) if result and is_whole else result


def _to_whole(focus: Nodes, rounding: str) -> Nodes:
    found = _computed(focus, lambda value: value.to_integral_value(rounding=rounding))
    return whole_number(found[0].value) if found else EMPTY


def _computed(focus: Nodes, compute: Callable[[Decimal], Decimal | None]) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    value = number(node)
    try:
        with localcontext() as context:
            context.prec = _DIGITS
            result = compute(value)
    except (DecimalException, OverflowError):
        return EMPTY
    return decimal(result) if result is not None and result.is_finite() else EMPTY
