"""Admission, transfer and discharge: an Encounter with the places of the stay, one after the other, as ADT messages make it.

A place is written as HL7 v2 messages write it: contained Locations, the bed part of the ward. What is laid over what is
stored goes by the same rules (interchange/fhir/stays.py), so a stay that a message opened can be ended by hand, and the other
way round.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.death import (
    death_cautions,
    death_of_discharge,
    person_here,
    refuse_impossible,
    time_of_death,
)
from wardround.hospital.entry.fhir_parts import present
from wardround.hospital.entry.places_known import known_places
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.stated_times import is_before
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.entry.stay_correction import overlaps
from wardround.hospital.entry.stay_kinds import ACT_CODE, DIED, KINDS, WAYS_OUT, disposition_of
from wardround.hospital.entry.stay_places import told_place
from wardround.hospital.records.actions.changing import Precondition, Put
from wardround.hospital.records.visits import INSIDE, PRESENT
from wardround.hospital.wards.places import Place, place_of
from wardround.interchange.fhir.stays import stays_of


def open_stays(context: Context) -> list[PresentRecord]:
    """The stays that have begun and not ended, the latest first."""
    stays = [
        record
        for record in context.records("Encounter")
        if record.body.get("status") in (*PRESENT, "onleave") and record.body.get("class", {}).get("code") in INSIDE
    ]
    return sorted(stays, key=_began, reverse=True)


def _place_boxes() -> tuple[Box, ...]:
    return (
        Box("ward", _("Ward"), is_required=True, is_half=True, most=80, suggests=known_places().wards,
            hint=_("One of those known, or a new name.")),
        Box("bed", _("Bed"), is_half=True, most=40),
    )  # fmt: skip


def _admission_boxes(_context: Context) -> tuple[Box, ...]:
    return (
        Box("kind", _("Kind of stay"), "choice", choices=KINDS, start="IMP", is_required=True, is_half=True),
        Box("began", _("Admitted"), "moment", is_required=True),
        *_place_boxes(),
        Box("reason", _("Reason"), hint=_("In words: “chest pain”.")),
    )


def _admission(reading: Reading, context: Context) -> list[Put]:
    kind = reading.choice("kind", missing=gettext("Say what kind of stay it is."))
    began = reading.moment("began", missing=gettext("Say when the patient was admitted."))
    told, contained = _told(reading, since=began)
    body = {
        "resourceType": "Encounter",
        "contained": contained,
        "status": "in-progress",
        "class": {"system": ACT_CODE, "code": kind},
        "subject": context.subject,
        "period": present({"start": began}),
        "reasonCode": [{"text": reason}] if (reason := reading.line("reason")) else [],
        "location": [told],
    }
    return [Put(present(body), activity="create")]


def _admission_cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    for record in open_stays(context):
        said = gettext("A stay is open since %(since)s%(where)s. Should it not be ended, or the patient transferred?")
        where = place_text(record.body)
        yield Caution("began", said % {"since": _shown(_began(record)), "where": f" ({where})" if where else ""})
    open_now = {record.id for record in open_stays(context)}
    yield from overlaps(resources[0], context=context, besides=open_now)
    yield from _bed_is_taken(resources[0], context)


def _bed_is_taken(resource: Mapping[str, Any], context: Context) -> Iterator[Caution]:
    place = place_of(resource)
    if place.bed and known_places().is_taken(place.ward, place.bed, by_another_than=context.patient.id):
        yield Caution("bed", gettext("Another patient is recorded in this bed."), kind="bed_taken")


def _transfer_boxes(context: Context) -> tuple[Box, ...]:
    return (*_stay_box(context), Box("moved", _("Moved"), "moment", is_required=True), *_place_boxes())


def _transfer(reading: Reading, context: Context) -> list[Put]:
    record = _stay(reading, context)
    moved = reading.moment("moved", missing=gettext("Say when the patient moved."))
    told, contained = _told(reading, since=moved)
    if record is None:
        return []
    if moved and _is_before(moved, _here_since(record)):
        reading.refuse("moved", gettext("The patient came to the present place only after this. Change the time."))
    body = dict(record.body)
    kept = {one.get("id") for one in body.get("contained", ())}
    body["contained"] = [*body.get("contained", ()), *(one for one in contained if one["id"] not in kept)]
    body["location"] = stays_of(body.get("location", []), [told], undoes=False)
    return [Put(present(body), only_if=Precondition(version=record.version))]


def _transfer_cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    before = next((r for r in open_stays(context) if r.id == resources[0].get("id")), None)
    if before is not None and place_of(before.body) == place_of(resources[0]):
        yield Caution("ward", gettext("The patient is recorded in this place already."), kind="same_place")
    yield from _bed_is_taken(resources[0], context)


def _discharge_boxes(context: Context) -> tuple[Box, ...]:
    person = person_here(context)
    is_known = person is not None and bool(time_of_death(person.body))
    died = Box("died", _("Time of death"), "moment", hint=_("Only for “Died”. Empty: at the time of the discharge."))
    return (
        *_stay_box(context),
        Box("ended", _("Discharged"), "moment", is_required=True),
        Box("way_out", _("Discharged to"), "choice", choices=WAYS_OUT, is_required=True, is_half=True),
        *(() if is_known else (died,)),
    )


def _discharge(reading: Reading, context: Context) -> list[Put]:
    record = _stay(reading, context)
    ended = reading.moment("ended", missing=gettext("Say when the patient left."))
    way_out = reading.choice("way_out", missing=gettext("Say where the patient went."))
    died = reading.moment("died")
    if record is None:
        return []
    body = dict(record.body)
    if ended and _is_before(ended, _here_since(record)):
        reading.refuse("ended", gettext("The patient came to the present place only after this. Change the time."))
    body["status"] = "finished"
    body["period"] = {**body.get("period", {}), **present({"end": ended})}
    body["location"] = [_left(stay, when=ended) for stay in body.get("location", [])]
    body["hospitalization"] = {**body.get("hospitalization", {}), "dischargeDisposition": disposition_of(way_out)}
    stay = Put(present(body), only_if=Precondition(version=record.version))
    if way_out != DIED:
        if died:
            reading.refuse(
                "died", gettext("A time of death is given. Choose “Died” as the way out, or empty the time.")
            )
        return [stay]
    return [stay, *_death(reading, context, died=died, began=_began(record), ended=ended)]


def _death(reading: Reading, context: Context, *, died: str, began: str, ended: str) -> list[Put]:
    """The death, in the same transaction: at the discharge unless another time is given, and within the stay."""
    if died and is_before(died, began):
        reading.refuse("died", gettext("The death lies before the admission. Change one of the two."))
    if died and ended and is_before(ended, died):
        reading.refuse("died", gettext("The death lies after the discharge. Change one of the two."))
    puts = death_of_discharge(context, died=died or ended)
    for put in puts:
        birth = str(put.resource.get("birthDate", ""))
        box = "died" if died else "ended"
        refuse_impossible(reading, box, died=time_of_death(put.resource), birth=birth, context=context)
    return puts


def _discharge_cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    person = person_here(context)
    for number, resource in enumerate(resources):
        if resource["resourceType"] == "Patient" and person is not None:
            yield from death_cautions(resource, before=person.body, box="way_out", number=number)


def _stay_box(context: Context) -> tuple[Box, ...]:
    """Which stay is meant, where more than one is open."""
    stays = open_stays(context)
    if len(stays) < 2:
        return ()
    choices = tuple((r.id, ", ".join(filter(None, (_shown(_began(r)), place_text(r.body))))) for r in stays)
    return (Box("stay", _("Which stay?"), "choice", choices=choices, start=stays[0].id, is_required=True),)


def _stay(reading: Reading, context: Context) -> PresentRecord | None:
    stays = open_stays(context)
    if not stays:
        reading.refuse("", gettext("No stay is open. Admit the patient first."))
        return None
    if len(stays) == 1:
        return stays[0]
    chosen = reading.choice("stay", missing=gettext("Say which stay is meant."))
    return next((record for record in stays if record.id == chosen), None)


def _told(reading: Reading, *, since: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    ward = reading.line("ward", missing=gettext("Say which ward it is."))
    return told_place(Place(ward=ward, bed=reading.line("bed")), since=since)


def _left(stay: Mapping[str, Any], *, when: str) -> dict[str, Any]:
    if stay.get("status", "active") != "active":
        return dict(stay)
    return {**stay, "status": "completed", "period": {**stay.get("period", {}), **present({"end": when})}}


def place_text(body: Mapping[str, Any]) -> str:
    """Ward and bed of a stay, in a line."""
    place = place_of(body)
    return ", ".join(filter(None, (place.ward, place.room, place.bed)))


def _began(record: PresentRecord) -> str:
    return str(record.body.get("period", {}).get("start", ""))


def _here_since(record: PresentRecord) -> str:
    """When the patient came to where they are now; else when the stay began."""
    here = [stay for stay in record.body.get("location", ()) if stay.get("status", "active") == "active"]
    starts = [str(stay["period"]["start"]) for stay in here if stay.get("period", {}).get("start")]
    return max([*starts, _began(record)], key=lambda text: _moment(text) or _LONG_AGO)


def _is_before(one: str, other: str) -> bool:
    a, b = _moment(one), _moment(other)
    return a is not None and b is not None and a < b


def _moment(text: str) -> datetime | None:
    found = parse_datetime(text if "T" in text else f"{text}T00:00:00") if len(text) >= 10 else None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


_LONG_AGO = timezone.make_aware(datetime(1, 1, 2))  # noqa: DTZ001 - made aware on this line


def _shown(text: str) -> str:
    moment = _moment(text)
    return date_format(timezone.localtime(moment), "d-M-Y H:i") if moment is not None else text


ADMISSION = StatementForm(
    name="admit",
    type="Encounter",
    title=_("Admit the patient"),
    save_title=_("Admit"),
    boxes=_admission_boxes,
    written=_admission,
    places={"period": "began", "class": "kind", "location": "ward"},
    list_route="chart-encounters",
    cautions=_admission_cautions,
)
TRANSFER = StatementForm(
    name="transfer",
    type="Encounter",
    title=_("Transfer to another ward or bed"),
    save_title=_("Transfer"),
    boxes=_transfer_boxes,
    written=_transfer,
    places={"location": "moved", "period": "moved"},
    list_route="chart-encounters",
    cautions=_transfer_cautions,
)
DISCHARGE = StatementForm(
    name="discharge",
    type="Encounter",
    title=_("Discharge the patient"),
    save_title=_("Discharge"),
    boxes=_discharge_boxes,
    written=_discharge,
    places={"period": "ended", "location": "ended"},
    list_route="chart-encounters",
    cautions=_discharge_cautions,
)
