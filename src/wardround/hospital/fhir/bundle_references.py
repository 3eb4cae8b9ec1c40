"""References between the entries of a transaction, and conditional ones, made literal."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wardround.hospital.fhir.bundle_entries import BundleEntry
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.records.errors import ManyMatches
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.links import Kind, with_links

_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_OF_THE_BUNDLE = ("urn:uuid:", "urn:oid:")
_RESTFUL = re.compile(r"(https?://.+/)[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")


class NoMatch(FhirError):
    status = 412
    code = "not-found"


class References:
    """Knows the entries by their fullUrl: what each of them is called here."""

    def __init__(self, literal: Mapping[str, str], *, search: Callable[[str, str], Sequence[str]]) -> None:
        self._literal = literal
        self._search = search
        self._found: dict[str, str] = {}

    def resolved(self, resource: dict[str, Any], *, entry: BundleEntry) -> dict[str, Any]:
        """The resource with literal references. Raises `FhirError` where one leads nowhere, `ManyMatches`."""
        own = _RESTFUL.fullmatch(entry.full_url)
        root = own[1] if own else ""

        def replacing(link: str, kind: Kind) -> str:
            if link in self._literal:
                return self._literal[link]
            if kind == "address":
                return link
            if link.startswith(_OF_THE_BUNDLE):
                raise entry.refused("A reference names an entry that is not in this Bundle.", at="resource")
            if conditional := _CONDITIONAL.fullmatch(link):
                return self._conditional(link, conditional[1], conditional[2], entry=entry)
            # A relative reference is read beside the entry's own fullUrl (R4, "Resolving references in Bundles").
            return self._literal.get(root + link, link) if root else link

        return with_links(resource, replacing=replacing)

    def _conditional(self, link: str, type_name: str, query: str, *, entry: BundleEntry) -> str:
        if link not in self._found:
            if type_name not in resource_types():
                raise entry.refused("A conditional reference names a type of R4.", at="resource")
            ids = self._search(type_name, query)
            if len(ids) > 1:
                raise ManyMatches(f"{entry.place}: more than one {type_name} matches a conditional reference.")
            if not ids:
                raise NoMatch(f"No {type_name} matches a conditional reference.", path=f"{entry.place}.resource")
            self._found[link] = f"{type_name}/{ids[0]}"
        return self._found[link]
