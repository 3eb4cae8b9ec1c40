"""The exact comparison after decryption, for what the index keeps only as keyed hashes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.indexing import BIRTH, texts_of
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.search.composites import is_together_met
from wardround.hospital.records.search.dates import is_met
from wardround.hospital.records.search.errors import TooManyCandidates
from wardround.hospital.records.search.query import Criterion, Moment, Text
from wardround.hospital.records.search.strings import is_text_met
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.json import loads

MAX_CANDIDATES = 10_000
_SLICE = 500  # a database takes only so many parameters in one question, and memory only so many bodies


def verified(pks: Sequence[int], *, criteria: Sequence[Criterion], now: datetime) -> list[int]:
    """Those of the candidates that meet the criteria, in the same order."""
    return [
        pk
        for pk, resource in opened(pks)
        if all(_is_met(resource, criterion=criterion, now=now) for criterion in criteria)
    ]


def opened(pks: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row, resource) of present versions, in the order given; what was deleted meanwhile is left out."""
    keyring = Keyring()
    for start in range(0, len(pks), _SLICE):
        part = pks[start : start + _SLICE]
        by_pk = {version.resource_id: version for version in present_versions(part)}
        for pk in part:
            if pk in by_pk:
                yield pk, loads(open_body(by_pk[pk], keyring=keyring))


def present_versions(pks: Iterable[int]) -> Iterable[ResourceVersion]:
    """The newest version of each of these rows that is not deleted."""
    return ResourceVersion.objects.filter(
        resource__in=list(pks), number=F("resource__version"), resource__is_deleted=False
    ).select_related("resource__data_key")


def check_number(found: Sequence[object]) -> None:
    """Raises `TooManyCandidates`."""
    if len(found) > MAX_CANDIDATES:
        raise TooManyCandidates(
            f"More than {MAX_CANDIDATES} resources may match, and each would have to be decrypted. "
            "Search for more letters, or add another criterion."
        )


def _is_met(resource: dict[str, Any], *, criterion: Criterion, now: datetime) -> bool:
    if criterion.name == BIRTH:
        birth = resource.get("birthDate")
        if not isinstance(birth, str):
            return False
        own = interval(birth)
        return any(
            is_met(value, low=own.low, high=own.high, now=now)
            for value in criterion.values
            if isinstance(value, Moment)
        )
    if criterion.parameter.type == "composite":
        return is_together_met(resource, criterion=criterion)
    texts = texts_of(resource, parameter=criterion.name)
    return any(
        is_text_met(texts, text=value.text, modifier=criterion.modifier)
        for value in criterion.values
        if isinstance(value, Text)
    )
