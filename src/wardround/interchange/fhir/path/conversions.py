"""FHIRPath's conversions (N1 section 5.5): toInteger(), convertsToDate() and their kin; empty where there is none."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from wardround.interchange.fhir.json import number_text
from wardround.interchange.fhir.path import quantities
from wardround.interchange.fhir.path.moments import moment
from wardround.interchange.fhir.path.nodes import EMPTY, FALSE, TRUE, Node, Nodes
from wardround.interchange.fhir.path.operators import whole_number
from wardround.interchange.fhir.path.scope import Scope, single, text
from wardround.interchange.fhir.path.types import KIND

Function = Callable[[Nodes, list[Nodes], Scope], Nodes]
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_QUANTITY = re.compile(r"([+-]?\d{1,40}(?:\.\d{1,40})?)\s*(?:'([^']{1,100})'|([a-z]{1,20}))?", re.ASCII)
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})
_WORDS = frozenset({*quantities.CALENDAR, *(f"{word}s" for word in quantities.CALENDAR)})


def to_boolean(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    value = node.value
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int | Decimal | float):
        return TRUE if value == 1 else FALSE if value == 0 else EMPTY
    if isinstance(value, str):
        return TRUE if value.lower() in _TRUE else FALSE if value.lower() in _FALSE else EMPTY
    return EMPTY


def to_integer(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    value = node.value
    if isinstance(value, int):  # true is 1
        return whole_number(int(value))
    return whole_number(int(value)) if isinstance(value, str) and _INTEGER.fullmatch(value) else EMPTY


def to_decimal(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    value = node.value
    if isinstance(value, int | Decimal | float):
        return _node(Decimal(int(value)) if isinstance(value, int) else Decimal(number_text(value)), "System.Decimal")
    return _node(Decimal(value), "System.Decimal") if isinstance(value, str) and _DECIMAL.fullmatch(value) else EMPTY


def to_string(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    if node is None or node.value is None:
        return EMPTY
    written = _written(node)
    return EMPTY if written is None else _node(written, "System.String")


def to_date(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    value = _moment_text(focus)
    if value is None or moment(value) is None:
        return EMPTY
    return _node(value.partition("T")[0], "System.Date")


def to_date_time(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    value = _moment_text(focus)
    return EMPTY if value is None or moment(value) is None else _node(value, "System.DateTime")


def to_time(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    value = None if node is None else node.value
    if not isinstance(value, str) or moment(value, is_time=True) is None:
        return EMPTY
    return _node(value.removeprefix("T"), "System.Time")


def to_quantity(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    node = single(focus)
    found = None if node is None or node.value is None else _quantity(node)
    if found is None:
        return EMPTY
    wanted = text(arguments[0]) if arguments else None
    if wanted is not None:
        pair = quantities.in_one_unit(found, quantities.Quantity(Decimal(0), wanted))
        if pair is None:
            return EMPTY
        found = quantities.Quantity(pair[0], wanted)
    return _node(quantities.quantity_value(found.value, found.unit), "System.Quantity")


def converts(convert: Function) -> Function:
    """convertsToX() of toX(): true or false, and empty for an empty collection."""

    def is_convertible(focus: Nodes, arguments: list[Nodes], scope: Scope) -> Nodes:
        if single(focus) is None:
            return EMPTY
        return TRUE if convert(focus, arguments, scope) else FALSE

    return is_convertible


def _written(node: Node) -> str | None:
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal | float):
        return number_text(value)
    if isinstance(value, str):
        return value
    found = quantities.quantity(value) if KIND.get(node.type) == "quantity" else None
    if found is None:
        return None
    unit = found.unit if found.unit in quantities.CALENDAR else f"'{found.unit}'"
    return f"{number_text(found.value)} {unit}"


def _moment_text(focus: Nodes) -> str | None:
    node = single(focus)
    if node is None or not isinstance(node.value, str) or KIND.get(node.type) not in ("date", "string"):
        return None
    return node.value


def _quantity(node: Node) -> quantities.Quantity | None:
    value = node.value
    if isinstance(value, bool):
        return quantities.Quantity(Decimal(int(value)), "1")
    if isinstance(value, int | Decimal | float):
        return quantities.Quantity(Decimal(number_text(value)) if not isinstance(value, int) else Decimal(value), "1")
    if isinstance(value, dict):
        return quantities.quantity(value)
    match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[3] is not None and match[3] not in _WORDS):
        return None
    return quantities.Quantity(Decimal(match[1]), match[2] or (match[3] or "1").removesuffix("s"))


def _node(value: Any, type_name: str) -> Nodes:
    return [Node(value, type_name)]
