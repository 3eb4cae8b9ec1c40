"""Admission, transfer and discharge: an Encounter with the places of the stay, one after the other, as ADT messages make it.

A place is written as HL7 v2 messages write it: contained Locations, the bed part of the ward. What is laid over what is
stored goes by the same rules (interchange/fhir/stays.py), so a stay that a message opened can be ended by hand, and the other
way round.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import present
from wardround.hospital.entry.places_known import known_places
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.records.actions.changing import Precondition, Put
from wardround.hospital.wards.places import PRESENT, place_of
from wardround.interchange.fhir.stays import stays_of

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
_CLASSES = (
    ("IMP", _("Inpatient")),
    ("EMER", _("Emergency")),
    ("OBSENC", _("Observation")),
    ("SS", _("Day case")),
)
_INSIDE = frozenset({"IMP", "ACUTE", "NONAC", "EMER", "SS", "OBSENC"})
# FHIR R4, value set encounter-discharge-disposition.
_WAYS_OUT = (
    ("", "–"),
    ("home", _("Home")),
    ("alt-home", _("Another home, with care")),
    ("hosp", _("Hospice")),
    ("long", _("Long-term care")),
    ("snf", _("Skilled nursing facility")),
    ("rehab", _("Rehabilitation")),
    ("psy", _("Psychiatric hospital")),
    ("other-hcf", _("Another hospital")),
    ("aadvice", _("Left against advice")),
    ("exp", _("Died")),
    ("oth", _("Other")),
)


def open_stays(context: Context) -> list[PresentRecord]:
    """The stays that have begun and not ended, the latest first."""
    stays = [
        record
        for record in context.records("Encounter")
        if record.body.get("status") in (*PRESENT, "onleave") and record.body.get("class", {}).get("code") in _INSIDE
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
        Box("kind", _("Kind of stay"), "choice", choices=_CLASSES, start="IMP", is_required=True, is_half=True),
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
        "class": {"system": _ACT_CODE, "code": kind},
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
    return (
        *_stay_box(context),
        Box("ended", _("Discharged"), "moment", is_required=True),
        Box("way_out", _("Discharged to"), "choice", choices=_WAYS_OUT, is_required=True, is_half=True),
    )


def _discharge(reading: Reading, context: Context) -> list[Put]:
    record = _stay(reading, context)
    ended = reading.moment("ended", missing=gettext("Say when the patient left."))
    way_out = reading.choice("way_out", missing=gettext("Say where the patient went."))
    if record is None:
        return []
    body = dict(record.body)
    if ended and _is_before(ended, _here_since(record)):
        reading.refuse("ended", gettext("The patient came to the present place only after this. Change the time."))
    body["status"] = "finished"
    body["period"] = {**body.get("period", {}), **present({"end": ended})}
    body["location"] = [_left(stay, when=ended) for stay in body.get("location", [])]
    disposition = {"coding": [{"system": _DISPOSITION, "code": way_out}], "text": str(dict(_WAYS_OUT).get(way_out, ""))}
    body["hospitalization"] = {**body.get("hospitalization", {}), "dischargeDisposition": disposition}
    return [Put(present(body), only_if=Precondition(version=record.version))]


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
    """The place as an element of Encounter.location, and the Locations that it contains."""
    ward = reading.line("ward", missing=gettext("Say which ward it is."))
    bed = reading.line("bed")
    places = [_place(ward, kind="wa")]
    if bed:
        places.insert(0, {**_place(bed, kind="bd", within=ward), "partOf": {"reference": f"#{places[0]['id']}"}})
    shown = f"{ward}, {bed}" if bed else ward
    reference = {"reference": f"#{places[0]['id']}", "display": shown}
    return {"location": reference, "status": "active", "period": present({"start": since})}, places


def _place(name: str, *, kind: str, within: str = "") -> dict[str, Any]:
    known = sha256(f"{kind}|{within}|{name}".encode()).hexdigest()[:12]
    typed = {"coding": [{"system": _PHYSICAL, "code": kind}]}
    return {
        "resourceType": "Location",
        "id": f"location-{known}",
        "name": name,
        "mode": "instance",
        "physicalType": typed,
    }


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
)
