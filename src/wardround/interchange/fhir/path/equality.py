"""When two collections are equal (=), equivalent (~), and which items of one are the same (N1 section 6.1)."""

from collections import Counter
from decimal import Decimal
from typing import Any

from wardround.interchange.fhir.path import moments, quantities
from wardround.interchange.fhir.path.nodes import Node, Nodes
from wardround.interchange.fhir.path.types import KIND


def equal(left: Nodes, right: Nodes) -> bool | None:
    """Empty where either is empty or the precision known does not decide."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    unknown = False
    for a, b in zip(left, right, strict=True):
        answer = _same(a, b)
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def equivalent(left: Nodes, right: Nodes) -> bool:
    """Equal but for order, case, white space and the precision of numbers; two empty ones are equivalent."""
    if len(left) != len(right):
        return False
    if len(left) == 1:
        return _alike(left[0], right[0])
    return Counter(_likeness(node) for node in left) == Counter(_likeness(node) for node in right)


def distinct(nodes: Nodes) -> Nodes:
    """The first of each that are equal."""
    if len(nodes) < 2:
        return nodes
    kept: dict[Any, Node] = {}
    for node in nodes:
        kept.setdefault(identity(node), node)
    return list(kept.values())


def identity(node: Node) -> Any:
    """What equal items have in common, for sets."""
    kind = KIND.get(node.type)
    value = node.value
    if value is None or type(value) is dict:
        if kind == "quantity" and (found := quantities.quantity(value)) is not None:
            return "quantity", found.value, found.unit
        return _frozen(value if value is not None else node.extra)
    if kind in ("date", "time"):
        at = moments.moment(value, is_time=kind == "time") if type(value) is str else None
        return (kind, at if at is not None else value)
    return kind, value


def _same(left: Node, right: Node) -> bool | None:
    a, b = KIND.get(left.type), KIND.get(right.type)
    if left.value is None or right.value is None:
        return None
    if a == b:
        if a in ("date", "time"):
            return _same_moment(left, right, is_time=a == "time")
        if a == "quantity":
            return _same_quantity(left, right)
        return a in (None, "string", "number", "boolean") and _equal_values(left.value, right.value)
    if "quantity" in (a, b) and "number" in (a, b):
        pair = _quantity(left), _quantity(right)
        return None if pair[0] is None or pair[1] is None else quantities.compare(pair[0], pair[1]) == 0
    return False


def _equal_values(left: Any, right: Any) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def _same_moment(left: Node, right: Node, *, is_time: bool) -> bool | None:
    a, b = as_moment(left, is_time=is_time), as_moment(right, is_time=is_time)
    if a is None or b is None:
        return bool(left.value == right.value)
    answer = moments.compare(a, b)
    return None if answer is None else answer == 0


def as_moment(node: Node, *, is_time: bool) -> moments.Moment | None:
    """A node's date or time; None where it has none."""
    return moments.moment(node.value, is_time=is_time) if isinstance(node.value, str) else None


def _same_quantity(left: Node, right: Node) -> bool | None:
    a, b = _quantity(left), _quantity(right)
    if a is None or b is None:
        return bool(left.value == right.value)
    answer = quantities.compare(a, b)
    return None if answer is None else answer == 0


def _quantity(node: Node) -> quantities.Quantity | None:
    if type(node.value) is dict:
        return quantities.quantity(node.value)
    return quantities.Quantity(Decimal(str(node.value)), "1")


def _alike(left: Node, right: Node) -> bool:
    a, b = KIND.get(left.type), KIND.get(right.type)
    if a == b == "number":
        return _alike_numbers(Decimal(str(left.value)), Decimal(str(right.value)))
    if a == b == "quantity":
        first, second = _quantity(left), _quantity(right)
        if first is None or second is None:
            return bool(_likeness(left) == _likeness(right))
        in_calendar = [quantities.Quantity(q.value, quantities.CALENDAR.get(q.unit, q.unit)) for q in (first, second)]
        pair = quantities.in_one_unit(in_calendar[0], in_calendar[1])
        return pair is not None and _alike_numbers(*pair)
    if a == b and a in ("date", "time"):
        return _same_moment(left, right, is_time=a == "time") is True
    return bool(_likeness(left) == _likeness(right))


def _alike_numbers(left: Decimal, right: Decimal) -> bool:
    """Rounded to the less precise of the two."""
    exponent = max(_exponent(left), _exponent(right), -28)
    unit = Decimal(1).scaleb(exponent)
    return round(left / unit) == round(right / unit)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _likeness(node: Node) -> Any:
    if KIND.get(node.type) == "number":
        return "number", node.value
    return _frozen(node.value, loosely=True)


def _frozen(value: Any, *, loosely: bool = False) -> Any:
    """JSON as something that can be hashed; loosely: without case and white space, lists without order."""
    if type(value) is dict:
        return frozenset((key, _frozen(below, loosely=loosely)) for key, below in value.items())
    if type(value) is list:
        items = [_frozen(item, loosely=loosely) for item in value]
        return frozenset(Counter(items).items()) if loosely else tuple(items)
    if loosely and isinstance(value, str):
        return " ".join(value.casefold().split())
    return ("boolean", value) if isinstance(value, bool) else value
