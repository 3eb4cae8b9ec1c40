"""FHIRPath's operators: three-valued logic, order, arithmetic, membership (N1 section 6)."""

from collections.abc import Callable
from decimal import Decimal, DecimalException, localcontext

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path import moments, quantities
from wardround.interchange.fhir.path.calendar import moved
from wardround.interchange.fhir.path.equality import as_moment, equal, equivalent, identity
from wardround.interchange.fhir.path.nodes import EMPTY, FALSE, TRUE, Node, Nodes, decimal, integer, string, truth
from wardround.interchange.fhir.path.scope import LARGEST, boolean, short, single, text
from wardround.interchange.fhir.path.subsetting import union
from wardround.interchange.fhir.path.types import KIND

Operator = Callable[[Nodes, Nodes], Nodes]


def _and(left: Nodes, right: Nodes) -> Nodes:
    a, b = boolean(left), boolean(right)
    return truth(False if a is False or b is False else None if a is None or b is None else True)


def _or(left: Nodes, right: Nodes) -> Nodes:
    a, b = boolean(left), boolean(right)
    return truth(True if a is True or b is True else None if a is None or b is None else False)


def _xor(left: Nodes, right: Nodes) -> Nodes:
    a, b = boolean(left), boolean(right)
    return EMPTY if a is None or b is None else truth(a != b)


def _implies(left: Nodes, right: Nodes) -> Nodes:
    a, b = boolean(left), boolean(right)
    if a is False or b is True:
        return TRUE
    return EMPTY if a is None or b is None else FALSE


def order(left: Nodes, right: Nodes) -> int | None:
    """-1, 0 or 1; None where it is not known; raises PathFailed for values that have no order."""
    one, other = single(left), single(right)
    if one is None or other is None or one.value is None or other.value is None:
        return None
    a, b = KIND.get(one.type), KIND.get(other.type)
    if a == b and a in ("number", "string"):
        return int(one.value > other.value) - int(one.value < other.value)
    if a == b and a in ("date", "time"):
        first, second = as_moment(one, is_time=a == "time"), as_moment(other, is_time=a == "time")
        return None if first is None or second is None else moments.compare(first, second)
    if "quantity" in (a, b) and a in ("quantity", "number") and b in ("quantity", "number"):
        pair = as_quantity(one), as_quantity(other)
        return None if pair[0] is None or pair[1] is None else quantities.compare(pair[0], pair[1])
    raise PathFailed("<, <=, > and >= compare two numbers, strings, dates, times or quantities.")


def as_quantity(node: Node) -> quantities.Quantity | None:
    """A quantity, or a number as a quantity of unit 1; None for anything else."""
    if type(node.value) is dict:
        return quantities.quantity(node.value)
    if KIND.get(node.type) == "number":
        return quantities.Quantity(number(node), "1")
    return None


def number(node: Node) -> Decimal:
    """A number's value; raises PathFailed for anything else."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise PathFailed("A number is needed here.")
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def _ordered(holds: Callable[[int], bool]) -> Operator:
    def compare(left: Nodes, right: Nodes) -> Nodes:
        answer = order(left, right)
        return EMPTY if answer is None else truth(holds(answer))

    return compare


def whole_number(value: int | Decimal) -> Nodes:
    """A computed integer; empty beyond 64 bits, as overflow is (N1 section 6.6)."""
    return integer(int(value)) if -LARGEST <= value < LARGEST else EMPTY


def arithmetic(operator: str, left: Nodes, right: Nodes) -> Nodes:
    """left operator right; empty for an overflow or a division by zero."""
    one, other = single(left), single(right)
    if one is None or other is None or one.value is None or other.value is None:
        return EMPTY
    try:
        with localcontext() as context:
            context.prec = 28
            return _computed(operator, one, other)
    except (DecimalException, OverflowError):
        return EMPTY


def _computed(operator: str, one: Node, other: Node) -> Nodes:
    a, b = KIND.get(one.type), KIND.get(other.type)
    if operator == "+" and a == b == "string":
        return string(short(one.value + other.value))
    if operator in "+-" and a in ("date", "time") and type(other.value) is dict:
        return moved(one, other, sign=-1 if operator == "-" else 1)
    if a == b == "number":
        return _numbers(operator, one, other)
    if "quantity" in (a, b) and a in ("quantity", "number") and b in ("quantity", "number"):
        return _quantities(operator, one, other)
    raise PathFailed(f"{operator} does not go with these types; convert one of them.")


def _numbers(operator: str, one: Node, other: Node) -> Nodes:
    x, y = number(one), number(other)
    if operator in ("/", "div", "mod") and y == 0:
        return EMPTY
    if operator == "/":
        return decimal(x / y)
    if operator == "div":
        return whole_number(x / y if not (_is_whole(one) and _is_whole(other)) else _truncated(int(x), int(y)))
    result = {"+": x.__add__, "-": x.__sub__, "*": x.__mul__, "mod": x.__mod__}[operator](y)
    return whole_number(int(result)) if _is_whole(one) and _is_whole(other) else decimal(result)


def _truncated(x: int, y: int) -> int:
    quotient = abs(x) // abs(y)
    return quotient if (x < 0) == (y < 0) else -quotient


def _is_whole(node: Node) -> bool:
    return isinstance(node.value, int)


def _quantities(operator: str, one: Node, other: Node) -> Nodes:
    x, y = as_quantity(one), as_quantity(other)
    if x is None or y is None:
        return EMPTY
    if operator in ("+", "-"):
        pair = quantities.in_one_unit(x, y)
        if pair is None:
            return EMPTY
        return quantity(pair[0] + pair[1] if operator == "+" else pair[0] - pair[1], y.unit)
    if operator == "*" and "1" in (x.unit, y.unit):
        return quantity(x.value * y.value, y.unit if x.unit == "1" else x.unit)
    if operator == "/" and y.value:
        if y.unit == "1":
            return quantity(x.value / y.value, x.unit)
        pair = quantities.in_one_unit(x, y)
        return EMPTY if pair is None else quantity(pair[0] / pair[1], "1")
    return EMPTY


def quantity(value: Decimal, unit: str) -> Nodes:
    """A computed quantity."""
    return [Node(quantities.quantity_value(value, unit), "System.Quantity")]


def negative(operand: Nodes) -> Nodes:
    """-operand"""
    node = single(operand)
    if node is None:
        return EMPTY
    if type(node.value) is dict:
        found = quantities.quantity(node.value)
        return EMPTY if found is None else quantity(-found.value, found.unit)
    value = number(node)
    return whole_number(-int(value)) if _is_whole(node) else decimal(-value)


def _concatenated(left: Nodes, right: Nodes) -> Nodes:
    return string(short((text(left) or "") + (text(right) or "")))


def _member(item: Nodes, collection: Nodes) -> Nodes:
    node = single(item)
    if node is None:
        return EMPTY
    wanted = identity(node)
    return truth(any(identity(other) == wanted for other in collection) or equal_to_any(item, collection))


def equal_to_any(item: Nodes, collection: Nodes) -> bool:
    """Is the item equal to one of a collection, units converted?"""
    return any(equal(item, [other]) is True for other in collection)


def _not_equal(left: Nodes, right: Nodes) -> Nodes:
    answer = equal(left, right)
    return EMPTY if answer is None else truth(not answer)


def _by_arithmetic(operator: str) -> Operator:
    return lambda left, right: arithmetic(operator, left, right)


OPERATORS: dict[str, Operator] = {
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
    "=": lambda left, right: truth(equal(left, right)),
    "!=": _not_equal,
    "~": lambda left, right: truth(equivalent(left, right)),
    "!~": lambda left, right: truth(not equivalent(left, right)),
    "<": _ordered(lambda answer: answer < 0),
    "<=": _ordered(lambda answer: answer <= 0),
    ">": _ordered(lambda answer: answer > 0),
    ">=": _ordered(lambda answer: answer >= 0),
    "|": union,
    "&": _concatenated,
    "in": _member,
    "contains": lambda left, right: _member(right, left),
    **{operator: _by_arithmetic(operator) for operator in ("+", "-", "*", "/", "div", "mod")},
}
