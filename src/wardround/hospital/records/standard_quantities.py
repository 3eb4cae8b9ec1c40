"""Search entries for quantities in their standard units, where these are not commensurable with what was received."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from wardround.clinical.base_units import UCUM, reduction_of
from wardround.hospital.records.models import Fact, StandardValue
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import CompositeEntry, QuantityEntry, SearchEntry

_PLACE = re.compile(r"Observation(?:\.component\[(?P<number>\d+)\])?\.valueQuantity")


def standard_entries(resource: dict[str, Any], values: Iterable[StandardValue]) -> Iterator[SearchEntry]:
    """So that glucose received in mg/dL is found in mmol/L too, and one with a unit that is not UCUM is found at all.

    A unit of the same kind needs no second entry: the first one has its base unit.
    """
    for value in values:
        match = _PLACE.fullmatch(value.path)
        if match is None or value.fact != Fact.MEASUREMENT or value.value_number is None or not value.unit:
            continue
        element = resource if match["number"] is None else resource["component"][int(match["number"])]
        standard = reduction_of(value.unit)
        if standard is None or standard.base_unit == _base_unit(element.get("valueQuantity", {})):
            continue
        quantity = {"value": Decimal(str(value.value_number)), "unit": value.unit, "system": UCUM, "code": value.unit}
        comparator = element.get("valueQuantity", {}).get("comparator")
        alone = {
            "code": element["code"],
            "valueQuantity": quantity | ({"comparator": comparator} if comparator else {}),
        }
        whole = alone if match["number"] is None else {"component": [alone]}
        yield from filter(_is_quantity, index_entries({"resourceType": "Observation", **whole}))


def _base_unit(quantity: dict[str, Any]) -> str:
    reduction = reduction_of(quantity.get("code", "")) if quantity.get("system") == UCUM else None
    return reduction.base_unit if reduction else ""


def _is_quantity(entry: SearchEntry) -> bool:
    parts = entry.parts if isinstance(entry, CompositeEntry) else (entry,)
    return any(isinstance(part, QuantityEntry) for part in parts)
