"""The values of an Observation that are only known to lie below or above a number: "< 0.01 ng/mL" is a limit, and never that number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wardround.interchange.fhir.values import Observed, observed_time, quantity_of


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A number as received, and on which side of it the value lies: "<", "<=", ">", ">="."""

    observed: Observed
    comparator: str

    @property
    def number(self) -> Decimal:
        value = self.observed.value
        return value if isinstance(value, Decimal) else Decimal(str(value))


def limit_values(resource: Mapping[str, Any]) -> list[LimitValue]:
    """Every quantity with a comparator of a checked Observation, its own and its components'; empty for another type."""
    if resource.get("resourceType") != "Observation":
        return []
    time = observed_time(dict(resource))
    found = list(_limit_in(resource, "Observation", time))
    for index, component in enumerate(resource.get("component", ())):
        found.extend(_limit_in(component, f"Observation.component[{index}]", time))
    return found


def _limit_in(holder: Mapping[str, Any], path: str, time: str | None) -> Iterator[LimitValue]:
    quantity = holder.get("valueQuantity") or {}
    comparator = quantity.get("comparator")
    exact = {name: part for name, part in quantity.items() if name != "comparator"}
    if comparator and (observed := quantity_of(exact, holder=holder, path=f"{path}.valueQuantity", time=time)):
        yield LimitValue(observed, str(comparator))
