"""The places of a stay as boxes, and as HL7 v2 messages write them: contained Locations, the bed part of the room or the ward."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from wardround.hospital.charts.opened import outside
from wardround.hospital.entry.fhir_parts import present
from wardround.hospital.wards.places import Place, named_places, place_of

_PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def written_place(place: Place) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The reference to a place, and the Locations that the visit contains for it, the narrowest first."""
    parts = [("wa", place.ward), ("ro", place.room), ("bd", place.bed)]
    locations: list[dict[str, Any]] = []
    within = ""
    for kind, name in parts:
        if name:
            wider = {"partOf": {"reference": f"#{locations[0]['id']}"}} if locations else {}
            locations.insert(0, {**_location(name, kind=kind, within=within), **wider})
            within = f"{within}|{name}" if within else name
    if not locations:
        return {}, []
    shown = ", ".join(name for _kind, name in parts if name)
    return {"reference": f"#{locations[0]['id']}", "display": shown}, locations


def told_place(place: Place, *, since: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The place as an element of Encounter.location where the patient is since then, and the Locations for it."""
    reference, locations = written_place(place)
    return {"location": reference, "status": "active", "period": present({"start": since})}, locations


def places_in(body: Mapping[str, Any]) -> list[Place]:
    """Each place of a visit, in the visit's order, by the Locations that it contains or that the hospital has."""
    alone = [_alone(body, one) for one in body.get("location", ())]
    known: dict[str, Mapping[str, Any]] = {}
    wanted = {name for one in alone for name in named_places(one)}
    while wanted:
        found = {name: record.body for name, record in outside("Location", wanted).items()}
        known |= found
        wanted = {name for one in found.values() for name in named_places(one)} - known.keys()
    return [place_of(one, known=known) for one in alone]


def with_locations(body: Mapping[str, Any], locations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The visit with these contained Locations besides its own; those that nothing names any more are left out."""
    own = {str(one.get("id")): one for one in body.get("contained", ())}
    all_of_them = {**own, **{str(one["id"]): one for one in locations if str(one["id"]) not in own}}
    rest = {name: part for name, part in body.items() if name != "contained"}
    named: set[str] = set()
    wanted = set(_references(rest))
    while wanted:
        named |= wanted
        wanted = {name for one in wanted for name in _references(all_of_them.get(one, {}))} - named
    kept = [one for name, one in all_of_them.items() if name in named or one.get("resourceType") != "Location"]
    return present({**body, "contained": kept})


def _alone(body: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    """A visit that has only this place, and is in it."""
    here = [{"location": one["location"]}] if isinstance(one.get("location"), Mapping) else []
    return {"resourceType": "Encounter", "contained": body.get("contained", []), "location": here}


def _location(name: str, *, kind: str, within: str) -> dict[str, Any]:
    known = sha256(f"{kind}|{within}|{name}".encode()).hexdigest()[:12]
    typed = {"coding": [{"system": _PHYSICAL, "code": kind}]}
    return {
        "resourceType": "Location",
        "id": f"location-{known}",
        "name": name,
        "mode": "instance",
        "physicalType": typed,
    }


def _references(part: Any) -> Iterator[str]:
    """The ids of contained records that are named in here."""
    if isinstance(part, Mapping):
        reference = part.get("reference")
        if isinstance(reference, str) and reference.startswith("#"):
            yield reference[1:]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)
