"""What somebody typed into a box or two: a number in the language of the form, its unit, and the time of measurement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext

from wardround.clinical.catalogue import Measurement
from wardround.clinical.errors import IncommensurableUnits, UnknownUnit, UnreadableNumber
from wardround.clinical.numbers import DecimalSign, read_quantity
from wardround.clinical.standardise import conversion_for
from wardround.clinical.units import canonical_unit
from wardround.interchange.fhir.json import Number

_COMPARATORS = {"<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "<": "<", ">": ">"}
_THOUSAND = 3  # digits


@dataclass(frozen=True)
class Reading:
    """A number that was typed, every digit kept, in the unit that it was typed in (UCUM)."""

    measurement: Measurement
    number: Number
    unit: str
    comparator: str = ""  # "<" of a laboratory's "< 0.01"


class NotReadable(Exception):
    """What was typed is not a number of this kind; the message says what would be right."""


def decimal_sign() -> DecimalSign:
    """The sign that the language of the form writes before decimals."""
    return "comma" if get_format("DECIMAL_SEPARATOR", use_l10n=True) == "," else "point"


def read(measurement: Measurement, text: str, *, unit: str, may_compare: bool = False) -> Reading | None:
    """The reading; None for an empty box. Raises `NotReadable`. A unit written behind the number is the one that counts."""
    text = text.strip()
    if not text:
        return None
    comparator, text = comparison(text) if may_compare else ("", text)
    number, written = _number(text)
    if written:
        unit = _unit(written, measurement=measurement)
    return Reading(measurement, Number(f"{number:f}"), unit, comparator)


def comparison(text: str) -> tuple[str, str]:
    """The sign before a number as FHIR writes it, and the number: "≤ 5" is ("<=", "5"); without a sign ("", text)."""
    sign = next((sign for sign in _COMPARATORS if text.startswith(sign)), "")
    return _COMPARATORS.get(sign, ""), text.removeprefix(sign).strip()


def _number(text: str) -> tuple[Decimal, str]:
    sign = decimal_sign()
    _refuse_two_readings(text, sign=sign)
    try:
        return read_quantity(text, decimal="comma" if sign == "comma" else None)
    except UnreadableNumber:
        right = "37,2" if sign == "comma" else "37.2"
        raise NotReadable(gettext("This is not a number; %(right)s would be right.") % {"right": right}) from None


def _refuse_two_readings(text: str, *, sign: DecimalSign) -> None:
    """1,234 in an English form and 1.234 in a German one: thousands, or a decimal sign of another country?"""
    own, other = (",", ".") if sign == "comma" else (".", ",")
    number = text.split(" ", maxsplit=1)[0]
    whole, found, rest = number.partition(other)
    if not found or own in number or len(rest) != _THOUSAND or not rest.isdecimal() or not whole.isdecimal():
        return
    if whole.startswith("0"):
        return  # 0,123 is no thousands
    said = {"typed": number, "thousands": whole + rest, "decimals": f"{whole}{own}{rest}"}
    raise NotReadable(gettext("%(typed)s can be read in two ways. Write %(thousands)s or %(decimals)s.") % said)


def _unit(written: str, *, measurement: Measurement) -> str:
    try:
        unit = canonical_unit(written)
        conversion_for(measurement, unit)
    except (UnknownUnit, IncommensurableUnits):
        raise NotReadable(gettext("What stands behind the number is not a unit of this measurement.")) from None
    return unit


def measured_at(typed: Mapping[str, str]) -> datetime:
    """The time of measurement, in the hospital's zone. Raises `NotReadable`."""
    try:
        day = date.fromisoformat(typed.get("measured_date", ""))
        at = time.fromisoformat(typed.get("measured_time", ""))
    except ValueError:
        raise NotReadable(gettext("The time of measurement needs a date and a time, for example 14:05.")) from None
    return timezone.make_aware(datetime.combine(day, at.replace(tzinfo=None)))


def time_boxes(moment: datetime) -> dict[str, str]:
    """The two boxes for this moment."""
    local = timezone.localtime(moment)
    return {"measured_date": local.strftime("%Y-%m-%d"), "measured_time": local.strftime("%H:%M")}
