"""Putting a quantity where a path of an observation points."""

import copy
import re
from typing import Any

from wardround.hospital.records.errors import RecordError

_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?$")


class NoSuchPlace(RecordError):  # noqa: N818 - an error is named by what is wrong
    """The path does not point at a value of this resource."""


def with_quantity(resource: dict[str, Any], *, path: str, quantity: dict[str, Any]) -> dict[str, Any]:
    """A copy in which the value at "Observation.component[1].valueQuantity" is this quantity, in the same place."""
    resource = copy.deepcopy(resource)
    holder: Any = resource
    *steps, last = path.split(".")[1:]
    for step in steps:
        match = _STEP.match(step)
        try:
            holder = holder[match[1]] if match[2] is None else holder[match[1]][int(match[2])]
        except (TypeError, KeyError, IndexError):
            raise NoSuchPlace(f"{path} is not there.") from None
    if not last.startswith("value") or last not in holder:
        raise NoSuchPlace(f"{path} is not a value that can be replaced.")
    present = list(holder.items())
    holder.clear()
    holder.update(
        {("valueQuantity" if name == last else name): (quantity if name == last else v) for name, v in present}
    )
    return resource
