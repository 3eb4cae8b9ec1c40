"""Units by UCUM: what a spelling means, and how to convert one unit to another."""

import math
import re
import threading
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from wardround.clinical.errors import IncommensurableUnits, UnknownUnit

# Equivalents, osmoles and arbitrary units count different things although their dimensions agree, and an
# annotation with a digit ({1.73_m2}) changes the quantity: they convert only to units that hold the same ones.
_APART = re.compile(r"(?<![A-Za-z])[munpk]?(?:eq|osm)(?![A-Za-z])|\[[A-Za-z']*U[^\]]*\]|\{[^}]*\d[^}]*\}")
# The registry computes 10*N as a whole number: a long exponent takes all the time there is, with the lock held.
_LONGEST = 200
_TOO_LARGE = re.compile(r"[*^][+-]?\d{3}|\d{16}")
_RAISED = str.maketrans("\u00b2\u00b3", "23")
_parsing = threading.Lock()  # the registry is shared, and pint does not promise to be used by two threads at once


@dataclass(frozen=True)
class Conversion:
    """value in `to_unit` = value in `from_unit` x `factor` + `offset`."""

    from_unit: str
    to_unit: str
    factor: float
    offset: float

    @property
    def is_identity(self) -> bool:
        """Nothing changes, whatever the two spellings."""
        return self.factor == 1 and self.offset == 0

    @property
    def rule(self) -> str:
        """For people: `mmol/L x 38.665 -> mg/dL`."""
        shift = "" if self.offset == 0 else f" {'+' if self.offset > 0 else '-'} {abs(self.offset):.6g}"
        return f"{self.from_unit} x {self.factor:.6g}{shift} -> {self.to_unit}"

    def apply(self, value: float) -> float:
        """This value in `to_unit`."""
        return value * self.factor + self.offset


def convert(value: float, *, from_unit: str, to_unit: str, molar_mass: float | None = None) -> float:
    """This value in another unit; see `conversion`."""
    return conversion(from_unit, to_unit, molar_mass).apply(value)


@lru_cache(maxsize=4096)
def conversion(from_unit: str, to_unit: str, molar_mass: float | None = None) -> Conversion:
    """How to get from one unit, in any spelling Wardround knows, to another.

    Mass and amount of substance convert into each other by the molar mass (g/mol) of what is measured.
    Raises UnknownUnit, IncommensurableUnits.
    """
    source, target = canonical_unit(from_unit), canonical_unit(to_unit)
    if source == target:
        return Conversion(source, target, 1.0, 0.0)
    if set(_APART.findall(source)) != set(_APART.findall(target)):
        raise IncommensurableUnits(f"{source} cannot be converted to {target}: they count different things.")
    with _parsing:
        factor, offset = _factor_and_offset(_quantity(source), _quantity(target), molar_mass, names=(source, target))
    # Twelve digits are more than any measurement has, and they hide that 38.665 came out as 38.66499999999999.
    return Conversion(source, target, float(f"{factor:.12g}"), float(f"{offset:.12g}"))


@lru_cache(maxsize=4096)
def canonical_unit(text: str) -> str:
    """The UCUM unit that this text means; raises UnknownUnit. A valid UCUM unit comes back as it is."""
    spelling = " ".join(text.split())
    known = _spellings()
    if spelling in known:
        return known[spelling]
    with _parsing:
        is_ucum = spelling.isascii() and _quantity(spelling) is not None
    if is_ucum:
        return spelling
    plain = _plain(spelling)
    if plain != spelling:
        return canonical_unit(plain)
    folded = spelling.casefold()
    if len(folded) > 1 and folded in _folded_spellings():
        return _folded_spellings()[folded]
    named = f"The unit {spelling!r}" if 0 < len(spelling) <= 24 else "The unit"
    raise UnknownUnit(
        f"{named} is not a UCUM unit, and no spelling of one is known; write it as UCUM does, for example mg/dL."
    )


def _plain(spelling: str) -> str:
    """Without the signs that UCUM has letters for: the micro sign, raised digits, and the ways to write 10 to the power n."""
    text = re.sub(r"[\u00b5\u03bc](?=[A-Za-z])", "u", spelling.translate(_RAISED))
    text = re.sub(r"(?<![A-Za-z])mcg(?![a-z])", "ug", text)
    text = re.sub(r"(?i)^[x×]?\s*10\s*[*^e]\s*\+?0?(?=\d)", "10*", text)
    return re.sub(r"(?<=m)\^(?=[23])", "", text)


def unit_for_people(ucum: str) -> str:
    """How a person reads this UCUM unit: mmHg for mm[Hg], nothing for 1."""
    shown: str = _unit_file()["display"].get(ucum, ucum)
    return shown


def omop_of_unit(ucum: str) -> str | None:
    """The OMOP concept of a UCUM unit, where its meaning could be checked; of several the first."""
    return next((concept for concept, unit in _unit_file()["omop"].items() if unit == ucum), None)


def _factor_and_offset(
    source: Any, target: Any, molar_mass: float | None, *, names: tuple[str, str]
) -> tuple[float, float]:
    import pint

    if source is None or target is None:
        raise UnknownUnit(f"{names[0] if source is None else names[1]} cannot be used in a conversion.")
    # A bare annotation such as {score} comes as its text; UCUM takes it for the unit 1.
    source, target = (_quantity("1") if isinstance(unit, str) else unit for unit in (source, target))
    try:
        if not (source._is_multiplicative and target._is_multiplicative):  # noqa: SLF001 - degrees Celsius and Fahrenheit
            unit = type(source)
            offset = float(unit(0, source.units).to(target.units).magnitude)
            return float(unit(1, source.units).to(target.units).magnitude) - offset, offset
        ratio = source / target
        mass_per_substance = {"[mass]": 1, "[substance]": -1}
        if molar_mass is not None and not ratio.dimensionless:
            # Both sides come from from_ucum: pint refuses to mix two registries.
            gram_per_mole = molar_mass * _registry().from_ucum("g/mol")
            if dict(ratio.dimensionality) == mass_per_substance:
                ratio = ratio / gram_per_mole
            elif dict(ratio.dimensionality) == {k: -v for k, v in mass_per_substance.items()}:
                ratio = ratio * gram_per_mole
        factor = float(ratio.to("dimensionless").magnitude)
    except (OverflowError, ZeroDivisionError):
        factor = math.inf
    except pint.errors.PintError as error:
        raise IncommensurableUnits(
            f"{names[0]} cannot be converted to {names[1]}: they measure different things"
            + ("." if molar_mass else ", or the molar mass is not known.")
        ) from error
    if factor == 0 or not math.isfinite(factor):  # every value would become 0 or infinite
        raise IncommensurableUnits(f"{names[0]} cannot be converted to {names[1]}: the numbers are out of range.")
    return factor, 0.0


def _quantity(ucum: str) -> Any:
    """One of this unit as a pint quantity, or None when UCUM does not know it."""
    if len(ucum) > _LONGEST or _TOO_LARGE.search(ucum):
        return None
    from lark.exceptions import LarkError
    from ucumvert.parser import InvalidUcumError

    try:
        unit = _registry().from_ucum(ucum)
    except (InvalidUcumError, LarkError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return unit


@cache
def _registry() -> Any:
    """UCUM in pint; takes one to two seconds, so it is made when the first unknown spelling arrives."""
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


@cache
def _unit_file() -> dict[str, Any]:
    return tomllib.loads(resources.files("wardround.clinical").joinpath("unit_spellings.toml").read_text("utf-8"))


@cache
def _spellings() -> dict[str, str]:
    """Spelling -> UCUM; the targets are spellings of themselves, which spares the registry for the usual units."""
    spellings: dict[str, str] = _unit_file()["spellings"]
    return {**{unit: unit for unit in spellings.values()}, **spellings}


@cache
def _folded_spellings() -> dict[str, str]:
    return {spelling.casefold(): unit for spelling, unit in _spellings().items()}
