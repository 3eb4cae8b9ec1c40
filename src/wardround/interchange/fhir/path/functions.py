"""FHIRPath's functions by name, with how many arguments each takes."""

from collections.abc import Callable

from wardround.interchange.fhir.path import filtering, references, subsetting
from wardround.interchange.fhir.path.nodes import Nodes
from wardround.interchange.fhir.path.scope import Closure, Scope

Plain = Callable[[Nodes, list[Nodes], Scope], Nodes]
Looking = Callable[[Nodes, list[Closure], Scope], Nodes]

# Functions that evaluate their arguments themselves, once for each item or not at all: (fewest, most arguments, it).
LOOKING: dict[str, tuple[int, int, Looking]] = {
    "where": (1, 1, filtering.where),
    "select": (1, 1, filtering.select),
    "exists": (0, 1, filtering.exists),
    "all": (1, 1, filtering.every),
    "repeat": (1, 1, filtering.repeat),
    "iif": (2, 3, filtering.iif),
    "aggregate": (1, 2, filtering.aggregate),
    "trace": (1, 2, filtering.trace),
}

# Functions of the values of their arguments.
PLAIN: dict[str, tuple[int, int, Plain]] = {
    "empty": (0, 0, filtering.empty),
    "not": (0, 0, filtering.negate),
    "hasValue": (0, 0, filtering.has_value),
    "getValue": (0, 0, filtering.get_value),
    "count": (0, 0, filtering.count),
    "distinct": (0, 0, filtering.unique),
    "isDistinct": (0, 0, filtering.is_distinct),
    "allTrue": (0, 0, filtering.all_true),
    "anyTrue": (0, 0, filtering.any_true),
    "allFalse": (0, 0, filtering.all_false),
    "anyFalse": (0, 0, filtering.any_false),
    "children": (0, 0, filtering.below),
    "descendants": (0, 0, filtering.everything_below),
    "extension": (1, 1, filtering.extension),
    "first": (0, 0, subsetting.first),
    "last": (0, 0, subsetting.last),
    "tail": (0, 0, subsetting.tail),
    "single": (0, 0, subsetting.only),
    "skip": (1, 1, subsetting.skip),
    "take": (1, 1, subsetting.take),
    "union": (1, 1, subsetting.united),
    "combine": (1, 1, subsetting.combine),
    "intersect": (1, 1, subsetting.intersect),
    "exclude": (1, 1, subsetting.exclude),
    "subsetOf": (1, 1, subsetting.subset_of),
    "supersetOf": (1, 1, subsetting.superset_of),
    "resolve": (0, 0, references.resolve),
    "getResourceKey": (0, 0, references.resource_key),
}
