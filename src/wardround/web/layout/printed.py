"""Numbers, units and answers as they are printed for people."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext

from wardround.clinical.catalogue import Measurement

Answer = float | bool | str | None  # a number, yes or no, or the code of an answer

# UCUM is for machines; these are the forms that people write. A unit that is not here is printed as it is.
_UNITS = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "kg/m2": "kg/m²",
    "10*9/L": "10⁹/L",
    "umol/L": "µmol/L",
    "ug/L": "µg/L",
    "[lb_av]": "lb",
    "[in_i]": "in",
    "1": "",
    "{score}": "",
    "[pH]": "",
    "10*3/uL": "10³/µL",
    "10*6/uL": "10⁶/µL",
    "/uL": "/µL",
    "m[IU]/L": "mIU/L",
    "m[IU]/mL": "mIU/mL",
    "[IU]/mL": "IU/mL",
    "cm[H2O]": "cmH₂O",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "a": "years",
}


def printed_unit(ucum: str | None) -> str:
    """mm[Hg] -> mmHg; the unit 1 is not printed."""
    return gettext(_UNITS.get(ucum, ucum)) if ucum else ""


def printed_number(value: float) -> str:
    """The shortest form that is the same number, in the reader's language: 233.0 -> 233, 2.3 -> 2.3 or 2,3."""
    text = f"{value:.10g}"
    plain = f"{Decimal(text):f}"
    places = len(plain.partition(".")[2])
    return number_format(Decimal(plain), decimal_pos=places, use_l10n=True)


def printed_value(value: Answer, *, measurement: Measurement | None) -> str:
    """A value without its unit; an answer by its title: True -> Yes, "st_t_abnormality" -> ST-T wave abnormality."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, (int, float)):
        return printed_number(value)
    answers = {coding.code: coding.display for coding in measurement.answers} if measurement else {}
    return gettext(answers.get(value) or value.replace("_", " "))


def printed_range(limits: tuple[float, float] | None) -> str:
    """90–140, or nothing where there is no usual range; a negative limit is not joined by a dash."""
    if limits is None:
        return ""
    low, high = (printed_number(limit).replace("-", "−") for limit in limits)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high} if limits[0] < 0 else f"{low}–{high}"
