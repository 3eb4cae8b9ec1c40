"""The values that an Observation states: its own and its components', with the codes they answer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wardround.clinical.catalogue import Coding

# Where a value came as text with a unit beside it, the text is the value and the unit stands in this extension.
UNIT_AS_RECEIVED = "urn:wardround:unit-as-received"
UCUM = "http://unitsofmeasure.org"

Value = Decimal | bool | str | tuple[Coding, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """One value as received. `path`: "Observation.valueQuantity" or "Observation.component[1].valueBoolean".

    `value`: a Decimal (its text kept) of a quantity or integer, a bool, the codings of an answer, or a text.
    `unit`: the UCUM code where there is one, else the unit as written. `time`: as FHIR writes it, the start of a period.
    """

    path: str
    codings: tuple[Coding, ...]
    value: Value
    unit: str | None
    time: str | None


def observed_values(resource: dict[str, Any]) -> list[Observed]:
    """Every value of a checked Observation that can be standardised; empty for another type and for an absent value.

    Ranges, ratios, sampled data, periods and quantities with a comparator ("< 5") have no single value and are left out.
    """
    if resource.get("resourceType") != "Observation":
        return []
    time = observed_time(resource)
    found = list(_values(resource, "Observation", time))
    for index, component in enumerate(resource.get("component", ())):
        found.extend(_values(component, f"Observation.component[{index}]", time))
    return found


def observed_time(resource: dict[str, Any]) -> str | None:
    """When an Observation was true of the patient, as FHIR writes it."""
    time = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    if time is None:
        period = resource.get("effectivePeriod", {})
        time = period.get("start") or period.get("end")
    return time if isinstance(time, str) else None


def codings_of(concept: dict[str, Any] | None) -> tuple[Coding, ...]:
    """The codings of a CodeableConcept that have a code; a system that is not said is ""."""
    return tuple(
        Coding(coding.get("system", ""), coding["code"], coding.get("display", ""))
        for coding in (concept or {}).get("coding", ())
        if "code" in coding
    )


def _values(holder: dict[str, Any], path: str, time: str | None) -> Iterator[Observed]:
    for name, content in holder.items():
        if name[:5] != "value":
            continue
        read = _READERS.get(name)
        value = read(content) if read is not None else None
        if value is not None:
            unit = _unit(content) if name == "valueQuantity" else _unit_beside(holder)
            yield Observed(f"{path}.{name}", codings_of(holder.get("code")), value, unit, time)


def quantity_of(quantity: dict[str, Any], *, holder: Mapping[str, Any], path: str, time: str | None) -> Observed | None:
    """A quantity that stands at this path of an Observation or component; None without a value."""
    value = _quantity(quantity)
    return None if value is None else Observed(path, codings_of(holder.get("code")), value, _unit(quantity), time)


def _quantity(quantity: dict[str, Any]) -> Decimal | None:
    if "value" not in quantity or "comparator" in quantity:
        return None
    return _decimal(quantity["value"])


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _unit(quantity: dict[str, Any]) -> str | None:
    code, unit = quantity.get("code"), quantity.get("unit")
    found = code if code is not None and (quantity.get("system") == UCUM or unit is None) else unit
    return found if isinstance(found, str) else None


def _unit_beside(holder: dict[str, Any]) -> str | None:
    for extension in holder.get("extension", ()):
        if extension.get("url") == UNIT_AS_RECEIVED:
            unit = extension.get("valueString")
            return unit if isinstance(unit, str) else None
    return None


def _concept(concept: dict[str, Any]) -> Value | None:
    text = concept.get("text")
    return codings_of(concept) or (text if isinstance(text, str) else None)


def _itself(value: Any) -> Value | None:
    return value if isinstance(value, bool | str) else None


_READERS = {
    "valueQuantity": _quantity,
    "valueInteger": _decimal,
    "valueBoolean": _itself,
    "valueString": _itself,
    "valueCodeableConcept": _concept,
}
