"""FHIRPath's functions by name, with how many arguments each takes."""

from collections.abc import Callable

from wardround.interchange.fhir.path import (
    boundaries,
    clock,
    conversions,
    filtering,
    mathematics,
    references,
    subsetting,
    texts,
)
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
    "indexOf": (1, 1, texts.index_of),
    "lastIndexOf": (1, 1, texts.last_index_of),
    "substring": (1, 2, texts.substring),
    "startsWith": (1, 1, texts.starts_with),
    "endsWith": (1, 1, texts.ends_with),
    "contains": (1, 1, texts.contains),
    "upper": (0, 0, texts.upper),
    "lower": (0, 0, texts.lower),
    "trim": (0, 0, texts.trim),
    "replace": (2, 2, texts.replace),
    "matches": (1, 1, texts.matches),
    "matchesFull": (1, 1, texts.matches_full),
    "replaceMatches": (2, 2, texts.replace_matches),
    "length": (0, 0, texts.length),
    "toChars": (0, 0, texts.characters),
    "split": (1, 1, texts.split),
    "join": (0, 1, texts.join),
    "escape": (1, 1, texts.escape),
    "unescape": (1, 1, texts.unescape),
    "encode": (1, 1, texts.encode),
    "decode": (1, 1, texts.decode),
    "htmlChecks": (0, 0, texts.html_checks),
    "abs": (0, 0, mathematics.absolute),
    "ceiling": (0, 0, mathematics.ceiling),
    "exp": (0, 0, mathematics.exponential),
    "floor": (0, 0, mathematics.floor),
    "ln": (0, 0, mathematics.natural_logarithm),
    "log": (1, 1, mathematics.logarithm),
    "power": (1, 1, mathematics.power),
    "round": (0, 1, mathematics.rounded),
    "sqrt": (0, 0, mathematics.square_root),
    "truncate": (0, 0, mathematics.truncate),
    "lowBoundary": (0, 1, boundaries.low),
    "highBoundary": (0, 1, boundaries.high),
    "now": (0, 0, clock.now),
    "today": (0, 0, clock.today),
    "timeOfDay": (0, 0, clock.time_of_day),
}

# Functions whose work grows with the length of a text.
OF_TEXTS = frozenset(name for name, (_, _, apply) in PLAIN.items() if apply.__module__ == texts.__name__)

_CONVERSIONS: dict[str, tuple[int, Plain]] = {
    "Boolean": (0, conversions.to_boolean),
    "Integer": (0, conversions.to_integer),
    "Decimal": (0, conversions.to_decimal),
    "String": (0, conversions.to_string),
    "Date": (0, conversions.to_date),
    "DateTime": (0, conversions.to_date_time),
    "Time": (0, conversions.to_time),
    "Quantity": (1, conversions.to_quantity),
}
for _name, (_most, _convert) in _CONVERSIONS.items():
    PLAIN[f"to{_name}"] = (0, _most, _convert)
    PLAIN[f"convertsTo{_name}"] = (0, _most, conversions.converts(_convert))
