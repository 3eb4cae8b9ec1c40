"""FHIRPath functions that look at each item: where, select, exists, all, repeat, iif, aggregate, ofType, ..."""

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path.equality import distinct, identity
from wardround.interchange.fhir.path.nodes import EMPTY, Nodes, all_children, children, integer, truth
from wardround.interchange.fhir.path.scope import Closure, Scope, boolean, single
from wardround.interchange.fhir.path.types import is_kind_of


def where(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    criteria, run = arguments[0], scope.run
    run.spend(len(focus))
    found: Nodes = []
    for index, node in enumerate(focus):
        here = [node]
        if boolean(criteria(here, Scope(here, run, index, scope.total))) is True:
            found.append(node)
    return found


def select(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    projection, run = arguments[0], scope.run
    found: Nodes = []
    for index, node in enumerate(focus):
        here = [node]
        found.extend(projection(here, Scope(here, run, index, scope.total)))
    run.spend(len(focus) + len(found))
    return found


def exists(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    return truth(bool(where(focus, arguments, scope) if arguments else focus))


def every(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    return truth(len(where(focus, arguments, scope)) == len(focus))


def repeat(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    projection, run = arguments[0], scope.run
    found: Nodes = []
    seen = set()
    pending = focus
    while pending:
        run.spend(len(pending))
        fresh: Nodes = []
        for index, node in enumerate(pending):
            here = [node]
            for below in projection(here, Scope(here, run, index, scope.total)):
                key = identity(below)
                if key not in seen:
                    seen.add(key)
                    fresh.append(below)
        found.extend(fresh)
        pending = fresh
    return found


def iif(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    single(focus)
    here = Scope(focus, scope.run, scope.index, scope.total) if focus else scope
    if boolean(arguments[0](focus, here)) is True:
        return arguments[1](focus, here)
    return arguments[2](focus, here) if len(arguments) > 2 else EMPTY


def aggregate(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    run = scope.run
    total = arguments[1](scope.this, scope) if len(arguments) > 1 else EMPTY
    for index, node in enumerate(focus):
        here = [node]
        total = arguments[0](here, Scope(here, run, index, total))
        run.spend(1 + len(total))
    return total


def trace(focus: Nodes, arguments: list[Closure], scope: Scope) -> Nodes:
    """The focus, unchanged: what a patient's record holds is not written to a log."""
    arguments[0](scope.this, scope)
    return focus


def descendants(focus: Nodes, scope: Scope) -> Nodes:
    found: Nodes = []
    pending = focus
    while pending:
        pending = [below for node in pending for below in all_children(node)]
        scope.run.spend(len(pending))
        found.extend(pending)
    return found


def below(focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    found = [child for node in focus for child in all_children(node)]
    scope.run.spend(len(found))
    return found


def everything_below(focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    return descendants(focus, scope)


def extension(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    url = single(arguments[0])
    if url is None:
        return EMPTY
    return [
        found
        for node in focus
        for found in children(node, "extension")
        if type(found.value) is dict and found.value.get("url") == url.value
    ]


def of_type(focus: Nodes, wanted: str) -> Nodes:
    """The items of a type."""
    return [node for node in focus if is_kind_of(node.type, wanted)]


def is_type(focus: Nodes, wanted: str) -> Nodes:
    """Is the only item of a type?"""
    node = single(focus)
    return EMPTY if node is None else truth(is_kind_of(node.type, wanted))


def empty(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(not focus)


def negate(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    answer = boolean(focus)
    return EMPTY if answer is None else truth(not answer)


def has_value(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(len(focus) == 1 and focus[0].value is not None and type(focus[0].value) is not dict)


def get_value(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return focus if len(focus) == 1 and type(focus[0].value) is not dict and focus[0].value is not None else EMPTY


def count(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return integer(len(focus))


def unique(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return distinct(focus)


def is_distinct(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(len(distinct(focus)) == len(focus))


def _answers(focus: Nodes) -> list[bool]:
    answers = [node.value for node in focus]
    if not all(type(answer) is bool for answer in answers):
        raise PathFailed("allTrue(), anyTrue(), allFalse() and anyFalse() need booleans.")
    return answers


def all_true(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(all(_answers(focus)))


def any_true(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(any(_answers(focus)))


def all_false(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(not any(_answers(focus)))


def any_false(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return truth(not all(_answers(focus)))
