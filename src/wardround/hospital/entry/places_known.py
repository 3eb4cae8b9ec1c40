"""The wards and beds that this hospital's visits name: what a form offers, and whether somebody lies there already."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F

from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion, TokenIndex
from wardround.hospital.records.visits import INSIDE, PRESENT
from wardround.hospital.wards.places import Place, named_places, place_of
from wardround.interchange.fhir.json import loads

_MOST = 500  # the latest visits that are looked at


@dataclass(frozen=True)
class KnownPlaces:
    """Where patients are now, by the visits that are under way. Nothing says who lies where."""

    taken: tuple[tuple[str, Place], ...]  # patient id and place

    @property
    def wards(self) -> tuple[str, ...]:
        return tuple(sorted({place.ward for _patient, place in self.taken if place.ward}))

    def is_taken(self, ward: str, bed: str, *, by_another_than: str) -> bool:
        """Does another patient lie in this bed?"""
        wanted = (ward.casefold(), bed.casefold())
        return any(
            (place.ward.casefold(), place.bed.casefold()) == wanted and patient != by_another_than
            for patient, place in self.taken
        )


def known_places() -> KnownPlaces:
    """Read from the visits under way; whose they are goes nowhere."""
    here = TokenIndex.objects.filter(type="Encounter", parameter="status", code__in=PRESENT)
    inside = TokenIndex.objects.filter(
        type="Encounter", parameter="class", code__in=INSIDE, resource__in=here.values("resource")
    )
    rows = Resource.objects.filter(pk__in=inside.values("resource"), is_deleted=False)
    versions = ResourceVersion.objects.filter(
        resource__in=list(rows.order_by("-pk").values_list("pk", flat=True)[:_MOST]), number=F("resource__version")
    )
    return KnownPlaces(tuple(_places(list(versions.exclude(body=b"").select_related("resource__data_key")))))


def _places(versions: list[ResourceVersion]) -> Iterator[tuple[str, Place]]:
    texts = open_bodies(versions)
    bodies = {v.resource_id: loads(texts[v.resource_id]) for v in versions}
    wanted = {name for body in bodies.values() for name in named_places(body)}
    outside = ResourceVersion.objects.filter(
        resource__type="Location", resource__logical_id__in=wanted, number=F("resource__version")
    )
    named = {
        str(body["id"]): body
        for body in map(loads, open_bodies(outside.exclude(body=b"").select_related("resource__data_key")).values())
    }
    for version in versions:
        yield version.resource.patient_id, place_of(bodies[version.resource_id], known=named)
