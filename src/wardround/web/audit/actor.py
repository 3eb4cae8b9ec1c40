"""Who acts: a person, a backend client with a token, or a command."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """Whoever reads or writes. `name` is what the audit trail shows; `scopes` bind a service only."""

    kind: Literal["user", "service", "system"]
    name: str
    role: str
    scopes: tuple[str, ...] = ()


def system_actor(name: str) -> Actor:
    """A command or a script that acts with the rights of whoever owns the home folder, for example "import"."""
    return Actor(kind="system", name=name, role="system")
