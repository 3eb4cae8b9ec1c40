"""The form that corrects a stay: its kind, when it began and ended, each ward and bed, and how the patient left.

What stood at the same time moves along: the first place begins with the stay, and a place ends where the next begins.
"""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.charts.fhir_text import period_text
from wardround.hospital.charts.stays import CLASSES
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.death import death_cautions, death_of_discharge, is_dead, person_here, refuse_impossible
from wardround.hospital.entry.fhir_parts import code_in, words_of_concept
from wardround.hospital.entry.places_known import known_places
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.stated_times import are_in_order, is_before, read_time, time_box, typed_time
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.entry.stay_kinds import ACT_CODE, DIED, KINDS, WAYS_OUT, disposition_of
from wardround.hospital.entry.stay_places import places_in, with_locations, written_place
from wardround.hospital.records.actions.changing import Put
from wardround.hospital.records.visits import INSIDE
from wardround.hospital.wards.places import Place

_NEVER_WAS = frozenset({"planned", "cancelled", "entered-in-error"})
_PARTS = ("ward", "room", "bed")


def stay_form(record: PresentRecord) -> StatementForm:
    """The form for this Encounter."""
    return StatementForm(
        name="stay",
        type="Encounter",
        title=_("Correct a stay"),
        save_title=_("Save the correction"),
        boxes=lambda _context: _boxes(record.body),
        written=partial(_written, record),
        places={"period.end": "ended", "period": "began", "class": "kind", "location": "ward0"},
        list_route="chart-encounters",
        cautions=partial(_cautions, record),
        typed_of=_typed_of,
    )


def stay_title(body: Mapping[str, Any]) -> str:
    """ "Inpatient", or what kind of visit it is called."""
    named = next((words for each in body.get("type", ()) if (words := words_of_concept(each))), "")
    return named or str(CLASSES.get(_kind(body), "")) or gettext("Visit")


def _boxes(body: Mapping[str, Any]) -> tuple[Box, ...]:
    kinds = dict(KINDS)
    others = {code: words for code, words in CLASSES.items() if code in ("AMB", _kind(body)) and code not in kinds}
    period = body.get("period") or {}
    return (
        Box("kind", _("Kind of stay"), "choice", choices=(*KINDS, *others.items()), is_required=True, is_half=True),
        time_box("began", _("Admitted"), stands=str(period.get("start", "")), is_required=True),
        *_place_boxes(body),
        *_end_boxes(body, ended=str(period.get("end", ""))),
    )


def _place_boxes(body: Mapping[str, Any]) -> Iterator[Box]:
    places, wards = places_in(body), known_places().wards
    for at, place in enumerate(places):
        moved = _("Came to place %(number)s") % {"number": at + 1}
        if at:
            yield time_box(f"since{at}", moved, stands=_times(body["location"][at]).get("start", ""))
        number = f" ({at + 1})" if len(places) > 1 else ""
        yield Box(f"ward{at}", f"{gettext('Ward')}{number}", is_required=True, is_half=True, most=80, suggests=wards)
        if place.room:
            yield Box(f"room{at}", f"{gettext('Room')}{number}", is_half=True, most=40)
        yield Box(f"bed{at}", f"{gettext('Bed')}{number}", is_half=True, most=40)


def _end_boxes(body: Mapping[str, Any], *, ended: str) -> Iterator[Box]:
    """A stay that goes on is ended by a discharge, not by a correction."""
    if not _is_over(body):
        return
    yield time_box(
        "ended", _("Discharged"), stands=ended, hint=_("Empty: the patient never left, and the stay goes on.")
    )
    stood = _way_out(body)
    other = ((stood, words_of_concept(_disposition(body)) or stood),) if stood and stood not in dict(WAYS_OUT) else ()
    yield Box("way_out", _("Discharged to"), "choice", choices=(*WAYS_OUT, *other), is_half=True)


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    period = body.get("period") or {}
    typed = {"kind": _kind(body), "way_out": _way_out(body)}
    typed |= typed_time("began", str(period.get("start", "")))
    typed |= typed_time("ended", str(period.get("end", "")))
    for at, place in enumerate(places_in(body)):
        typed |= {f"{part}{at}": getattr(place, part) for part in _PARTS}
        typed |= typed_time(f"since{at}", _times(body["location"][at]).get("start", ""))
    return typed


def _written(record: PresentRecord, reading: Reading, context: Context) -> list[Put]:
    body = copy.deepcopy(record.body)
    kind = reading.choice("kind", missing=gettext("Say what kind of stay it is."))
    if reading.is_changed("kind"):
        body["class"] = {"system": ACT_CODE, "code": kind}
    _write_begin(body, reading)
    body = _with_places(body, reading)
    died = _write_end(body, reading)
    puts = [Put(body)]
    if died:
        puts += death_of_discharge(context, died=str(_times(body).get("end", "")))
    for put in puts[1:]:
        birth = str(put.resource.get("birthDate", ""))
        refuse_impossible(reading, "ended", died=put.resource["deceasedDateTime"], birth=birth, context=context)
    _refuse_disorder(body, reading)
    return puts


def _write_begin(body: dict[str, Any], reading: Reading) -> None:
    stood = str(_times(body).get("start", ""))
    began = read_time(
        reading, time_box("began", "", stands=stood), missing=gettext("Say when the patient was admitted.")
    )
    if not reading.is_changed("began"):
        return
    _set_time(body, "start", began)
    for place in body.get("location", ())[:1]:
        if stood and _times(place).get("start") == stood:
            _set_time(place, "start", began)


def _with_places(body: dict[str, Any], reading: Reading) -> dict[str, Any]:
    written: list[dict[str, Any]] = []
    for at, place in enumerate(body.get("location", ())):
        stood = _times(place).get("start", "")
        if at:
            since = read_time(reading, time_box(f"since{at}", "", stands=stood))
            if reading.is_changed(f"since{at}"):
                _set_time(place, "start", since)
                if stood and _times(body["location"][at - 1]).get("end") == stood:
                    _set_time(body["location"][at - 1], "end", since)
        ward = reading.line(f"ward{at}", missing=gettext("Say which ward it is."))
        typed = Place(ward=ward, room=reading.line(f"room{at}"), bed=reading.line(f"bed{at}"))
        if reading.is_changed(*(f"{part}{at}" for part in _PARTS)) and ward:
            place["location"], locations = written_place(typed)
            written += locations
    return with_locations(body, written) if written else body


def _write_end(body: dict[str, Any], reading: Reading) -> bool:
    """Write the end; is a death said that was not said before?"""
    if not _is_over(body):
        return False
    stood = str(_times(body).get("end", ""))
    ended = read_time(reading, time_box("ended", "", stands=stood))
    way_out = reading.choice("way_out")
    if stood and not ended and reading.is_changed("ended"):
        _reopen(body, ended=stood)
        return False
    if reading.is_changed("ended"):
        _set_time(body, "end", ended)
        for place in body.get("location", ()):
            if stood and _times(place).get("end") == stood:
                _set_time(place, "end", ended)
    if reading.is_changed("way_out"):
        _keep_of_hospitalization(body, besides=("dischargeDisposition",))
        if way_out:
            left = body.get("hospitalization") or {}
            body["hospitalization"] = {**left, "dischargeDisposition": disposition_of(way_out)}
    return way_out == DIED and reading.is_changed("way_out")


def _reopen(body: dict[str, Any], *, ended: str) -> None:
    """As it was before a discharge that never was; a message that cancels one (HL7 v2, A13) does the same."""
    body["status"] = "in-progress"
    _set_time(body, "end", "")
    _keep_of_hospitalization(body, besides=("dischargeDisposition", "destination"))
    for place in body.get("location", ())[-1:]:
        if _times(place).get("end") in (None, ended):
            place["status"] = "active"
            _set_time(place, "end", "")


def _keep_of_hospitalization(body: dict[str, Any], *, besides: Collection[str]) -> None:
    kept = {name: part for name, part in (body.get("hospitalization") or {}).items() if name not in besides}
    if kept:
        body["hospitalization"] = kept
    else:
        body.pop("hospitalization", None)


def _refuse_disorder(body: Mapping[str, Any], reading: Reading) -> None:
    period, places = _times(body), body.get("location", ())
    if not are_in_order([str(period.get("start", "")), str(period.get("end", ""))]):
        reading.refuse("ended", gettext("The end lies before the start. Change one of the two."))
    reached = str(period.get("start", ""))
    for at, place in enumerate(places):
        since = str(_times(place).get("start", ""))
        ends = [str(period.get("end", ""))] if since else []
        if at and not are_in_order([reached, since, *ends]):
            reading.refuse(
                f"since{at}",
                gettext("The patient came here before the place before, or after the end. Change one of the times."),
            )
        reached = since or reached


def _cautions(record: PresentRecord, resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    body, before = resources[0], record.body
    if _is_over(before) and not _is_over(body):
        yield Caution("ended", gettext("This takes back the discharge: the patient is here again."), kind="reopened")
        yield from _taken_bed(body, context=context)
    if _way_out(before) == DIED and _way_out(body) != DIED and _death_stands(context):
        sentence = gettext("The death stays recorded. If it is not true, correct it with the personal details too.")
        yield Caution("way_out", sentence, kind="death_stands")
    if (_times(body), _kind(body)) != (_times(before), _kind(before)):
        yield from overlaps(body, context=context)
    person = person_here(context)
    for number, resource in enumerate(resources):
        if resource["resourceType"] == "Patient" and person is not None:
            yield from death_cautions(resource, before=person.body, box="way_out", number=number)


def overlaps(body: Mapping[str, Any], *, context: Context, besides: Collection[str] = ()) -> Iterator[Caution]:
    """Nobody lies in two places: other stays of this patient at the same time, `besides` those of which is told already."""
    if _kind(body) not in INSIDE:
        return
    for other in context.records("Encounter"):
        if (
            other.id in (body.get("id"), *besides)
            or other.body.get("status") in _NEVER_WAS
            or _kind(other.body) not in INSIDE
        ):
            continue
        if not _meet(_times(body), _times(other.body)):
            continue
        place = next((p.ward for p in places_in(other.body) if p.ward), "")
        what = ", ".join(filter(None, (stay_title(other.body), place, period_text(_times(other.body)))))
        sentence = gettext("Another stay is recorded for the same time: %(what)s. Is one of the times wrong?")
        yield Caution("began", sentence % {"what": what}, kind="overlap")


def _taken_bed(body: Mapping[str, Any], *, context: Context) -> Iterator[Caution]:
    for at, place in list(enumerate(places_in(body)))[-1:]:
        if place.bed and known_places().is_taken(place.ward, place.bed, by_another_than=context.patient.id):
            yield Caution(f"bed{at}", gettext("Another patient is recorded in this bed."), kind="bed_taken")


def _meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Have two periods a time in common? One that ends when the other begins is no overlap."""
    starts = [str(period.get("start", "")) for period in (one, other)]
    ends = [str(period.get("end", "")) for period in (one, other)]
    if not all(starts):
        return False
    return not any(ends[a] and (ends[a] == starts[b] or is_before(ends[a], starts[b])) for a, b in ((0, 1), (1, 0)))


def _death_stands(context: Context) -> bool:
    person = person_here(context)
    return person is not None and is_dead(person.body)


def _is_over(body: Mapping[str, Any]) -> bool:
    return body.get("status") == "finished"


def _kind(body: Mapping[str, Any]) -> str:
    return str((body.get("class") or {}).get("code", ""))


def _disposition(body: Mapping[str, Any]) -> Any:
    return (body.get("hospitalization") or {}).get("dischargeDisposition")


def _way_out(body: Mapping[str, Any]) -> str:
    return code_in(_disposition(body))


def _times(holder: Mapping[str, Any]) -> dict[str, Any]:
    return dict(holder.get("period") or {})


def _set_time(holder: dict[str, Any], name: str, time: str) -> None:
    period = {**_times(holder), name: time}
    period = {key: value for key, value in period.items() if value}
    if period:
        holder["period"] = period
    else:
        holder.pop("period", None)
