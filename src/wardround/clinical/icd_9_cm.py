"""Diagnoses of ICD-9-CM as ICD-10-CM, by the General Equivalence Mappings of CMS (2018, public domain).

Many of the mappings are approximate: the two editions draw their lines differently. Where they leave a choice, nothing is
chosen here.
"""

import re
from functools import cache
from importlib.resources import files

from wardround.clinical.measurements import ICD_10_CM, Coding

ICD_9_CM = "http://hl7.org/fhir/sid/icd-9-cm"
_DIAGNOSIS = re.compile(r"(?:\d{3}|[Vv]\d{2}|[Ee]\d{3})(?:\.?\d{1,2})?")


def icd_10_cm_of(code: str) -> tuple[Coding, ...]:
    """What an ICD-9-CM diagnosis (with or without its dot) may be in ICD-10-CM; more than one where it leaves a choice."""
    if not _DIAGNOSIS.fullmatch(code):
        return ()
    return tuple(Coding(ICD_10_CM, _dotted(to)) for to in _table().get(code.replace(".", "").upper(), ()))


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = files("wardround.clinical").joinpath("icd_9_cm.txt").read_text("utf-8")
    rows = (line.split(" ") for line in text.splitlines())
    return {code: tuple(to) for code, *to in rows}
