"""Writing a wrong number, unit or text where a right one stood; everything else of the record stays as it was."""

import copy
from decimal import ROUND_HALF_EVEN, Decimal

from wardround.bench.accuracy.charts import Resource, Value, holder_of


def with_number(value: Value, number: Decimal | str, *, unit: str | None = None) -> Resource:
    """The resource with this number, and with another unit where one is given ("" takes the unit away)."""
    resource = copy.deepcopy(value.resource)
    quantity = holder_of(resource, path=value.path)["valueQuantity"]
    quantity["value"] = number
    if unit is not None:
        for name in ("unit", "code", "system"):
            if not unit:
                quantity.pop(name, None)
            elif name in quantity and name != "system":
                quantity[name] = unit
    return resource


def with_text(value: Value, text: str) -> Resource:
    """The resource with a text where the number was, as interfaces write what is no number."""
    resource = copy.deepcopy(value.resource)
    holder = holder_of(resource, path=value.path)
    present = list(holder.items())
    holder.clear()
    holder.update((("valueString", text) if name == "valueQuantity" else (name, content)) for name, content in present)
    return resource


def plain(number: Decimal) -> str:
    """The digits as a person writes them: no exponent."""
    return format(number, "f")


def tidy(number: Decimal, *, like: Decimal) -> Decimal:
    """A converted number with about as many digits as the one it came from, at least three."""
    digits = max(3, len(like.normalize().as_tuple().digits))
    if not number:
        return number
    exponent = number.adjusted() - digits + 1
    rounded = number.quantize(Decimal(1).scaleb(min(exponent, 0)), ROUND_HALF_EVEN)
    return rounded.normalize() if rounded != rounded.to_integral_value() else rounded.quantize(Decimal(1))


def shifted(number: Decimal, *, places: int) -> Decimal:
    """The same digits with the point moved to the right (or left)."""
    moved = number.scaleb(places)
    return moved.quantize(Decimal(1)) if moved == moved.to_integral_value() else moved
