"""now(), today() and timeOfDay(): from the clock that the caller hands in, the same all through one evaluation."""

from datetime import datetime

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path.nodes import Node, Nodes
from wardround.interchange.fhir.path.scope import Scope


def now(_focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    return [Node(_now(scope).isoformat(timespec="milliseconds"), "System.DateTime")]


def today(_focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    return [Node(_now(scope).date().isoformat(), "System.Date")]


def time_of_day(_focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    return [Node(_now(scope).time().isoformat(timespec="milliseconds"), "System.Time")]


def _now(scope: Scope) -> datetime:
    given = scope.run.context.now
    if given is None:
        raise PathFailed("This expression asks for the time, and here it has no clock.")
    return given
