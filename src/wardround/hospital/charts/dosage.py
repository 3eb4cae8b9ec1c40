"""A dosage in words: how much, how fast, which way, how often, when and for how long (FHIR R4, Dosage and Timing).

The rules of the NHS Common User Interface for numbers: a leading and no trailing zero, commas in thousands, whole words.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from wardround.hospital.charts.fhir_text import concept_text, period_text
from wardround.web.layout.dates import when_text
from wardround.web.layout.printed import printed_unit

_DOSE_UNITS = {"ug": "micrograms", "mcg": "micrograms", "µg": "micrograms", "ng": "nanograms", "[IU]": "units"}
# UCUM's units of time, as R4 binds Timing.repeat.periodUnit.
_EVERY = {
    "min": gettext_lazy("every %(count)s minutes"),
    "h": gettext_lazy("every %(count)s hours"),
    "d": gettext_lazy("every %(count)s days"),
    "wk": gettext_lazy("every %(count)s weeks"),
    "mo": gettext_lazy("every %(count)s months"),
    "a": gettext_lazy("every %(count)s years"),
}
_A = {
    "min": gettext_lazy("a minute"),
    "h": gettext_lazy("an hour"),
    "d": gettext_lazy("a day"),
    "wk": gettext_lazy("a week"),
    "mo": gettext_lazy("a month"),
    "a": gettext_lazy("a year"),
}
_FOR = {
    "s": gettext_lazy("%(count)s seconds"),
    "min": gettext_lazy("%(count)s minutes"),
    "h": gettext_lazy("%(count)s hours"),
    "d": gettext_lazy("%(count)s days"),
    "wk": gettext_lazy("%(count)s weeks"),
    "mo": gettext_lazy("%(count)s months"),
    "a": gettext_lazy("%(count)s years"),
}
# HL7's EventTiming, as R4 binds Timing.repeat.when.
_WHEN = {
    "MORN": gettext_lazy("in the morning"),
    "NOON": gettext_lazy("at noon"),
    "AFT": gettext_lazy("in the afternoon"),
    "EVE": gettext_lazy("in the evening"),
    "NIGHT": gettext_lazy("at night"),
    "HS": gettext_lazy("before sleep"),
    "WAKE": gettext_lazy("after waking"),
    "C": gettext_lazy("with meals"),
    "CM": gettext_lazy("with breakfast"),
    "CD": gettext_lazy("with lunch"),
    "CV": gettext_lazy("with the evening meal"),
    "AC": gettext_lazy("before meals"),
    "ACM": gettext_lazy("before breakfast"),
    "ACD": gettext_lazy("before lunch"),
    "ACV": gettext_lazy("before the evening meal"),
    "PC": gettext_lazy("after meals"),
    "PCM": gettext_lazy("after breakfast"),
    "PCD": gettext_lazy("after lunch"),
    "PCV": gettext_lazy("after the evening meal"),
}
_DAYS = {
    "mon": gettext_lazy("on Mondays"),
    "tue": gettext_lazy("on Tuesdays"),
    "wed": gettext_lazy("on Wednesdays"),
    "thu": gettext_lazy("on Thursdays"),
    "fri": gettext_lazy("on Fridays"),
    "sat": gettext_lazy("on Saturdays"),
    "sun": gettext_lazy("on Sundays"),
}


def printed_dose(value: Decimal | float, unit: str) -> str:
    """1500, "mg" -> "1,500 mg"; 0.50 -> "0.5"; 250 "ug" -> "250 micrograms"."""
    return f"{_number(value)} {_DOSE_UNITS.get(unit) or printed_unit(unit.strip('{}'))}".strip()


def dose_of(dosage: Mapping[str, Any]) -> str:
    """How much, and how fast where it runs: of a prescription's dosage, or of what was given."""
    for rate in (*dosage.get("doseAndRate", ()), dosage):
        parts = (_amount(rate, "dose"), _amount(rate, "rate"))
        if any(parts):
            return ", ".join(filter(None, parts))
    return ""


def instruction_of(dosage: Mapping[str, Any]) -> str:
    """How often, in the prescriber's words where there are some; what the words may leave out stands behind them."""
    said = [str(dosage["text"])] if dosage.get("text") else [*_timing(dosage.get("timing")), *_needed(dosage)]
    more = [
        concept_text(dosage.get("site")),
        concept_text(dosage.get("method")).lower(),
        *(concept_text(each) for each in dosage.get("additionalInstruction", ())),
        str(dosage.get("patientInstruction", "")),
        _most(dosage.get("maxDosePerPeriod")),
    ]
    whole = " ".join(said).casefold()
    return ", ".join([part for part in said if part] + [p for p in more if p and p.casefold() not in whole])


def whole_dosage(dosage: Mapping[str, Any]) -> str:
    """All of a dosage on one line: of a second and a third one, as a dose that is reduced step by step has."""
    dose, instruction = dose_of(dosage), instruction_of(dosage)
    route = concept_text(dosage.get("route")).lower()
    return " — ".join(part for part in (dose, route, instruction if instruction != dose else "") if part)


def _amount(holder: Mapping[str, Any], kind: str) -> str:
    quantity = holder.get(f"{kind}Quantity") or (holder.get(kind) if kind == "dose" else None)
    if isinstance(quantity, Mapping) and "value" in quantity:
        return f"{quantity.get('comparator', '')} {printed_dose(quantity['value'], _unit(quantity))}".strip()
    limits = holder.get(f"{kind}Range")
    if isinstance(limits, Mapping):
        return _between(limits.get("low") or {}, limits.get("high") or {})
    return _ratio(holder.get(f"{kind}Ratio"))


def _between(low: Mapping[str, Any], high: Mapping[str, Any]) -> str:
    if "value" in low and "value" in high:
        first = "" if _unit(low) == _unit(high) else _unit(low)
        return f"{printed_dose(low['value'], first)} – {printed_dose(high['value'], _unit(high))}"
    if "value" in high:
        return gettext("up to %(amount)s") % {"amount": printed_dose(high["value"], _unit(high))}
    return gettext("%(amount)s or more") % {"amount": printed_dose(low["value"], _unit(low))} if "value" in low else ""


def _ratio(ratio: Any) -> str:
    ends = (ratio.get("numerator"), ratio.get("denominator")) if isinstance(ratio, Mapping) else (None, None)
    texts = [printed_dose(e["value"], _unit(e)) for e in ends if isinstance(e, Mapping) and "value" in e]
    return gettext("%(amount)s in %(time)s") % {"amount": texts[0], "time": texts[1]} if len(texts) == len(ends) else ""


def _most(ratio: Any) -> str:
    text = _ratio(ratio)
    return gettext("at most %(rate)s") % {"rate": text} if text else ""


def _timing(timing: Any) -> Iterator[str]:
    if not isinstance(timing, Mapping):
        return
    repeat = timing.get("repeat") or {}
    yield concept_text(timing.get("code")) or _often(repeat)
    for code in repeat.get("when", ()):
        yield str(_WHEN.get(code, code))
    for code in repeat.get("dayOfWeek", ()):
        yield str(_DAYS.get(code, code))
    if times := [str(time)[:5] for time in repeat.get("timeOfDay", ())]:
        yield gettext("at %(times)s") % {"times": ", ".join(times)}
    for event in timing.get("event", ()):
        yield when_text(event)
    yield period_text(repeat.get("boundsPeriod"))
    lasting = repeat.get("boundsDuration") or {}
    if "value" in lasting:
        yield gettext("for %(time)s") % {"time": _lasting(lasting)}
    if repeat.get("count"):
        yield ngettext("%(count)s time in all", "%(count)s times in all", int(repeat["count"])) % {
            "count": repeat["count"]
        }


def _often(repeat: Mapping[str, Any]) -> str:
    unit, period, frequency = repeat.get("periodUnit"), repeat.get("period"), repeat.get("frequency", 1)
    if unit not in _A or period is None:
        return ""
    most = repeat.get("frequencyMax")
    times = f"{frequency} – {most}" if most else str(frequency)
    if Decimal(str(period)) == 1:
        often = ngettext("once %(unit)s", "%(count)s times %(unit)s", int(most or frequency))
        return often % {"count": times, "unit": str(_A[unit])}
    latest = repeat.get("periodMax")
    every = str(_EVERY[unit]) % {"count": f"{_number(period)} – {_number(latest)}" if latest else _number(period)}
    if times == "1":
        return every
    return gettext("%(count)s times %(every)s") % {"count": times, "every": every}


def _lasting(duration: Mapping[str, Any]) -> str:
    code = str(duration.get("code", ""))
    if code in _FOR:
        return str(_FOR[code]) % {"count": _number(duration["value"])}
    return printed_dose(duration["value"], str(duration.get("unit", "") or code))


def _needed(dosage: Mapping[str, Any]) -> Iterator[str]:
    if reason := concept_text(dosage.get("asNeededCodeableConcept")):
        yield gettext("when needed: %(reason)s") % {"reason": reason}
    elif dosage.get("asNeededBoolean"):
        yield gettext("when needed")


def _unit(quantity: Mapping[str, Any]) -> str:
    code, unit = str(quantity.get("code", "")), str(quantity.get("unit", ""))
    return code if code in _DOSE_UNITS else unit or code


def _number(value: Any) -> str:
    text = f"{Decimal(str(value)).normalize():f}"
    places = len(text.partition(".")[2])
    return number_format(Decimal(text), decimal_pos=places, use_l10n=True, force_grouping=True)
