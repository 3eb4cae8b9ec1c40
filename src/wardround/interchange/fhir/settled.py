"""What a FHIRPath condition is worth when some elements are absent, without running it: most rules are settled so."""

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
    return tuple(name for name in sorted(_names(tree)) if _worth(tree, name) is Worth.TRUE)


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


def _worth(tree: Tree, absent: str) -> Worth:
    match tree:
        case Name(text):
            return _E if text == absent else _OPEN
        case Literal(value, _) if isinstance(value, bool):
            return _T if value else _F
        case Member(on, Name() as _below):
            return _E if _worth(on, absent) is _E else _OPEN
        case Member(on, Call(name, _, _)):
            before = _worth(on, absent)
            if name == "not":
                return _NOT[before]
            return _OF_NOTHING.get(name, _E) if before is _E else _OPEN
        case TypeTest(_, operand, _):
            return _E if _worth(operand, absent) is _E else _OPEN
        case Binary(operator, left, right):
            return _joined(operator, _worth(left, absent), _worth(right, absent))
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
