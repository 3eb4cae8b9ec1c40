"""What a FHIRPath text says, as a tree."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: its value and its System type; "" as type is the empty collection {}."""

    value: bool | int | Decimal | str | None
    type: str


@dataclass(frozen=True, slots=True)
class QuantityLiteral:
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Name:
    """An element of what the expression stands on, or (first and with a capital) the type it must have."""

    text: str


@dataclass(frozen=True, slots=True)
class External:
    """%name."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """$this, $index or $total."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Tree", ...]
    position: int


@dataclass(frozen=True, slots=True)
class Member:
    """on.what"""

    on: "Tree"
    what: "Name | Call | Variable"


@dataclass(frozen=True, slots=True)
class Index:
    on: "Tree"
    at: "Tree"


@dataclass(frozen=True, slots=True)
class Sign:
    """+operand or -operand."""

    operator: str
    operand: "Tree"


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class TypeTest:
    """operand is type, operand as type."""

    operator: str
    operand: "Tree"
    type: str


Tree = Literal | QuantityLiteral | Name | External | Variable | Call | Member | Index | Sign | Binary | TypeTest
