"""What a record states at one place now: the date or the code that a finding is about."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F

from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.value_paths import NoSuchPlace, text_at
from wardround.interchange.fhir.json import loads


def stated_at(places: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Of each of these places (resource, path) its text, "" for one that is empty; a place for something else is left out."""
    ids = {resource.partition("/")[2] for resource, _path in places.values()}
    versions = ResourceVersion.objects.filter(resource__logical_id__in=ids, number=F("resource__version"))
    versions = versions.exclude(body=b"").select_related("resource__data_key")
    texts = open_bodies(versions)
    bodies: dict[str, dict[str, Any]] = {str(v.resource): loads(texts[v.resource_id]) for v in versions}
    found: dict[int, str] = {}
    for key, (resource, path) in places.items():
        try:
            found[key] = text_at(bodies[resource], path=path)
        except (KeyError, NoSuchPlace):
            continue
    return found
