"""The code maps of sources: kept once by their text, built once per process; and the hospital's own ConceptMaps beside them."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, F, Max

from wardround.clinical.codes import CodeMap
from wardround.clinical.measurements import Coding
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import CodeMapping, Resource, ResourceVersion
from wardround.interchange.concept_maps import translations_of
from wardround.interchange.fhir.json import loads
from wardround.interchange.mapping import mapping_of


def keep_mapping(text: str) -> CodeMapping:
    """Keep the text of a mapping file (the same text once)."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return CodeMapping.objects.get_or_create(digest=digest, defaults={"text": text})[0]


def code_map_of(mapping: CodeMapping | None) -> CodeMap:
    """The code map of a source; without a mapping it knows the standard codes and what the hospital's ConceptMaps translate."""
    return _built(mapping.text if mapping else "", _state_of_concept_maps())


def _state_of_concept_maps() -> tuple[int, datetime | None]:
    """Changes with every ConceptMap that is stored or deleted, and is read in one question over an index."""
    kept = Resource.objects.filter(type="ConceptMap").aggregate(many=Count("id"), last=Max("last_updated"))
    return kept["many"], kept["last"]


@lru_cache(maxsize=16)
def _built(text: str, state: tuple[int, datetime | None]) -> CodeMap:
    translations = _translations(state)
    if not text:
        return CodeMap(translations=translations)
    return CodeMap.from_mapping(mapping_of(tomllib.loads(text)).clinical, translations=translations)


@lru_cache(maxsize=1)
def _translations(state: tuple[int, datetime | None]) -> Mapping[Coding, Coding]:
    if not state[0]:
        return {}
    present = ResourceVersion.objects.filter(
        resource__type="ConceptMap", resource__is_deleted=False, number=F("resource__version")
    ).select_related("resource__data_key")
    return translations_of(loads(text) for text in open_bodies(present).values())
