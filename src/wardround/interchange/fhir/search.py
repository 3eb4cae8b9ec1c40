"""The search entries of a resource, by extractors made of the published search parameters once per type."""

from functools import cache
from typing import Any

from wardround.interchange.fhir.search_composites import composite_extractors
from wardround.interchange.fhir.search_entries import SearchEntry, TokenEntry
from wardround.interchange.fhir.search_parameters import parameters_of
from wardround.interchange.fhir.search_paths import leaves
from wardround.interchange.fhir.search_tree import Find, extractors
from wardround.interchange.fhir.search_values import Entries, Extractor

__all__ = ["SearchEntry", "index_entries"]


def index_entries(resource: dict[str, Any]) -> Entries:
    """Every entry of a resource that passed structure.check; raises NotADate for a date that did not."""
    entries: Entries = []
    by_name, of_whole = _compiled(resource["resourceType"])
    for name, value in resource.items():
        extract = by_name.get(name)
        if extract is not None:
            extract(value, entries)
    for extract in of_whole:
        extract(resource, entries)
    return entries


@cache
def _compiled(type_name: str) -> tuple[dict[str, Extractor], tuple[Extractor, ...]]:
    """What to do with the value of each element, and what to do with the resource as a whole."""
    finds: list[Find] = []
    of_whole: list[Extractor] = []
    for parameter in parameters_of(type_name).values():
        if parameter.type == "composite":
            continue
        found = [leaf for path in parameter.paths for leaf in leaves(type_name, path)]
        if any(leaf.is_true for leaf in found):
            of_whole.append(_is_true(parameter.code, frozenset(leaf.steps[0].name for leaf in found)))
        else:
            finds.extend(Find(parameter.code, parameter.type, leaf) for leaf in found)
    return extractors(finds), (*of_whole, *composite_extractors(type_name))


def _is_true(code: str, names: frozenset[str]) -> Extractor:
    """Of "deceased.exists() and deceased != false", which is true or false for every resource."""

    def extract(resource: Any, entries: Entries) -> None:
        held = any(resource.get(name) not in {None, False} for name in names)
        entries.append(TokenEntry(code, "", "true" if held else "false"))

    return extract
