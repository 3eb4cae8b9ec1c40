"""Literal references inside a resource, wherever they stand: also where no search parameter looks, and in attachments."""

import re
from collections.abc import Iterator
from typing import Any

# An attachment names a Binary by its address, which often has the server's own in front of it.
_FILE = re.compile(r"(?:https?://[^?#]+/)?(Binary)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?", re.ASCII)
_LITERAL = re.compile(r"([A-Z][A-Za-z]{1,39})/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?", re.ASCII)


def literal_references(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(type, id) of each relative reference and of each Binary at the address of an attachment, of contained resources too.

    What another resource inside a Bundle or Parameters refers to is its own affair.
    """
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
            if literal := literal_reference(item.get("reference")):
                yield literal
            address = item.get("url")
            if isinstance(address, str) and (found := _FILE.fullmatch(address)):
                yield found[1], found[2]
            pending.extend(item.values())


def literal_reference(reference: Any) -> tuple[str, str] | None:
    """(type, id) of a relative reference; None for any other."""
    found = _LITERAL.fullmatch(reference) if isinstance(reference, str) else None
    return (found[1], found[2]) if found else None
