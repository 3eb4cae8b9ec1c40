"""Numbers that people typed: decimal comma or point, a unit behind them, and when to refuse to guess."""

import re
from decimal import Decimal
from typing import Literal

from wardround.clinical.errors import UnreadableNumber

DecimalSign = Literal["comma", "point"]

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DIGITS = re.compile(r"[+-]?[\d.,]*\d[\d.,]*")
_GROUPED = {sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+") for sign in ",."}
# A number with a unit behind it: "5.4 mmol/L", "98%", "5,4 x10^9/L". A sign that is no unit stays part of the number.
_WITH_UNIT = re.compile(
    r"([+-]?[\d.,'’\u00a0\u202f ]*\d)\s*((?:[A-Za-z%°\u00b5\u03bc\[{]|/\s*[A-Za-z\[{]|(?<=\s)(?:x\s*)?10[*^]).*)",
    re.DOTALL,
)
_LONGEST = 60
_EXPONENT = re.compile(r"[eE][+-]?\d+")
# What laboratories report in words or signs where no number was measured.
_WORDS = re.compile(
    r"(?i)neg(ative|\.)?|pos(itive|\.)?|traces?|tr|nil|none( (seen|detected))?|normal|few|many|moderate|small|large|"
    r"n\.?d\.?|not (detected|done)|pending|[+]{1,4}|[1-4][+]|\([+-]\)|-|--|---"
)


def read_quantity(text: str, *, decimal: DecimalSign | None = None) -> tuple[Decimal, str]:
    """The number in this text and the unit written behind it ("" without one); raises UnreadableNumber.

    Whether the unit is one is the caller's to find out; "1O0 mg/dL" comes as 1 and the unit "O0 mg/dL", which is none.
    """
    stripped = text.strip().replace("\u2212", "-")
    found = _WITH_UNIT.fullmatch(stripped) if len(stripped) <= _LONGEST else None
    if found is None or _EXPONENT.fullmatch(found[2]):
        return read_number(text, decimal=decimal), ""
    return read_number(found[1], decimal=decimal), found[2].strip()


def read_number(text: str, *, decimal: DecimalSign | None = None) -> Decimal:
    """The number in this text, every digit kept.

    `decimal` is the sign the source is known to use. Without it a comma is read only where it can mean one thing:
    6,03 is a decimal comma and 1,234.5 a thousands separator, but 1,234 raises UnreadableNumber.
    """
    compact = text.strip().replace("\u2212", "-")
    compact = re.sub(r"(?<=\d)[\u00a0\u202f '’](?=\d{3}(?!\d))", "", compact)
    if decimal != "comma" and _PLAIN.fullmatch(compact):
        return Decimal(compact)
    if compact[:1] in {"<", ">", "≤", "≥"}:
        raise UnreadableNumber(
            "The value is a limit (less or more than a number), not a number; it needs a comparator beside it."
        )
    if _WORDS.fullmatch(compact):
        raise UnreadableNumber("The value is a finding in words or signs (negative, trace, +), not a number.")
    if not _DIGITS.fullmatch(compact):
        if _PLAIN.fullmatch(compact):
            return Decimal(compact)
        raise UnreadableNumber("The value is not a number; digits with at most one decimal sign would be right.")
    return Decimal(_with_point(compact, decimal=decimal))


def _with_point(text: str, *, decimal: DecimalSign | None) -> str:
    commas, points = text.count(","), text.count(".")
    if commas and points:
        last, other = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
        whole, _, fraction = text.rpartition(last)
        if text.count(last) == 1 and _GROUPED[other].fullmatch(whole):
            return f"{whole.replace(other, '')}.{fraction}"
        raise UnreadableNumber("The value mixes commas and points in a way no number is written.")
    sign = "," if commas else "."
    if not commas and not points:
        return text
    if not _GROUPED[sign].fullmatch(text):  # cannot be thousands, so the sign is decimal
        if text.count(sign) == 1:
            return text.replace(sign, ".")
        raise UnreadableNumber(f"The value has more than one {sign!r}, and they do not separate thousands.")
    if text.count(sign) > 1:
        return text.replace(sign, "")
    if decimal is None:
        raise UnreadableNumber(
            f"The value has one {sign!r} before three digits: that may be a decimal sign or a thousands separator. "
            "Name the decimal sign of the source."
        )
    return text.replace(sign, "." if (sign == ",") == (decimal == "comma") else "")
