"""Literal references inside a resource, wherever they stand: also where no search parameter looks."""

import re
from collections.abc import Iterator
from typing import Any

_LITERAL = re.compile(r"([A-Z][A-Za-z]{1,39})/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?", re.ASCII)


def literal_references(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(type, id) of each relative reference, of contained resources too. What another resource inside a Bundle or
    Parameters refers to is its own affair."""
    pending: list[Any] = [value for name, value in resource.items() if name != "contained"]
    contained = resource.get("contained")
    for inner in contained if isinstance(contained, list) else ():
        if isinstance(inner, dict):
            pending.extend(inner.values())
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict) and "resourceType" not in item:
            reference = item.get("reference")
            if isinstance(reference, str) and (found := _LITERAL.fullmatch(reference)):
                yield found[1], found[2]
            pending.extend(item.values())
