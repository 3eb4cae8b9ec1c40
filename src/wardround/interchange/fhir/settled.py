"""What a FHIRPath condition is worth when an element is absent, or there, without running it: most rules are settled so."""

from dataclasses import dataclass
from enum import Enum

from wardround.interchange.fhir.path.syntax import Binary, Call, Literal, Member, Name, Tree, TypeTest


class Worth(Enum):
    """True, false, the empty collection, or not to be said without looking."""

    TRUE = 1
    FALSE = 2
    EMPTY = 3
    OPEN = 4


_T, _F, _E, _OPEN = Worth.TRUE, Worth.FALSE, Worth.EMPTY, Worth.OPEN
_OF_NOTHING = {  # what these functions make of an empty collection
    "empty": _T,
    "exists": _F,
    "hasValue": _F,
    "all": _T,
    "isDistinct": _T,
    "allTrue": _T,
    "allFalse": _T,
    "anyTrue": _F,
    "anyFalse": _F,
    "count": _OPEN,
    "combine": _OPEN,
    "union": _OPEN,
    "iif": _OPEN,
    "aggregate": _OPEN,
    "subsetOf": _OPEN,
    "supersetOf": _OPEN,
}
_NOT = {_T: _F, _F: _T, _E: _E, _OPEN: _OPEN}


def sufficient_absences(tree: Tree) -> tuple[str, ...]:
    """The elements (by FHIRPath's names) of which each one's absence alone makes the condition true."""
    return tuple(name for name in sorted(_names(tree)) if _worth(tree, _Known(name, is_there=False)) is _T)


def sufficient_presences(tree: Tree) -> tuple[str, ...]:
    """The elements of which each one's being there, whatever it holds, makes the condition true."""
    return tuple(name for name in sorted(_names(tree)) if _worth(tree, _Known(name, is_there=True)) is _T)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one element, and of nothing else."""

    name: str
    is_there: bool


def _names(tree: Tree) -> set[str]:
    """The names that stand first in a path, so are looked up on the item itself."""
    match tree:
        case Name(text):
            return {text} if text[:1].islower() else set()
        case Member(on, _):
            return _names(on)
        case Binary(_, left, right):
            return _names(left) | _names(right)
        case _:
            return set()


def _worth(tree: Tree, known: _Known) -> Worth:
    match tree:
        case Name(text):
            return _E if text == known.name and not known.is_there else _OPEN
        case Literal(value, _) if isinstance(value, bool):
            return _T if value else _F
        case Member(Name(text), Call("exists" | "empty" as asked, (), _)) if text == known.name and known.is_there:
            return _T if asked == "exists" else _F
        case Member(on, Name() as _below):
            return _E if _worth(on, known) is _E else _OPEN
        case Member(on, Call(name, _, _)):
            before = _worth(on, known)
            if name == "not":
                return _NOT[before]
            return _OF_NOTHING.get(name, _E) if before is _E else _OPEN
        case TypeTest(_, operand, _):
            return _E if _worth(operand, known) is _E else _OPEN
        case Binary(operator, left, right):
            return _joined(operator, _worth(left, known), _worth(right, known))
        case _:
            return _OPEN


def _joined(operator: str, left: Worth, right: Worth) -> Worth:  # noqa: C901  one case for each operator
    match operator:
        case "implies":
            return _joined("or", _NOT[left], right)
        case "or":
            if _T in (left, right):
                return _T
            if left is right is _F:
                return _F
            return _OPEN if _OPEN in (left, right) else _E
        case "and":
            return _NOT[_joined("or", _NOT[left], _NOT[right])]
        case "xor":
            if _OPEN in (left, right):
                return _OPEN
            return _E if _E in (left, right) else (_T if left is not right else _F)
        case "=" | "!=":
            if _E in (left, right):
                return _E
            if _OPEN in (left, right):
                return _OPEN
            return _T if (left is right) == (operator == "=") else _F
        case "|":
            return _E if left is right is _E else _OPEN
        case "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "in":
            return _E if left is _E else _OPEN
        case _:
            return _OPEN
