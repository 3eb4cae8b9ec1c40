"""The form that corrects a measured value: each number of an Observation in the unit that was entered, and its time."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.clinical.catalogue import Coding, Measurement, load_catalogue
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import words_of_concept
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.entry.typed import NotReadable, decimal_sign, read
from wardround.hospital.entry.units_offered import units_of
from wardround.hospital.records.actions.changing import Put
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.judgement import Foreseen, foresee
from wardround.hospital.records.value_paths import with_quantity
from wardround.interchange.fhir.json import Number
from wardround.interchange.fhir.values import Observed, observed_values
from wardround.web.layout.printed import printed_unit
from wardround.web.layout.said import said

_UCUM = "http://unitsofmeasure.org"


def value_form(record: PresentRecord) -> StatementForm | None:
    """The form for this Observation; None where it holds no number that can be typed again."""
    numbers = [one for one in observed_values(record.body) if isinstance(one.value, Decimal) and "Quantity" in one.path]
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


def measured(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an Observation measures, by the catalogue's title where the catalogue knows its code."""
    concept = dict(body.get("code") or {})
    for coding in concept.get("coding", ()):
        known = load_catalogue().by_coding(Coding(str(coding.get("system", "")), str(coding.get("code", ""))))
        if known is not None:
            return {"text": gettext(known.title)}
    return concept


def _boxes(record: PresentRecord, numbers: Sequence[Observed], _context: Context) -> tuple[Box, ...]:
    boxes = []
    for at, one in enumerate(numbers):
        measurement = _measurement(one)
        label = gettext(measurement.title) if measurement else _label(record.body, one)
        units = dict.fromkeys([one.unit or "1", *(units_of(measurement) if measurement else ())])
        choices = tuple((unit, printed_unit(unit) or "–") for unit in units)
        boxes.append(Box(f"value{at}", label, is_required=True, is_half=True, most=30))
        boxes.append(Box(f"unit{at}", _("Unit"), "choice", choices=choices, is_required=True, is_half=True))
    if "effectivePeriod" not in record.body:
        boxes.append(Box("taken", _("Taken"), "moment", is_required=True))
    return tuple(boxes)


def _written(record: PresentRecord, numbers: Sequence[Observed], reading: Reading, _context: Context) -> list[Put]:
    body = dict(record.body)
    for at, one in enumerate(numbers):
        text = reading.line(f"value{at}", missing=gettext("Write the value. What was never measured is an error."))
        unit = reading.choice(f"unit{at}", missing=gettext("Choose the unit."))
        number = _number(reading, f"value{at}", text=text, unit=unit, measurement=_measurement(one))
        if number is None or (str(number) == str(one.value) and unit == (one.unit or "1")):
            continue
        shown = printed_unit(unit) or unit
        quantity = {"value": number, "unit": shown, "system": _UCUM, "code": unit}
        body = with_quantity(body, path=one.path, quantity=quantity)
    taken = reading.moment("taken", missing="" if "effectivePeriod" in body else gettext("Say when it was measured."))
    if taken and _minute(taken) != _minute(str(record.body.get("effectiveDateTime", ""))):
        body.pop("effectiveInstant", None)
        body["effectiveDateTime"] = taken
    return [Put(body)]


def _cautions(
    record: PresentRecord, numbers: Sequence[Observed], resources: Sequence[dict[str, Any]], context: Context
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


def _number(reading: Reading, name: str, *, text: str, unit: str, measurement: Measurement | None) -> Number | None:
    if not text or not unit:
        return None
    if measurement is not None:
        try:
            typed = read(measurement, text, unit=unit)
        except NotReadable as error:
            reading.refuse(name, str(error))
            return None
        return typed.number if typed is not None else None
    return reading.number(name)


def _typed_of(numbers: Sequence[Observed], body: Mapping[str, Any]) -> dict[str, str]:
    typed: dict[str, str] = {}
    present = {one.path: one for one in observed_values(dict(body))}
    for at, one in enumerate(numbers):
        now = present.get(one.path, one)
        text = str(getattr(now.value, "text", now.value))
        typed |= {f"value{at}": text.replace(".", ",") if decimal_sign() == "comma" else text}
        typed |= {f"unit{at}": now.unit or "1"}
    moment = parse_datetime(str(body.get("effectiveDateTime") or body.get("effectiveInstant") or ""))
    if moment is not None:
        local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        typed |= {"taken_date": f"{local:%Y-%m-%d}", "taken_time": f"{local:%H:%M}"}
    elif body.get("effectiveDateTime"):
        typed["taken_date"] = str(body["effectiveDateTime"])
    return typed


def _measurement(observed: Observed) -> Measurement | None:
    catalogue = load_catalogue()
    found = (catalogue.by_coding(coding) for coding in observed.codings)
    return next((measurement for measurement in found if measurement is not None), None)


def _label(body: Mapping[str, Any], observed: Observed) -> str:
    shown = next((coding.display or coding.code for coding in observed.codings), "")
    return shown or words_of_concept(body.get("code")) or gettext("Value")


def _minute(text: str) -> str:
    moment = parse_datetime(text)
    if moment is None:
        return text
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if timezone.is_aware(moment) else text[:16]
