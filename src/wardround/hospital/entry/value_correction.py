"""The form that corrects a measured value: each number of an Observation in the unit that was entered, and its time.

What lies below or above what is measured keeps its sign ("< 0.01"); it can become a number, and a result of a laboratory the
other way round.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.clinical.catalogue import Coding, Measurement, load_catalogue
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import code_in, words_of_concept
from wardround.hospital.entry.limits_typed import impossible_limit
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.sheets import laboratory_tests
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.entry.typed import NotReadable, comparison, decimal_sign, read
from wardround.hospital.entry.units_offered import units_of
from wardround.hospital.records.actions.changing import Put
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.judgement import Foreseen, foresee
from wardround.hospital.records.value_paths import with_quantity
from wardround.interchange.fhir.json import Number
from wardround.interchange.fhir.limit_values import limit_values
from wardround.interchange.fhir.values import Observed, observed_values
from wardround.web.layout.printed import printed_unit
from wardround.web.layout.said import said

_COMPONENT = re.compile(r"component\[(\d+)\]")
_UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Quantified:
    """One number of an Observation. `comparator`: the sign of one that is only a limit; `may_compare`: may it have one?"""

    observed: Observed
    comparator: str
    may_compare: bool

    @property
    def path(self) -> str:
        return self.observed.path

    @property
    def unit(self) -> str:
        return self.observed.unit or "1"

    @property
    def measurement(self) -> Measurement | None:
        catalogue = load_catalogue()
        found = (catalogue.by_coding(coding) for coding in self.observed.codings)
        return next((measurement for measurement in found if measurement is not None), None)


def value_form(record: PresentRecord) -> StatementForm | None:
    """The form for this Observation; None where it holds no number that can be typed again."""
    numbers = quantified(record.body)
    if not numbers:
        return None
    return StatementForm(
        name="value",
        type="Observation",
        title=_("Correct a value"),
        save_title=_("Save the correction"),
        boxes=partial(_boxes, record, numbers),
        written=partial(_written, record, numbers),
        places={"effective": "taken"},
        cautions=partial(_cautions, record, numbers),
        typed_of=partial(_typed_of, numbers),
    )


def quantified(body: Mapping[str, Any]) -> list[Quantified]:
    """The numbers of an Observation, its own before its components'."""
    exact = [(one, "") for one in observed_values(dict(body)) if isinstance(one.value, Decimal)]
    limits = [(one.observed, one.comparator) for one in limit_values(body)]
    found = [(one, sign) for one, sign in [*exact, *limits] if "Quantity" in one.path]
    found.sort(key=lambda pair: _place(pair[0].path))
    is_of_sample = "laboratory" in {code_in(category) for category in body.get("category", ())}
    return [Quantified(one, sign, bool(sign) or is_of_sample or _is_of_laboratory(one)) for one, sign in found]


def measured(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an Observation measures, by the catalogue's title where the catalogue knows its code."""
    concept = dict(body.get("code") or {})
    for coding in concept.get("coding", ()):
        known = load_catalogue().by_coding(Coding(str(coding.get("system", "")), str(coding.get("code", ""))))
        if known is not None:
            return {"text": gettext(known.title)}
    return concept


def _boxes(record: PresentRecord, numbers: Sequence[Quantified], _context: Context) -> tuple[Box, ...]:
    boxes = []
    for at, one in enumerate(numbers):
        measurement = one.measurement
        label = gettext(measurement.title) if measurement else _label(record.body, one.observed)
        units = dict.fromkeys([one.unit, *(units_of(measurement) if measurement else ())])
        choices = tuple((unit, printed_unit(unit) or "–") for unit in units)
        hint = _("“< 0.01” where it lies below what is measured.") if one.may_compare else ""
        boxes.append(Box(f"value{at}", label, is_required=True, is_half=True, most=30, hint=hint))
        boxes.append(Box(f"unit{at}", _("Unit"), "choice", choices=choices, is_required=True, is_half=True))
    if "effectivePeriod" not in record.body:
        boxes.append(Box("taken", _("Taken"), "moment", is_required=True))
    return tuple(boxes)


def _written(record: PresentRecord, numbers: Sequence[Quantified], reading: Reading, _context: Context) -> list[Put]:
    body = dict(record.body)
    for at, one in enumerate(numbers):
        text = reading.line(f"value{at}", missing=gettext("Write the value. What was never measured is an error."))
        unit = reading.choice(f"unit{at}", missing=gettext("Choose the unit."))
        found = _number(reading, f"value{at}", text=text, unit=unit, of=one)
        if found is None:
            continue
        comparator, number = found
        if (comparator, str(number), unit) == (one.comparator, str(one.observed.value), one.unit):
            continue
        sign = {"comparator": comparator} if comparator else {}
        quantity = {"value": number, **sign, "unit": printed_unit(unit) or unit, "system": _UCUM, "code": unit}
        body = with_quantity(body, path=one.path, quantity=quantity)
    taken = reading.moment("taken", missing="" if "effectivePeriod" in body else gettext("Say when it was measured."))
    if taken and _minute(taken) != _minute(str(record.body.get("effectiveDateTime", ""))):
        body.pop("effectiveInstant", None)
        body["effectiveDateTime"] = taken
    return [Put(body)]


def _cautions(
    record: PresentRecord, numbers: Sequence[Quantified], resources: Sequence[dict[str, Any]], context: Context
) -> Iterator[Caution]:
    foreseen = foreseen_values(record, resources[0], patient_id=context.patient.id)
    for at, one in enumerate(numbers):
        found = foreseen.get(one.path)
        if found is not None and found.finding is not None and (found.finding.held or not found.finding.is_possible):
            kind = "impossible" if not found.finding.is_possible else found.finding.kind
            yield Caution(f"value{at}", said(found.finding.sentence), 0, kind, path=one.path)


def foreseen_values(record: PresentRecord, body: Mapping[str, Any], *, patient_id: str) -> dict[str, Foreseen]:
    """What the write path would say of each value, by its path."""
    [found] = foresee([body], patient_id=patient_id, code_map=code_map_of(None), replaced=[record.row])
    return {one.row.path: one for one in found}


def _number(reading: Reading, name: str, *, text: str, unit: str, of: Quantified) -> tuple[str, Number] | None:
    """The sign of a limit, and the number."""
    if not text or not unit:
        return None
    if of.measurement is None:
        comparator, rest = comparison(text) if of.may_compare else ("", text)
        number = reading.number(name, text=rest or text)
        return None if number is None else (comparator, number)
    try:
        typed = read(of.measurement, text, unit=unit, may_compare=of.may_compare)
    except NotReadable as error:
        reading.refuse(name, str(error))
        return None
    if typed is None:
        return None
    why = impossible_limit(typed)
    if why:
        reading.refuse(name, why)
    return typed.comparator, typed.number


def _typed_of(numbers: Sequence[Quantified], body: Mapping[str, Any]) -> dict[str, str]:
    typed: dict[str, str] = {}
    present = {one.path: one for one in quantified(body)}
    for at, one in enumerate(numbers):
        now = present.get(one.path, one)
        text = str(getattr(now.observed.value, "text", now.observed.value))
        text = text.replace(".", ",") if decimal_sign() == "comma" else text
        typed |= {f"value{at}": f"{now.comparator} {text}".strip(), f"unit{at}": now.unit}
    moment = parse_datetime(str(body.get("effectiveDateTime") or body.get("effectiveInstant") or ""))
    if moment is not None:
        local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        typed |= {"taken_date": f"{local:%Y-%m-%d}", "taken_time": f"{local:%H:%M}"}
    elif body.get("effectiveDateTime"):
        typed["taken_date"] = str(body["effectiveDateTime"])
    return typed


def _is_of_laboratory(observed: Observed) -> bool:
    tests = {test.key for test in laboratory_tests()}
    found = (load_catalogue().by_coding(coding) for coding in observed.codings)
    return any(measurement is not None and measurement.key in tests for measurement in found)


def _place(path: str) -> int:
    """The Observation's own value first, then its components in their order."""
    number = _COMPONENT.search(path)
    return int(number[1]) if number else -1


def _label(body: Mapping[str, Any], observed: Observed) -> str:
    shown = next((coding.display or coding.code for coding in observed.codings), "")
    return shown or words_of_concept(body.get("code")) or gettext("Value")


def _minute(text: str) -> str:
    moment = parse_datetime(text)
    if moment is None:
        return text
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if timezone.is_aware(moment) else text[:16]
