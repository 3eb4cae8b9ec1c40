"""Molar masses of what laboratories measure, from the standard atomic weights of IUPAC.

Atomic weights: IUPAC CIAAW, abridged standard atomic weights 2021 (Pure Appl. Chem. 2022, 94(5), 573-600). Formulas are
those of the substances. A laboratory reports triglycerides as triolein and urea nitrogen as the nitrogen of urea.
"""

import re
from decimal import Decimal

_ATOMIC_WEIGHTS = {
    "H": Decimal("1.0080"),
    "C": Decimal("12.011"),
    "N": Decimal("14.007"),
    "O": Decimal("15.999"),
    "Mg": Decimal("24.305"),
    "P": Decimal("30.974"),
    "Ca": Decimal("40.078"),
    "Fe": Decimal("55.845"),
}
_PART = re.compile(r"([A-Z][a-z]?)(\d*)")

# LOINC code -> (formula, how many mol of the substance one mol of the formula counts for, unit prefix of Europe's unit).
# Codes as they stand in Synthea's bundles and in MIMIC's d_labitems.
_SUBSTANCES: dict[str, tuple[str, str]] = {
    "2339-0": ("C6H12O6", "mmol/L"),  # glucose
    "2345-7": ("C6H12O6", "mmol/L"),
    "6299-2": ("N2", "mmol/L"),  # urea nitrogen: two nitrogens for each urea
    "3094-0": ("N2", "mmol/L"),
    "38483-4": ("C4H7N3O", "umol/L"),  # creatinine
    "2160-0": ("C4H7N3O", "umol/L"),
    "49765-1": ("Ca", "mmol/L"),  # calcium
    "2000-8": ("Ca", "mmol/L"),
    "2093-3": ("C27H46O", "mmol/L"),  # cholesterol, and the cholesterol of lipoproteins
    "18262-6": ("C27H46O", "mmol/L"),
    "2085-9": ("C27H46O", "mmol/L"),
    "2090-9": ("C27H46O", "mmol/L"),
    "2571-8": ("C57H104O6", "mmol/L"),  # triglycerides as triolein
    "1644-4": ("C57H104O6", "mmol/L"),
    "1975-2": ("C33H36N4O6", "umol/L"),  # bilirubin
    "1968-7": ("C33H36N4O6", "umol/L"),
    "2601-3": ("Mg", "mmol/L"),  # magnesium
    "2777-1": ("P", "mmol/L"),  # phosphate as phosphorus
    "3084-1": ("C5H4N4O3", "umol/L"),  # uric acid
}
_PER_LITRE = {"mmol/L": Decimal(10), "umol/L": Decimal(10_000)}  # mg/dL of 1 g/mol, in this unit


def molar_mass(formula: str) -> Decimal:
    """Grams in a mol: "C6H12O6" is 180.156."""
    return sum(
        (_ATOMIC_WEIGHTS[element] * int(count or 1) for element, count in _PART.findall(formula)), start=Decimal(0)
    )


def other_unit(code: str) -> tuple[str, Decimal] | None:
    """Europe's unit for this LOINC code, and how much of it one mg/dL is; None for what is not a known substance."""
    known = _SUBSTANCES.get(code.rpartition("|")[2])
    if known is None:
        return None
    formula, unit = known
    return unit, _PER_LITRE[unit] / molar_mass(formula)
