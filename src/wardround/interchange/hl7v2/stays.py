"""Where the patient is, was and will be during a visit: the locations of PV1 and PV2 as Encounter.location."""

from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.visit_events import VisitEvent


def stays(
    context: Context, visit: Segment, more: Segment | None, *, event: VisitEvent, period: Resource, held: Held
) -> list[Resource]:
    """PV1-43, 6, 3, 11 and 42 and PV2-1, each with what it is to the patient, and when where the event says so."""
    happened = context.event_time(is_kept=True) if event.moves else None
    here: Resource = {"status": "planned" if visit.peek(2) == "P" or event.status == "planned" else "active"}
    came = happened if event.moves else period.get("start") if event.begins else None
    if event.status == "finished" or (not event.undoes and period.get("end")):
        here = {"status": "completed", "period": _period(came, period.get("end"))}
    elif here["status"] == "active":
        here["period"] = _period(came, None)
    left = {"status": "completed", "period": _period(None, happened)}
    places: list[tuple[Segment, int, Resource]] = [
        (visit, 43, {"status": "completed"}),
        (visit, 6, left),
        (visit, 3, here),
        (visit, 11, {"status": "active"}),
        (visit, 42, {"status": "reserved"}),
    ]
    if more is not None:
        places.append((more, 1, {"status": "planned"}))
    found = []
    for segment, number, what in places:
        place = held.location(segment.first(number)) if segment.has(number) else None
        if place is not None:
            found.append({"location": place} | {name: part for name, part in what.items() if part})
    return found


def _period(start: str | None, end: str | None) -> Resource:
    if start and end and start[:10] > end[:10]:
        return {"end": end}
    return {name: time for name, time in (("start", start), ("end", end)) if time}
