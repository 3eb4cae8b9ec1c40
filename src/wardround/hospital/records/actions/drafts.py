"""Many drafts at a time: what an import writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from wardround.hospital.merges.models import Merge
from wardround.hospital.records.actions.amendments import Amendments
from wardround.hospital.records.actions.merges_by_message import carry_out
from wardround.hospital.records.actions.writing import Stored, Writing
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import Refused
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.interchange.draft import Draft


@dataclass(frozen=True)
class DraftOutcome:
    """What became of one draft: all its resources stored (or there already), or a refusal and none stored."""

    draft: Draft
    stored: tuple[Stored, ...] = ()
    refusal: Refused | None = None
    merge: Merge | None = None  # what was merged because of it


@transaction.atomic
def store_drafts(drafts: Sequence[Draft], *, origin: Origin) -> list[DraftOutcome]:
    """Store these drafts in one transaction, each whole or not at all; outcomes in the order of the drafts.

    What comes after a draft that says that two patients are one already belongs to the one.
    """
    hold_other_writers()
    outcomes: list[DraftOutcome] = []
    for is_merge, group in groupby(drafts, key=lambda draft: draft.merge is not None):
        if is_merge:
            outcomes += [_stored_and_merged(draft, origin=origin) for draft in group]
        else:
            outcomes += _stored(list(group), origin=origin)
    return outcomes


def _stored_and_merged(draft: Draft, *, origin: Origin) -> DraftOutcome:
    """What is stored before its merge is refused goes back with the savepoint."""
    try:
        with transaction.atomic():
            [outcome] = _stored([draft], origin=origin)
            if outcome.refusal is not None or draft.merge is None:
                return outcome
            merge = carry_out(draft.merge, origin=origin)
            return DraftOutcome(draft=draft, stored=outcome.stored, merge=merge)
    except Refused as refusal:
        return DraftOutcome(draft=draft, refusal=refusal)


def _stored(drafts: Sequence[Draft], *, origin: Origin) -> list[DraftOutcome]:
    """A draft is judged before anything of it is written, so a refused one leaves nothing behind and needs no savepoint."""
    blind, keyring = BlindIndex(), Keyring()
    identities = Identities(blind)
    identities.look_up(resource for draft in drafts for resource in draft.resources)
    examined = [_examined(draft, identities=identities, blind=blind, origin=origin) for draft in drafts]
    writing = Writing(origin, blind=blind, keyring=keyring)
    writing.look_up([e for group in examined if isinstance(group, list) for e in group])
    amendments = Amendments(writing, identities=identities, blind=blind, keyring=keyring, origin=origin)
    amendments.look_up(zip(drafts, examined, strict=True))
    outcomes = []
    for draft, group in zip(drafts, examined, strict=True):
        if isinstance(group, Refused):
            outcomes.append(DraftOutcome(draft=draft, refusal=group))
            continue
        try:
            amended = amendments.applied(draft, group)
            stored = writing.add(amended, position=draft.source.position)
        except Refused as refusal:
            outcomes.append(DraftOutcome(draft=draft, refusal=refusal))
        else:
            amendments.note(amended, stored)
            outcomes.append(DraftOutcome(draft=draft, stored=tuple(stored)))
    writing.flush()
    return outcomes


def _examined(draft: Draft, *, identities: Identities, blind: BlindIndex, origin: Origin) -> list[Examined] | Refused:
    try:
        return [
            # A source that gives its records ids (FHIR) means a record of its own, as with a PUT.
            examine(resource, identities=identities, blind=blind, origin=origin, is_named="id" in resource)
            for resource in draft.resources
        ]
    except Refused as refusal:
        return refusal
