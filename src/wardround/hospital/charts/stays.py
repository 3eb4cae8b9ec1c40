"""Stays and visits: when somebody was admitted, to which ward and bed, moved where, and discharged; and where they are now."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import concept_text, first_code, joined, names_of, period_text, start_of
from wardround.hospital.charts.opened import Record, outside
from wardround.hospital.charts.statement import Statement, Tag
from wardround.hospital.records.models import TokenIndex
from wardround.hospital.records.visits import INSIDE, PRESENT
from wardround.web.layout.dates import when_text

_HERE = (*PRESENT, "onleave")
_DEEPEST = 6  # a bed in a room in a ward in a wing in a building in a site
CLASSES = {
    "IMP": gettext_lazy("Inpatient"),
    "ACUTE": gettext_lazy("Inpatient, acute"),
    "NONAC": gettext_lazy("Inpatient, not acute"),
    "AMB": gettext_lazy("Outpatient"),
    "EMER": gettext_lazy("Emergency"),
    "SS": gettext_lazy("Short stay"),
    "OBSENC": gettext_lazy("Observation"),
    "HH": gettext_lazy("At home"),
    "VR": gettext_lazy("Virtual"),
}
_STATES = {
    "planned": gettext_lazy("Planned"),
    "arrived": gettext_lazy("Arrived"),
    "triaged": gettext_lazy("Triaged"),
    "in-progress": gettext_lazy("Here now"),
    "onleave": gettext_lazy("On leave"),
    "cancelled": gettext_lazy("Cancelled"),
}


def present_stays() -> Q:
    """A condition on versions: stays that have begun and not ended."""
    rows = TokenIndex.objects.filter(type="Encounter", parameter="status", code__in=_HERE)
    return Q(resource__type="Encounter", resource__in=rows.values("resource"))


def admitted_among(patient_ids: Sequence[str]) -> set[str]:
    """Those of these patients who are in the hospital now; one question."""
    here = TokenIndex.objects.filter(type="Encounter", parameter="status", code__in=_HERE)
    rows = TokenIndex.objects.filter(
        type="Encounter", parameter="class", code__in=INSIDE, resource__in=here.values("resource")
    )
    rows = rows.filter(resource__patient_id__in=patient_ids, resource__is_deleted=False)
    return set(rows.values_list("resource__patient_id", flat=True))


def stay_now(records: Sequence[Record]) -> Record | None:
    """The stay of whoever is in the hospital now; a visit of an outpatient is none."""
    visits = (r for r in records if r.type == "Encounter" and r.body.get("status") in _HERE)
    stays = [visit for visit in visits if (visit.body.get("class") or {}).get("code") in INSIDE]
    return max(stays, key=lambda record: start_of(record.body, "period"), default=None)


def place_now(stay: Record) -> str:
    """The ward and bed of this stay now; empty where no place is recorded."""
    places = [place for place in stay.body.get("location", ()) if isinstance(place, Mapping)]
    present = [place for place in places if place.get("status", "active") == "active" and not _ended(place)]
    if not present:
        return ""
    names = {**names_of_places([stay]), **_contained(stay.body)}
    return place_text(present[-1].get("location"), names=names)


def stay(record: Record, *, names: Mapping[str, str]) -> Statement | None:
    """One line of the list: what it was, from when to when, each place, and how it ended."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    kind = kind_text(body)
    title = ", ".join(filter(None, (concept_text(each) for each in body.get("type", ()))))
    reasons = ", ".join(filter(None, (concept_text(reason) for reason in body.get("reasonCode", ()))))
    people = names_of([one.get("individual") for one in body.get("participant", ()) if isinstance(one, dict)])
    hospitalization = body.get("hospitalization", {})
    way_out = concept_text(hospitalization.get("dischargeDisposition"))
    title = title or kind or gettext("Visit")
    details = joined((kind if title != kind else "", period_text(body.get("period")), reasons, people))
    places = moves(body, names=names)
    return Statement(
        type=record.type,
        id=record.id,
        title=title,
        sorted_by=start_of(body, "period"),
        details=details,
        tags=(Tag(str(_STATES[state]), "low" if state in _HERE else "plain"),) if state in _STATES else (),
        notes=(*places, *((gettext("Discharged: %(how)s") % {"how": way_out},) if way_out else ())),
        is_past=state in {"finished", "cancelled"},
        compared=joined((title, details, *places)),
    )


def went_on(before: Record, now: Record) -> bool:
    """Does the later version only tell how the stay went on: another place, or its end?"""
    old, new = before.body, now.body
    for name in ("class", "type", "reasonCode"):
        if old.get(name) != new.get(name):
            return False
    places = new.get("location", ())[: len(old.get("location", ()))]
    return (
        len(places) == len(old.get("location", ()))
        and all(
            _continues(a, b) and a.get("location") == b.get("location")
            for a, b in zip(old.get("location", ()), places, strict=True)
        )
        and _continues(old, new)
    )


def _continues(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """The same beginning, and an end only where there was none."""
    before, now = old.get("period") or {}, new.get("period") or {}
    return before.get("start") == now.get("start") and before.get("end") in (None, now.get("end"))


def kind_text(body: Mapping[str, Any]) -> str:
    """ "Inpatient"; empty for a class that has no words here."""
    return str(CLASSES.get((body.get("class") or {}).get("code", ""), ""))


def names_of_places(records: Sequence[Record]) -> dict[str, str]:
    """The names of the wards and beds that stays refer to, a bed with its ward, by id; at most two questions."""
    wanted = {_id(place.get("location")) for record in records for place in record.body.get("location", ())} - {""}
    if not wanted:
        return {}
    found = outside("Location", wanted)
    wider = {_id(place.body.get("partOf")) for place in found.values()} - {"", *found}
    found |= outside("Location", wider) if wider else {}

    def named(place: Record) -> str:
        ward = found.get(_id(place.body.get("partOf")))
        return ", ".join(filter(None, (_part(ward.body) if ward else "", _part(place.body))))

    return {place_id: named(place) for place_id, place in found.items()}


def place_text(reference: Any, *, names: Mapping[str, str]) -> str:
    """A place by its own record, else as the reference displays it."""
    if not isinstance(reference, Mapping):
        return ""
    return names.get(_id(reference)) or names.get(str(reference.get("reference"))) or str(reference.get("display", ""))


def _contained(body: Mapping[str, Any]) -> dict[str, str]:
    """The places that the stay itself contains, as HL7 v2 messages and the forms write them: "#bed" -> "Ward A, bed 2"."""
    places = {f"#{one.get('id')}": one for one in body.get("contained", ()) if one.get("resourceType") == "Location"}

    def named(reference: str, *, depth: int) -> str:
        place = places.get(reference)
        if place is None or not depth:
            return ""
        wider = named(str(place.get("partOf", {}).get("reference", "")), depth=depth - 1)
        return ", ".join(filter(None, (wider, _part(place))))

    return {reference: named(reference, depth=_DEEPEST) for reference in places}


def _part(place: Mapping[str, Any]) -> str:
    """ "bed 14" of a bed that is only called "14"; every other name as it is."""
    name, kind = str(place.get("name", "")), first_code(place.get("physicalType"))
    if name[:1].isdigit() or len(name) == 1:
        if kind == "bd":
            return gettext("bed %(bed)s") % {"bed": name}
        if kind == "ro":
            return gettext("room %(room)s") % {"room": name}
    return name


def moves(body: dict[str, Any], *, names: Mapping[str, str]) -> tuple[str, ...]:
    """Each ward and bed of a stay, and from when to when."""
    lines = []
    known = {**names, **_contained(body)}
    for place in body.get("location", ()):
        text = place_text(place.get("location"), names=known)
        if text:
            lines.append(joined((text, period_text(place.get("period")))))
    return tuple(lines)


def _ended(place: Mapping[str, Any]) -> bool:
    period = place.get("period")
    return isinstance(period, Mapping) and bool(when_text(period.get("end")))


def _id(reference: Any) -> str:
    text = str(reference.get("reference", "")) if isinstance(reference, Mapping) else ""
    kind, _slash, logical_id = text.partition("/")
    return logical_id.partition("/")[0] if kind == "Location" else ""
