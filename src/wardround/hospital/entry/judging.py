"""A form as it was typed, judged by the rules of the write path before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from wardround.clinical.catalogue import Limits, Measurement
from wardround.clinical.events import record_findings
from wardround.hospital.charts.usual import Whose
from wardround.hospital.entry.fields import Field, Message, Problem, Use, summary_of
from wardround.hospital.entry.last_values import LastValue, last_of, latest
from wardround.hospital.entry.limits_typed import impossible_limit
from wardround.hospital.entry.observations import Written, observations
from wardround.hospital.entry.sheets import Sheet
from wardround.hospital.entry.typed import NotReadable, Reading, measured_at, read
from wardround.hospital.entry.units_offered import from_standard, range_in, units_of
from wardround.hospital.entry.warnings import message_of
from wardround.hospital.records.access import Patient
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.judgement import Foreseen, foresee
from wardround.hospital.records.lives import Lives
from wardround.hospital.records.models import Fact, StandardValue
from wardround.interchange.fhir.chart_records import record_of
from wardround.web.layout.printed import printed_number

_IMPOSSIBLE_TIMES = frozenset({"future", "before_birth", "after_death"})


@dataclass(frozen=True)
class Judged:
    """A form with what is to be said about it, and what would be stored."""

    fields: tuple[Field, ...]
    at: datetime | None
    time_problem: str
    resources: tuple[dict[str, Any], ...]
    confirmed: Mapping[tuple[int, str], str]  # which resource and path -> the reason

    @property
    def problems(self) -> list[Problem]:
        """What keeps it from being saved, in the order of the form."""
        found = [summary_of(field) for field in self.fields if field.needs_attention]
        if self.time_problem:
            found.insert(0, Problem("measured_time", self.time_problem))
        return found

    @property
    def number_of_values(self) -> int:
        return sum(bool(field.typed.strip()) for field in self.fields)


def judged(
    sheet: Sheet,
    *,
    patient: Patient,
    measurements: Sequence[Measurement],
    typed: Mapping[str, str],
    preferred: Mapping[str, str] | None = None,
) -> Judged:
    """Read and judge what was typed. `preferred`: the units that this person chose last, by catalogue key."""
    now = timezone.now()
    at, time_problem = _time(typed)
    history = latest(patient, keys=[m.key for m in measurements], before=at or now)
    readings: dict[str, Reading] = {}
    messages: dict[str, Message] = {}
    units: dict[str, str] = {}
    for m in measurements:
        units[m.key] = _unit(m, typed=typed, last=last_of(history.get(m.key, ())), preferred=preferred or {})
        try:
            reading = read(m, typed.get(m.key, ""), unit=units[m.key], may_compare=sheet.category == "laboratory")
        except NotReadable as error:
            messages[m.key] = Message("hard", str(error))
            continue
        if reading is not None:
            readings[m.key] = reading
            units[m.key] = reading.unit
            why = impossible_limit(reading)
            if why:
                messages[m.key] = Message("hard", why)
    written = observations(readings, patient_id=patient.id, at=at or now, category=sheet.category)
    foreseen = _foreseen(written, patient=patient)
    for key, reading in readings.items():
        found = foreseen.get(key)
        if found is not None:
            last = last_of(history.get(key, ()))
            message = message_of(found, reading=reading, typed=typed.get(key, ""), last=last, sheet=sheet)
            if message is not None:
                messages[key] = message
    if at is not None and not time_problem:
        time_problem = _impossible_time(written, patient=patient, now=now)
    whose = _whose(patient)
    fields = tuple(
        _field(
            m, typed=typed, unit=units[m.key], history=history.get(m.key, ()), message=messages.get(m.key),
            usual=whose.usual(m, time=at or now),
        )
        for m in measurements
    )  # fmt: skip
    confirmed = {
        written.places[field.name]: field.reason or gettext("Warned at entry, and confirmed: measured again.")
        for field in fields
        if field.is_confirmed and field.name in written.places
    }
    return Judged(fields, at, time_problem, written.resources, confirmed)


def with_focus(form: Judged, *, on: str = "") -> Judged:
    """The same form with the cursor in this box; in the first that needs attention, or else the first of all."""
    wanted = on or next((f.name for f in form.fields if f.needs_attention), "")
    if not wanted and form.fields and not form.time_problem:
        wanted = next((f.name for f in form.fields if not f.typed), form.fields[0].name)
    return replace(form, fields=tuple(replace(f, autofocus=f.name == wanted) for f in form.fields))


def _time(typed: Mapping[str, str]) -> tuple[datetime | None, str]:
    try:
        return measured_at(typed), ""
    except NotReadable as error:
        return None, str(error)


def _unit(m: Measurement, *, typed: Mapping[str, str], last: LastValue | None, preferred: Mapping[str, str]) -> str:
    """As chosen; else as this patient's last value came; else as this person typed it last; else the standard one."""
    offered = units_of(m)
    wishes = (typed.get(f"unit-{m.key}", ""), last.entered_unit if last else "", preferred.get(m.key, ""))
    return next((wish for wish in wishes if wish in offered), offered[0])


def _foreseen(written: Written, *, patient: Patient) -> dict[str, Foreseen]:
    of_resources = foresee(written.resources, patient_id=patient.id, code_map=code_map_of(None))
    by_place = {(n, found.row.path): found for n, of_one in enumerate(of_resources) for found in of_one}
    return {key: by_place[place] for key, place in written.places.items() if place in by_place}


def _impossible_time(written: Written, *, patient: Patient, now: datetime) -> str:
    """In the future, before birth, after death: what the rules would hold as a whole is stopped here."""
    record = record_of(written.resources[0]) if written.resources else None
    if record is None:
        return ""
    lives = Lives()
    lives.look_up([patient.id])
    found = record_findings(record, person=lives.of(patient.id), now=now)
    kind = next((f.kind for f in found if f.held and f.kind in _IMPOSSIBLE_TIMES), "")
    match kind:
        case "future":
            return gettext("The time of measurement lies in the future. Change the day or the time.")
        case "before_birth":
            return gettext("The time of measurement lies before the patient was born. Change the day or the time.")
        case "after_death":
            return gettext("The time of measurement lies after the patient died. Change the day or the time.")
    return ""


def _whose(patient: Patient) -> Whose:
    """Of what age and sex the patient is, from the standard values alone."""
    rows = StandardValue.objects.filter(
        patient_id=patient.id, is_current=True, fact__in=(Fact.GENDER, Fact.BIRTH_YEAR), is_held=False
    )
    facts = {row.fact: row for row in rows}
    birth, sex = facts.get(Fact.BIRTH_YEAR), facts.get(Fact.GENDER)
    year = int(birth.value_number) if birth is not None and birth.value_number is not None else None
    match sex.value_text if sex is not None else "":
        case "male":
            return Whose(birth_year=year, sex="male")
        case "female":
            return Whose(birth_year=year, sex="female")
    return Whose(birth_year=year)


def _field(
    m: Measurement,
    *,
    typed: Mapping[str, str],
    unit: str,
    history: Sequence[LastValue],
    message: Message | None,
    usual: Limits | None,
) -> Field:
    last = last_of(history)
    text = typed.get(m.key, "")
    confirms = message.confirms if message else ""
    is_confirmed = bool(confirms) and typed.get(f"confirm-{m.key}", "") == confirms
    return Field(
        name=m.key,
        label=gettext(m.title),
        typed=text,
        unit=unit,
        units=units_of(m),
        usual=range_in(usual, m, unit=unit),
        last=printed_number(from_standard(last.value, m, unit=unit)) if last else "",
        last_time=date_format(timezone.localtime(last.time), "d-M-Y") if last else "",
        quick=_on_air() if m.key == "oxygen_flow" else None,
        message=message,
        is_confirmed=is_confirmed,
        reason=typed.get(f"reason-{m.key}", "").strip()[:500],
    )


def _on_air() -> Use:
    return Use(gettext("On air"), "", {"oxygen_flow": "0", "unit-oxygen_flow": "L/min"})
