"""What an expression can see while it runs: its $this, %variables, the clock, and how much work is left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path.nodes import EMPTY, Node, Nodes

MAX_WORK = 500_000  # items looked at: some seconds at most
MAX_TEXT = 1_000_000
_CHARACTERS_AN_ITEM = 64
LARGEST = 2**63  # whole numbers have 64 bits

Resolver = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression is told beside the item it is evaluated on.

    `resource` is %resource (the item itself where not given) and `root_resource` %rootResource (a contained resource's
    container); `variables` are the other %names: JSON values, lists of them, or Nodes. `resolver` gives the resource
    that a reference's text names, or None. `now` (with its zone) is what now(), today() and timeOfDay() say; they fail
    without it.
    """

    resource: Any = None
    root_resource: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    resolver: Resolver | None = None
    now: datetime | None = None


class Run:
    """One evaluation."""

    __slots__ = ("context", "item", "left", "resource")

    def __init__(self, item: Node, context: Context) -> None:
        self.context = context
        self.item = item
        self.resource = item.value if context.resource is None else context.resource
        self.left = MAX_WORK

    @property
    def root_resource(self) -> Any:
        root = self.context.root_resource
        return self.resource if root is None else root

    def spend(self, work: int) -> None:
        """Count what is being looked at; raises PathFailed when it is too much."""
        self.left -= work
        if self.left < 0:
            raise PathFailed(f"The expression looks at more than {MAX_WORK} items; narrow it.")

    def spend_text(self, nodes: Nodes) -> None:
        """Count a text that is read through or made: a long one is as much work as many items."""
        if len(nodes) == 1 and type(nodes[0].value) is str:
            self.spend(len(nodes[0].value) // _CHARACTERS_AN_ITEM)


class Scope:
    """Where a part of an expression stands: $this, $index, $total."""

    __slots__ = ("index", "run", "this", "total")

    def __init__(self, this: Nodes, run: Run, index: int | None = None, total: Nodes = EMPTY) -> None:
        self.this = this
        self.run = run
        self.index = index
        self.total = total


Closure = Callable[[Nodes, Scope], Nodes]


def single(nodes: Nodes) -> Node | None:
    """The only item, None of an empty collection; raises PathFailed for several."""
    if len(nodes) > 1:
        raise PathFailed(f"One value is needed here and {len(nodes)} came; say which with first() or where().")
    return nodes[0] if nodes else None


def boolean(nodes: Nodes) -> bool | None:
    """True, False, or None for empty; a single item that is no boolean counts as true (N1 section 4.5)."""
    node = single(nodes)
    if node is None:
        return None
    return node.value if type(node.value) is bool else True


def text(nodes: Nodes) -> str | None:
    """The only string, None of an empty collection; raises PathFailed for anything else."""
    node = single(nodes)
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, str):
        raise PathFailed("A string is needed here; convert with toString().")
    return node.value


def whole(nodes: Nodes) -> int | None:
    """The only whole number, None of an empty collection; raises PathFailed for anything else."""
    node = single(nodes)
    if node is None or node.value is None:
        return None
    value = node.value
    # int() of 1e999999999 would write out every digit.
    if isinstance(value, bool | str | dict) or not -LARGEST <= value < LARGEST or value != int(value):
        raise PathFailed("A whole number is needed here.")
    return int(value)


def short(value: str) -> str:
    """A computed string; raises PathFailed for one that is too long."""
    if len(value) > MAX_TEXT:
        raise PathFailed(f"A computed string is longer than {MAX_TEXT} characters.")
    return value
