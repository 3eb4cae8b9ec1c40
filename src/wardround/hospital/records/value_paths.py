"""Putting a quantity or a date where it belongs in a resource."""

import copy
import re
from typing import Any

from wardround.hospital.records.errors import RecordError

_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")


# Where each type says when, the first that is there.
_DATES = {
    "Observation": ("effectiveDateTime", "effectiveInstant"),
    "Condition": ("onsetDateTime", "recordedDate"),
    "Procedure": ("performedDateTime",),
    "Patient": ("birthDate",),
}


class NoSuchPlace(RecordError):
    """The path does not point at a value of this resource."""


def with_quantity(resource: dict[str, Any], *, path: str, quantity: dict[str, Any]) -> dict[str, Any]:
    """A copy in which the value at "Observation.component[1].valueQuantity" is this quantity, in the same place."""
    resource = copy.deepcopy(resource)
    holder: Any = resource
    *steps, last = path.split(".")[1:]
    for step in steps:
        try:
            name, number = _STEP.fullmatch(step).groups()  # type: ignore[union-attr]
            holder = holder[name] if number is None else holder[name][int(number)]
        except (AttributeError, TypeError, KeyError, IndexError):
            raise NoSuchPlace(f"{path} is not there.") from None
    if not last.startswith("value") or last not in holder:
        raise NoSuchPlace(f"{path} is not a value that can be replaced.")
    present = list(holder.items())
    holder.clear()
    holder.update(
        {("valueQuantity" if name == last else name): (quantity if name == last else v) for name, v in present}
    )
    return resource


def with_date(resource: dict[str, Any], *, date: str) -> dict[str, Any]:
    """A copy that is dated so; a period is not changed here."""
    type_name = str(resource["resourceType"])
    element = next((name for name in _DATES.get(type_name, ()) if name in resource), None)
    if element is None:
        raise NoSuchPlace(f"This {type_name} has no single date. Send the whole record again with its right dates.")
    return {**resource, element: date}
