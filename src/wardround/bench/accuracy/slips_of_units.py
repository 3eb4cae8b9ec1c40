"""Unit slips: the number is right in another unit than the one beside it."""

from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.molar_masses import other_unit
from wardround.bench.accuracy.plants import Kind, Surroundings, ValueSlip, Written
from wardround.bench.accuracy.writing import plain, tidy, with_number

_LOINC = "http://loinc.org"
_WEIGHT = {f"{_LOINC}|29463-7", f"{_LOINC}|3141-9"}
_HEIGHT = {f"{_LOINC}|8302-2"}
_TEMPERATURE = {f"{_LOINC}|8310-5", f"{_LOINC}|8331-1"}
# The international yard and pound (1959): exact.
_POUND = Decimal("0.45359237")
_INCH = Decimal("2.54")
_MASS_UNITS = {"mg/dL", "mg/dl"}


def _entered_as(codes: set[str], unit: str, *, factor: Decimal, offset: Decimal = Decimal(0)) -> ValueSlip:
    """The number of another unit (number x factor + offset) beside the unit that the record has."""

    def slip(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
        if value.code not in codes or value.unit != unit:
            return None
        wrong = tidy(value.number * factor + offset, like=value.number)
        return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)

    return slip


def substance_as_mass(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
    """Europe's number (mmol/L) beside mg/dL; where the record is in mmol/L, the number of mg/dL."""
    known = other_unit(value.code)
    if known is None or not value.number:
        return None
    unit, per_mass = known
    if value.unit in _MASS_UNITS:
        wrong = tidy(value.number * per_mass, like=value.number)
    elif value.unit == unit:
        wrong = tidy(value.number / per_mass, like=value.number)
    else:
        return None
    return Written(with_number(value, wrong), plain(wrong), path=value.path, wrong=wrong)


def mass_as_substance(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
    """The number stays and Europe's unit stands beside it; where the record is in mmol/L, mg/dL."""
    known = other_unit(value.code)
    if known is None or not value.number:
        return None
    unit, per_mass = known
    if value.unit in _MASS_UNITS:
        written, wrong = unit, value.number / per_mass
    elif value.unit == unit:
        written, wrong = "mg/dL", value.number * per_mass
    else:
        return None
    changed = with_number(value, value.number, unit=written)
    return Written(changed, f"{plain(value.number)} {written}", path=value.path, wrong=wrong)


KINDS = (
    Kind("pounds_as_kilograms", "unit", to_value=_entered_as(_WEIGHT, "kg", factor=1 / _POUND)),
    Kind("inches_as_centimetres", "unit", to_value=_entered_as(_HEIGHT, "cm", factor=1 / _INCH)),
    Kind("metres_as_centimetres", "unit", to_value=_entered_as(_HEIGHT, "cm", factor=Decimal("0.01"))),
    Kind(
        "fahrenheit_as_celsius",
        "unit",
        to_value=_entered_as(_TEMPERATURE, "Cel", factor=Decimal("1.8"), offset=Decimal(32)),
    ),
    Kind("substance_as_mass", "unit", to_value=substance_as_mass),
    Kind("mass_as_substance", "unit", to_value=mass_as_substance),
)
