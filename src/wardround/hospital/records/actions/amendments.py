"""Drafts that state only a part of what they are about, laid over what is stored of it (interchange/draft.py, Amendment)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import F

from wardround.hospital.records.actions.writing import Key, Stored, Writing
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body, received_text
from wardround.hospital.records.errors import Refused
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.origin import Origin
from wardround.interchange.draft import Draft
from wardround.interchange.fhir.amending import amended
from wardround.interchange.fhir.json import loads


class Amendments:
    """What is stored of the resources that drafts amend, kept true while drafts are taken one after the other.

    A message that comes again is recognised by what it stated (the digest is of that), whatever was amended or decided since.
    """

    def __init__(
        self, writing: Writing, *, identities: Identities, blind: BlindIndex, keyring: Keyring, origin: Origin
    ) -> None:
        self._writing = writing
        self._identities = identities
        self._blind = blind
        self._keyring = keyring
        self._origin = origin
        self._stored: dict[Key, dict[str, Any]] = {}
        self._amended: set[Key] = set()

    def look_up(self, examined: Iterable[tuple[Draft, list[Examined] | Refused]]) -> None:
        """Read the present bodies of what these drafts amend (one query)."""
        for draft, group in examined:
            if not isinstance(group, Refused):
                self._amended |= {group[number].key for number in draft.amendments}
        rows = [row for key in self._amended if (row := self._writing.row_of(key)) and not row.is_deleted]
        present = ResourceVersion.objects.filter(
            resource__in=[row.pk for row in rows], number=F("resource__version")
        ).select_related("resource__data_key")
        for version in present:
            key = (version.resource.type, version.resource.logical_id)
            self._stored[key] = loads(open_body(version, keyring=self._keyring))

    def applied(self, draft: Draft, group: list[Examined]) -> list[Examined]:
        """The same group, with what is stored under what it amends. Raises `Refused` when both together are not FHIR."""
        if not draft.amendments:
            return group
        whole = list(group)
        for number, amendment in draft.amendments.items():
            stated = group[number]
            stored = self._stored.get(stated.key)
            if stored is None or self._writing.is_last_received(stated):
                continue
            resource = amended(stored, stated.resource, amendment=amendment)
            if received_text(resource) == received_text(stored):
                whole[number] = self._writing.as_last_received(stated)
                continue
            examined = examine(resource, identities=self._identities, blind=self._blind, origin=self._origin)
            whole[number] = replace(
                examined, logical_id=stated.logical_id, patient_id=stated.patient_id, digest=stated.digest
            )
        return whole

    def note(self, group: list[Examined], stored: list[Stored]) -> None:
        """Remember what was taken, for the drafts that come after."""
        for examined, one in zip(group, stored, strict=True):
            if examined.key in self._amended and one.change != "unchanged":
                self._stored[examined.key] = examined.resource
