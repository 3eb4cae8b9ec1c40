"""JSON Patch (RFC 6902) with JSON Pointer (RFC 6901) on parsed JSON: numbers keep their text, elements their order."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

MOST_OPERATIONS = 1_000
MOST_COPIED = 100_000  # values that "copy" may double, or a few steps would fill the memory
MOST_STEPS = 100  # deeper than any document that is read here
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_BAD_ESCAPE = re.compile(r"~(?![01])")
_NEEDS_VALUE = frozenset({"add", "replace", "test"})
_NEEDS_FROM = frozenset({"move", "copy"})

Steps = tuple[str, ...]


class PatchError(ValueError):
    """A patch that is refused; `operation` is its place in the patch, or None for the whole."""

    def __init__(self, sentence: str, *, operation: int | None = None) -> None:
        super().__init__(sentence)
        self.operation = operation


class NoPatch(PatchError):
    """What was sent is not a JSON Patch."""


class NotApplicable(PatchError):
    """A step that this document does not allow, or a test that fails."""


def apply_patch(document: Any, patch: Any) -> Any:
    """The document as the patch makes it; the one given stays as it is. All steps or none.

    Raises `NoPatch` and `NotApplicable`; their sentences hold nothing of the document.
    """
    if not isinstance(patch, list):
        raise NoPatch("A JSON Patch is a list of operations.")
    if len(patch) > MOST_OPERATIONS:
        raise NoPatch(f"A JSON Patch has at most {MOST_OPERATIONS} operations here.")
    copied = 0
    for number, operation in enumerate(patch):
        try:
            _check(operation)
            if operation["op"] == "copy":
                copied += _size(_get(document, _steps(operation["from"])))
                if copied > MOST_COPIED:
                    raise NotApplicable("The patch copies too much.")
            document = _APPLY[operation["op"]](document, operation)
        except PatchError as error:
            error.operation = number
            raise
    return document


def _check(operation: Any) -> None:
    if not isinstance(operation, Mapping) or not isinstance(operation.get("op"), str) or operation["op"] not in _APPLY:
        raise NoPatch("An operation is an object whose op is one of add, remove, replace, move, copy, test.")
    if not isinstance(operation.get("path"), str):
        raise NoPatch("An operation has a path, for example /name/0/family.")
    if operation["op"] in _NEEDS_VALUE and "value" not in operation:
        raise NoPatch(f"{operation['op']} needs a value.")
    if operation["op"] in _NEEDS_FROM and not isinstance(operation.get("from"), str):
        raise NoPatch(f"{operation['op']} needs a from, written as a path.")


def _steps(pointer: str) -> Steps:
    if not pointer:
        return ()
    if not pointer.startswith("/") or _BAD_ESCAPE.search(pointer):
        raise NoPatch("A path begins with / and writes ~ as ~0 and / as ~1.")
    steps = pointer[1:].split("/")
    if len(steps) > MOST_STEPS:
        raise NoPatch(f"A path has at most {MOST_STEPS} steps.")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def _add(document: Any, operation: Mapping[str, Any]) -> Any:
    return _inserted(document, _steps(operation["path"]), operation["value"])


def _remove(document: Any, operation: Mapping[str, Any]) -> Any:
    return _without(document, _steps(operation["path"]))


def _replace(document: Any, operation: Mapping[str, Any]) -> Any:
    steps = _steps(operation["path"])
    _get(document, steps)
    return _changed(document, steps, operation["value"])


def _move(document: Any, operation: Mapping[str, Any]) -> Any:
    source, target = _steps(operation["from"]), _steps(operation["path"])
    value = _get(document, source)
    if source == target:
        return document
    if target[: len(source)] == source:
        raise NotApplicable("A value cannot be moved into itself.")
    return _inserted(_without(document, source), target, value)


def _copy(document: Any, operation: Mapping[str, Any]) -> Any:
    return _inserted(document, _steps(operation["path"]), _get(document, _steps(operation["from"])))


def _test(document: Any, operation: Mapping[str, Any]) -> Any:
    if not is_equal(_get(document, _steps(operation["path"])), operation["value"]):
        raise NotApplicable("The test fails: the value there is another one.")
    return document


_APPLY: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def is_equal(one: Any, other: Any) -> bool:
    """RFC 6902, 4.6: numbers by value, texts by characters, lists in order, objects in any; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return isinstance(one, str) and isinstance(other, str) and one == other


def _get(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = _child(value, step)
    return value


def _child(value: Any, step: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list):
        return value[_index(step, most=len(value) - 1)]
    raise NotApplicable("There is nothing at this path.")


def _index(step: str, *, most: int) -> int:
    if not _INDEX.fullmatch(step) or int(step) > most:
        raise NotApplicable("There is nothing at this path; a list is counted from 0, without leading zeros.")
    return int(step)


def _changed(value: Any, steps: Steps, new: Any) -> Any:
    """The same value with another one at an existing path. What is not on the way is shared, never altered."""
    if not steps:
        return new
    child = _changed(_child(value, steps[0]), steps[1:], new)
    if isinstance(value, dict):
        return {**value, steps[0]: child}
    at = int(steps[0])
    return [*value[:at], child, *value[at + 1 :]]


def _inserted(document: Any, steps: Steps, new: Any) -> Any:
    if not steps:
        return new
    parent = _get(document, steps[:-1])
    last = steps[-1]
    if isinstance(parent, dict):
        return _changed(document, steps[:-1], {**parent, last: new})
    if isinstance(parent, list):
        at = len(parent) if last == "-" else _index(last, most=len(parent))
        return _changed(document, steps[:-1], [*parent[:at], new, *parent[at:]])
    raise NotApplicable("There is nothing at this path.")


def _without(document: Any, steps: Steps) -> Any:
    if not steps:
        raise NotApplicable("The whole document cannot be removed.")
    parent = _get(document, steps[:-1])
    _child(parent, steps[-1])
    if isinstance(parent, dict):
        return _changed(document, steps[:-1], {name: item for name, item in parent.items() if name != steps[-1]})
    at = int(steps[-1])
    return _changed(document, steps[:-1], [*parent[:at], *parent[at + 1 :]])


def _size(value: Any) -> int:
    pending, count = [value], 0
    while pending and count <= MOST_COPIED:
        item = pending.pop()
        count += 1
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return count
