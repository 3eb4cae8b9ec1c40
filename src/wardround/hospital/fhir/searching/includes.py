"""_include and _revinclude: which references are followed, as far as the caller's scopes reach."""

from collections.abc import Sequence

from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.searching.asked import Asked
from wardround.hospital.fhir.searching.conditions import ConditionReader, parameter_of
from wardround.hospital.fhir.searching.limits import MOST_INCLUDES
from wardround.hospital.records.search.query import Include
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import SearchParameter, parameters_of

_ALL = "*"


def includes_of(asked: Asked, *, types: Sequence[str], reader: ConditionReader) -> tuple[Include, ...]:
    """Raises `FhirError`, and `Forbidden` for a type that the token's scopes do not open to a search."""
    found: list[Include] = []
    given = 0
    for name, value in asked.pairs:
        plain, _colon, modifier = name.partition(":")
        if plain not in {"_include", "_revinclude"} or modifier not in {"", "iterate"}:
            continue
        given += 1
        if given > MOST_INCLUDES:
            raise FhirError(f"A search has at most {MOST_INCLUDES} includes.", path=plain)
        is_reverse = plain == "_revinclude"
        for source, parameter, target in _references(plain, value, types=types, is_reverse=is_reverse):
            targets = _targets(
                parameter,
                target,
                reader=reader,
                source=source,
                is_reverse=is_reverse,
                is_one_of_all=value.endswith(_ALL),
            )
            if targets:
                found.append(Include(source, parameter, targets, is_reverse=is_reverse, iterates=modifier == "iterate"))
    return tuple(found)


def _references(
    name: str, value: str, *, types: Sequence[str], is_reverse: bool
) -> list[tuple[str, SearchParameter, str]]:
    """(source, parameter, target type or "") of one value; `*` stands for every reference of the searched types."""
    if value == _ALL and not is_reverse:
        return [(own, parameter, "") for own in types for parameter in _all_references(own)]
    source, *rest = value.split(":")
    if source not in resource_types() or len(rest) not in (1, 2):
        raise FhirError(
            f"{name} is Type:reference or Type:reference:Target, for example Observation:subject.", path=name
        )
    target = rest[1] if len(rest) == 2 else ""
    if rest[0] == _ALL:
        return [(source, parameter, target) for parameter in _all_references(source)]
    parameter = parameter_of((source,), rest[0])
    if parameter.type != "reference":
        raise FhirError(f"{name} follows references, and {rest[0]} is none.", path=name)
    if target and target not in parameter.targets:
        raise FhirError(f"{source}.{rest[0]} does not refer to the type after it.", path=name)
    return [(source, parameter, target)]


def _targets(
    parameter: SearchParameter,
    target: str,
    *,
    reader: ConditionReader,
    source: str,
    is_reverse: bool,
    is_one_of_all: bool,
) -> frozenset[str]:
    """The types that are followed to; of a reverse include those that are referred to."""
    wanted = frozenset({target}) & parameter.targets if target else parameter.targets
    if is_reverse:
        reader.require_search(source)
        return wanted
    if target:
        reader.require_search(target)
        return wanted
    readable = frozenset(t for t in wanted if reader.may_search(t))
    if not readable and not is_one_of_all:
        reader.require_search(min(wanted))
    return readable


def _all_references(type_name: str) -> list[SearchParameter]:
    return [parameter for parameter in parameters_of(type_name).values() if parameter.type == "reference"]
