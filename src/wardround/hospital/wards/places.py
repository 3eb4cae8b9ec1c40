"""Where a visit says that the patient lies: ward, room and bed.

HL7 v2 messages and the admission form write a place as contained Locations, each part of the next wider one, with
FHIR's location-physical-type: "bd" for the bed, "ro" for the room, the ward "wa" or without a type (PL.1, point of care).
A place may also be a Location record of its own. Other sources give one name; then the name is the ward.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

_WIDER = frozenset({"si", "bu", "wi", "lvl", "jdn", "area"})


@dataclass(frozen=True)
class Place:
    """Names as the visit has them; each may be empty."""

    ward: str = ""
    room: str = ""
    bed: str = ""

    @property
    def key(self) -> str:
        return ward_key(self.ward)


def ward_key(ward: str) -> str:
    """The ward in an address. A name without Latin letters has a short hash for one."""
    return slugify(ward)[:50] or (hashlib.sha256(ward.encode()).hexdigest()[:10] if ward else "none")


def place_of(encounter: Mapping[str, Any], *, known: Mapping[str, Mapping[str, Any]] | None = None) -> Place:
    """Where the patient is now; an empty place where the visit does not say. `known`: Locations of their own, by id."""
    here = next((one["location"] for one in _present(encounter) if isinstance(one.get("location"), dict)), None)
    if here is None:
        return Place()
    chain = list(_chain(here, contained=encounter.get("contained", ()), known=known or {}))
    if not chain:
        return Place(ward=_text(here.get("display")))
    by_type = {_type(place): _text(place.get("name")) for place in reversed(chain)}
    others = [_text(place.get("name")) for place in chain if _type(place) not in _WIDER | {"bd", "ro"}]
    ward = by_type.get("wa") or next((name for name in others if name), "")
    return Place(ward=ward, room=by_type.get("ro", ""), bed=by_type.get("bd", ""))


def named_places(resource: Mapping[str, Any]) -> list[str]:
    """The ids of the Locations of their own that a visit, or a place, leads to next."""
    if resource.get("resourceType") == "Location":
        following = [resource.get("partOf")]
    else:
        following = [one.get("location") for one in _present(resource)]
    names = [str(one.get("reference", "")).partition("/") for one in following if isinstance(one, dict)]
    return [name.partition("/")[0] for kind, _slash, name in names if kind == "Location" and name]


def _present(encounter: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The locations without an end, those that are said to be active first, the latest first."""
    stays = [one for one in encounter.get("location", ()) if isinstance(one, dict)]
    open_ones = [one for one in stays if one.get("status", "active") == "active" and "end" not in one.get("period", {})]
    open_ones.sort(key=lambda one: str(one.get("period", {}).get("start", "")), reverse=True)
    yield from sorted(open_ones, key=lambda one: "status" not in one)


def _chain(
    reference: Mapping[str, Any], *, contained: Any, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The Locations from the narrowest to the widest; none for a place that is only named."""
    inside = [one for one in contained if isinstance(one, dict) and one.get("resourceType") == "Location"]
    places: dict[str, Mapping[str, Any]] = {f"#{one.get('id')}": one for one in inside}
    places |= {f"Location/{name}": place for name, place in known.items()}
    seen: set[str] = set()
    while True:
        name = str(reference.get("reference", ""))
        place = places.get(name)
        if place is None or name in seen:
            return
        seen.add(name)
        yield place
        reference = place.get("partOf") or {}


def _type(place: Mapping[str, Any]) -> str:
    codings = (place.get("physicalType") or {}).get("coding", ())
    return next((str(coding.get("code", "")) for coding in codings), "")


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
