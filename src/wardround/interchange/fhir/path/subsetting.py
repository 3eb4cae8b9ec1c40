"""FHIRPath functions that take a part of a collection or join two."""

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path.equality import distinct, identity
from wardround.interchange.fhir.path.nodes import EMPTY, Nodes, truth
from wardround.interchange.fhir.path.scope import Scope, single, whole


def at(nodes: Nodes, index: Nodes) -> Nodes:
    """nodes[index], from 0."""
    place = whole(index)
    return EMPTY if place is None or place < 0 else nodes[place : place + 1]


def union(left: Nodes, right: Nodes) -> Nodes:
    """Both, each item once."""
    if not right:
        return distinct(left)
    return distinct(left + right) if left else distinct(right)


def first(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus[:1]


def last(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus[-1:]


def tail(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus[1:]


def only(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    single(focus)
    return focus


def skip(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus[max(_number(arguments[0]), 0) :]


def take(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus[: max(_number(arguments[0]), 0)]


def _number(nodes: Nodes) -> int:
    number = whole(nodes)
    if number is None:
        raise PathFailed("skip() and take() need a number.")
    return number


def united(focus: Nodes, arguments: list[Nodes], scope: Scope) -> Nodes:
    scope.run.spend(len(focus) + len(arguments[0]))
    return union(focus, arguments[0])


def combine(focus: Nodes, arguments: list[Nodes], scope: Scope) -> Nodes:
    scope.run.spend(len(focus) + len(arguments[0]))
    return focus + arguments[0]


def intersect(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    others = {identity(node) for node in arguments[0]}
    return distinct([node for node in focus if identity(node) in others])


def exclude(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    others = {identity(node) for node in arguments[0]}
    return [node for node in focus if identity(node) not in others]


def subset_of(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth({identity(node) for node in focus} <= {identity(node) for node in arguments[0]})


def superset_of(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth({identity(node) for node in focus} >= {identity(node) for node in arguments[0]})
