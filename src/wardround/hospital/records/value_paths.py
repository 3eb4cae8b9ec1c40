"""Putting a quantity, a date or a code where it belongs in a resource."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from wardround.hospital.records.errors import RecordError

_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")
_YEAR = 4  # digits


class NoSuchPlace(RecordError):
    """The path does not point at a value of this resource."""


def with_quantity(resource: dict[str, Any], *, path: str, quantity: dict[str, Any]) -> dict[str, Any]:
    """A copy in which the value at "Observation.component[1].valueQuantity" is this quantity, in the same place."""
    resource = copy.deepcopy(resource)
    holder: Any = resource
    *steps, last = path.split(".")[1:]
    for step in steps:
        holder = _within(holder, step, path=path)
    if not last.startswith("value") or last not in holder:
        raise NoSuchPlace(f"{path} is not a value that can be replaced.")
    present = list(holder.items())
    holder.clear()
    holder.update(
        {("valueQuantity" if name == last else name): (quantity if name == last else v) for name, v in present}
    )
    return resource


def with_texts(resource: dict[str, Any], *, texts: Mapping[str, str]) -> dict[str, Any]:
    """A copy in which each of these elements ("Condition.abatementDateTime") is this date or code; one may be new.

    A year alone replaces the year of a birth date and leaves its day.
    """
    resource = copy.deepcopy(resource)
    for path, text in texts.items():
        present = text_at(resource, path=path)
        holder: Any = resource
        *steps, last = path.split(".")[1:]
        for step in steps:
            holder = _within(holder, step, path=path)
        keeps_day = path == "Patient.birthDate" and len(text) == _YEAR
        holder[last] = text + present[_YEAR:] if keeps_day else text
    return resource


def text_at(resource: Mapping[str, Any], *, path: str) -> str:
    """The date or code at "Condition.abatementDateTime"; "" for one that is not there. Raises `NoSuchPlace`."""
    holder: Any = resource
    *steps, last = path.split(".")[1:] or [""]
    for step in steps:
        holder = _within(holder, step, path=path)
    present = holder.get(last, "") if isinstance(holder, Mapping) else None
    if not last or not isinstance(present, str):
        raise NoSuchPlace(f"{path} is no date or code. Send the whole record again as it should be.")
    return present


def _within(holder: Any, step: str, *, path: str) -> Any:
    try:
        name, number = _STEP.fullmatch(step).groups()  # type: ignore[union-attr]
        return holder[name] if number is None else holder[name][int(number)]
    except (AttributeError, TypeError, KeyError, IndexError):
        raise NoSuchPlace(f"{path} is not there.") from None
