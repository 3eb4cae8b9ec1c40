"""Units of other countries, wards and instruments: the number of one beside the other's unit, or the number under another label.

Pound, foot and inch are exact (international yard and pound, 1959); a stone is 14 lb. Millimetre of mercury: 101325/760 Pa.
HbA1c: NGSP % = 0.09148 x IFCC mmol/mol + 2.152 (NGSP's master equation). Haemoglobin: 16114.5 g/mol of one chain, as IFCC
reports it. Molar masses of the rest from their formulas.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.held_out.landing import written
from wardround.bench.accuracy.molar_masses import molar_mass
from wardround.bench.accuracy.plants import Kind, Surroundings, ValueSlip, Written
from wardround.bench.accuracy.writing import plain, tidy, with_number

_WEIGHT, _HEIGHT, _TEMPERATURE = {"29463-7", "3141-9"}, {"8302-2"}, {"8310-5", "8331-1"}
_PRESSURES, _COUNTS = {"mm[Hg]", "mm Hg"}, {"K/uL", "10*3/uL", "m/uL", "10*6/uL"}
_POUND, _INCH = Decimal("0.45359237"), Decimal("2.54")
_KILOPASCAL = Decimal(101325) / 760 / 1000
_HEAVIEST_IN_OUNCES = 12  # kg: who is weighed in ounces
Convert = Callable[[Decimal], Decimal]


def _code(value: Value) -> str:
    return value.code.rpartition("|")[2]


def _times(factor: Decimal) -> Convert:
    return lambda number: number * factor


def _read(convert: Convert, *, codes: set[str] | None = None, units: set[str], at_most: int | None = None) -> ValueSlip:
    """The number of the other unit beside the record's."""

    def slip(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
        is_other = value.unit not in units or (codes is not None and _code(value) not in codes)
        if is_other or not value.number or (at_most is not None and value.number > at_most):
            return None
        return written(value, tidy(convert(value.number), like=value.number))

    return slip


def _labelled(label: str, convert: Convert, *, codes: set[str] | None = None, units: set[str]) -> ValueSlip:
    """The number stays, and the other unit stands beside it: `convert` tells what that is in the record's."""

    def slip(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
        if value.unit not in units or (codes is not None and _code(value) not in codes) or not value.number:
            return None
        changed = with_number(value, value.number, unit=label)
        return Written(changed, f"{plain(value.number)} {label}", path=value.path, wrong=convert(value.number))

    return slip


def feet_and_inches(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
    """5'11 as 511."""
    if _code(value) not in _HEIGHT or value.unit != "cm":
        return None
    feet, inches = divmod(round(value.number / _INCH), 12)
    return written(value, Decimal(f"{feet}{inches}")) if feet else None


def _of_laboratory(table: dict[tuple[str, str], Decimal]) -> ValueSlip:
    """(code, unit) -> how many of the other unit one of this is."""

    def slip(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
        factor = table.get((_code(value), value.unit))
        if factor is None or not value.number:
            return None
        return written(value, tidy(value.number * factor, like=value.number))

    return slip


_UREA = molar_mass("CH4N2O") / molar_mass("N2")
_EQUIVALENTS = {
    **{(code, "mg/dL"): 20 / molar_mass("Ca") for code in ("49765-1", "2000-8")},
    ("2601-3", "mg/dL"): 20 / molar_mass("Mg"),
}
_MASSES = {
    ("32693-4", "mmol/L"): molar_mass("C3H6O3") / 10,  # lactate
    ("1994-3", "mmol/L"): molar_mass("Ca") / 10,  # free calcium
}
_PREFIXES = {
    ("6598-7", "ng/mL"): Decimal(1000),  # troponin T in ng/L
    ("3255-7", "mg/dL"): Decimal("0.01"),  # fibrinogen in g/L
    ("2143-6", "ug/dL"): 10_000 / molar_mass("C21H30O5"),  # cortisol in nmol/L
    ("3084-1", "mg/dL"): 10 / molar_mass("C5H4N4O3"),  # uric acid in mmol/L
    **{(code, "mg/dL"): 10 / molar_mass("C4H7N3O") for code in ("38483-4", "2160-0")},  # creatinine in mmol/L
}
_HAEMOGLOBIN = {("718-7", "g/dL"): Decimal(10_000) / Decimal("16114.5")}

KINDS = (
    Kind("stones", "unit", to_value=_read(_times(1 / (14 * _POUND)), codes=_WEIGHT, units={"kg"})),
    Kind("grams", "unit", to_value=_read(_times(Decimal(1000)), codes=_WEIGHT, units={"kg"})),
    Kind(
        "ounces",
        "unit",
        to_value=_read(_times(16 / _POUND), codes=_WEIGHT, units={"kg"}, at_most=_HEAVIEST_IN_OUNCES),
    ),
    Kind(
        "kilograms_labelled_pounds", "unit", to_value=_labelled("[lb_av]", _times(_POUND), codes=_WEIGHT, units={"kg"})
    ),
    Kind("feet", "unit", to_value=_read(_times(1 / (12 * _INCH)), codes=_HEIGHT, units={"cm"})),
    Kind("feet_and_inches", "unit", to_value=feet_and_inches),
    Kind("millimetres", "unit", to_value=_read(_times(Decimal(10)), codes=_HEIGHT, units={"cm"})),
    Kind(
        "centimetres_labelled_inches", "unit", to_value=_labelled("[in_i]", _times(_INCH), codes=_HEIGHT, units={"cm"})
    ),
    Kind(
        "celsius_labelled_fahrenheit",
        "unit",
        to_value=_labelled("[degF]", lambda number: (number - 32) / Decimal("1.8"), codes=_TEMPERATURE, units={"Cel"}),
    ),
    Kind("kilopascals", "unit", to_value=_read(_times(_KILOPASCAL), units=_PRESSURES)),
    Kind("fraction_as_percent", "unit", to_value=_read(_times(Decimal("0.01")), units={"%"})),
    Kind("counts_times_thousand", "unit", to_value=_read(_times(Decimal(1000)), units=_COUNTS)),
    Kind("per_decilitre_labelled_per_litre", "unit", to_value=_labelled("g/L", _times(Decimal("0.1")), units={"g/dL"})),
    Kind("milligrams_labelled_per_litre", "unit", to_value=_labelled("mg/L", _times(Decimal("0.1")), units={"mg/dL"})),
    Kind(
        "hba1c_in_mmol_per_mol",
        "unit",
        to_value=_read(lambda number: (number - Decimal("2.152")) / Decimal("0.09148"), codes={"4548-4"}, units={"%"}),
    ),
    Kind("urea_for_its_nitrogen", "unit", to_value=_read(_times(_UREA), codes={"6299-2", "3094-0"}, units={"mg/dL"})),
    Kind("milliequivalents_as_mass", "unit", to_value=_of_laboratory(_EQUIVALENTS)),
    Kind("mass_beside_millimoles", "unit", to_value=_of_laboratory(_MASSES)),
    Kind("haemoglobin_in_millimoles", "unit", to_value=_of_laboratory(_HAEMOGLOBIN)),
    Kind("other_prefix", "unit", to_value=_of_laboratory(_PREFIXES)),
)
