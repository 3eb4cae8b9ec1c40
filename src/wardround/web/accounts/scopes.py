"""SMART v2 system scopes: which resources a backend client may create, read, update, delete and search."""

import re
from dataclasses import dataclass

_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)$")


class ScopeError(Exception):
    """The scope cannot be read; the message shows one that can."""


@dataclass(frozen=True)
class Scope:
    resource_type: str  # "*" for every type
    letters: str  # of "cruds"


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Read "system/Patient.rs system/Observation.cruds"."""
    scopes = []
    for part in text.split():
        match = _SCOPE.match(part)
        if not match or not match.group(2):
            raise ScopeError(
                f"{part!r} is not a scope. Write system/TYPE.LETTERS, letters from cruds in this order, "
                'for example "system/*.cruds" or "system/Observation.rs".'
            )
        scopes.append(Scope(resource_type=match.group(1), letters=match.group(2)))
    if not scopes:
        raise ScopeError('At least one scope is needed, for example "system/*.rs".')
    return tuple(scopes)


def allows(scopes: tuple[str, ...], *, resource_type: str, letter: str) -> bool:
    """May a client with these scopes do this (one letter of "cruds") with this type of resource?"""
    return any(
        scope.resource_type in {"*", resource_type} and letter in scope.letters
        for scope in parse_scopes(" ".join(scopes))
    )
