"""Entries of composite parameters: values that stand together in a resource or in one of its elements."""

from collections.abc import Mapping, Sequence
from itertools import islice, product
from typing import Any

from wardround.interchange.fhir.search_entries import CompositeEntry
from wardround.interchange.fhir.search_parameters import Part, SearchParameter, parameters_of
from wardround.interchange.fhir.search_paths import Step, leaves
from wardround.interchange.fhir.search_tree import Find, object_extractor
from wardround.interchange.fhir.search_values import Entries, Extractor

_FROM_RESOURCE = "%"
# Two concepts of many codings have a pair for each two of them: beyond these numbers pairs are not indexed.
MOST_PAIRS_OF_AN_ELEMENT, MOST_PAIRS = 500, 10_000
_Reader = tuple[
    Extractor, bool
]  # the values of one part; are they read in the resource, wherever the composite stands?
_Group = tuple[tuple[str, ...], tuple[_Reader, ...]]  # codes of composites that read the same, and how


def composite_extractors(type_name: str) -> tuple[Extractor, ...]:
    """One extractor over the whole resource for each place where composites of this type stand."""
    parameters = parameters_of(type_name)
    places: dict[str, list[SearchParameter]] = {}
    for parameter in parameters.values():
        for path in parameter.paths if parameter.type == "composite" else ():
            places.setdefault(path, []).append(parameter)
    return tuple(_at(type_name, path, composites, parameters) for path, composites in places.items())


def _at(
    type_name: str, path: str, composites: list[SearchParameter], parameters: Mapping[str, SearchParameter]
) -> Extractor:
    place = leaves(type_name, path)[0] if path else None
    context_type = place.type if place else type_name
    # code-value-quantity and combo-code-value-quantity read the same, so it is read once, under the first one's codes.
    alike: dict[tuple[tuple[str, ...], ...], list[SearchParameter]] = {}
    for composite in composites:
        texts = tuple(part.code for part in composite.parts if parameters[part.code].type == "string")
        alike.setdefault((*(part.paths for part in composite.parts), texts), []).append(composite)
    # By the JSON name of the last part: most places have no value of a composite's type, and that is seen at once.
    groups: list[tuple[str, _Group]] = []
    for same in alike.values():
        parts = same[0].parts
        readers = tuple(_reader(type_name, context_type, part, parameters) for part in parts)
        group = (tuple(composite.code for composite in same), tuple(reader[1:] for reader in readers))
        groups.extend((name, group) for name in sorted(readers[-1][0]))

    def extract(resource: Any, entries: Entries) -> None:
        left = MOST_PAIRS
        for element in _elements(resource, place.steps[0]) if place else (resource,):
            for needed, (codes, parts) in groups:
                if needed in element:
                    pairs = product(*(_read(reader, element, resource) for reader in parts))
                    rows = list(islice(pairs, min(left, MOST_PAIRS_OF_AN_ELEMENT)))
                    left -= len(rows)
                    for code in codes:
                        entries.extend([CompositeEntry(code, row) for row in rows])

    return extract


def _elements(resource: Any, step: Step) -> Sequence[Any]:
    found = resource.get(step.name)
    if found is None:
        return ()
    return found if step.many else (found,)


def _reader(
    type_name: str, context_type: str, part: Part, parameters: Mapping[str, SearchParameter]
) -> tuple[frozenset[str], Extractor, bool]:
    """The JSON names of which one must be there, the part's values, and whether they are read in the resource."""
    of_resource = part.paths[0].startswith(_FROM_RESOURCE)
    start = type_name if of_resource else context_type
    kind = parameters[part.code].type
    paths = [path.removeprefix(_FROM_RESOURCE) for path in part.paths]
    names, extract = object_extractor(Find(part.code, kind, leaf) for path in paths for leaf in leaves(start, path))
    return names, extract, of_resource


def _read(reader: _Reader, element: Any, resource: Any) -> Any:
    extract, of_resource = reader
    found: Entries = []
    extract(resource if of_resource else element, found)
    return found
