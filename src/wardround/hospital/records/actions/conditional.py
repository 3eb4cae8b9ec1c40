"""Writes that name their resource by a search. The search and the write are one transaction, so no other comes between."""

from collections.abc import Callable, Sequence
from typing import Any

from wardround.hospital.records.access import require
from wardround.hospital.records.actions.changing import ALWAYS, Changing, Precondition, Put, Removal, one_change
from wardround.hospital.records.actions.resources import check_address, new_id, patched_body
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.errors import Duplicate, ManyMatches, NotHere
from wardround.hospital.records.models import Resource
from wardround.interchange.fhir.structure import Problem

Matching = Callable[[], Sequence[str]]  # the ids that a search means, two at most


def create_unless_there(resource: dict[str, Any], *, by: object, matching: Matching) -> Stored:
    """Store a new resource unless one matches; then that one is "unchanged". Raises like `create_resource`."""
    actor = require(by, "write")
    with one_change(actor):
        found = one_of(matching())
        if found is not None:
            return as_it_is(str(resource["resourceType"]), found)
        return Changing(actor).put([Put({**resource, "id": new_id()}, activity="create")])[0]


def update_matching(
    resource: dict[str, Any], *, by: object, matching: Matching, only_if: Precondition = ALWAYS
) -> Stored:
    """Store the next version of the one that matches, or a new resource. Raises like `update_resource`."""
    actor = require(by, "write")
    with one_change(actor):
        logical_id = id_to_update(resource, found=one_of(matching()))
        return Changing(actor).put([Put({**resource, "id": logical_id}, only_if=only_if)])[0]


def patch_matching(
    patched: Callable[[Any], Any],
    *,
    type_name: str,
    by: object,
    matching: Matching,
    only_if: Precondition = ALWAYS,
) -> Stored:
    """Patch the one that matches. Raises like `patch_resource`."""
    actor = require(by, "write")
    with one_change(actor):
        found = one_of(matching())
        if found is None:
            raise NotHere(f"No {type_name} matches the condition.")
        resource = patched_body(patched, type_name=type_name, logical_id=found, by=actor)
        return Changing(actor).put([Put(resource, activity="patch", only_if=only_if)])[0]


def delete_matching(*, type_name: str, by: object, matching: Matching, only_if: Precondition = ALWAYS) -> Stored | None:
    """Delete the one that matches; None when none does. Raises like `delete_resource`."""
    actor = require(by, "write")
    with one_change(actor):
        found = one_of(matching())
        if found is None:
            return None
        changing = Changing(actor)
        stored = changing.removed([Removal((type_name, found), only_if=only_if)])[0]
        changing.finish()
        return stored


def one_of(ids: Sequence[str]) -> str | None:
    """The one id, or none. Raises `ManyMatches`."""
    if len(ids) > 1:
        raise ManyMatches("More than one resource matches the condition. Say more, so that one is meant.")
    return ids[0] if ids else None


def id_to_update(resource: dict[str, Any], *, found: str | None) -> str:
    """Under which id a conditional update stores (R4, "Conditional update")."""
    type_name, given = str(resource["resourceType"]), resource.get("id")
    if found is not None:
        if given is not None:
            check_address(resource, type_name=type_name, logical_id=found)
        return found
    if not isinstance(given, str):
        return new_id()
    if Resource.objects.filter(type=type_name, logical_id=given, is_deleted=False).exists():
        sentence = (
            f"Another {type_name} has this id and does not match the condition. Leave the id out, or correct one."
        )
        raise Duplicate([Problem(f"{type_name}.id", sentence)])
    return given


def as_it_is(type_name: str, logical_id: str) -> Stored:
    """What is said of a resource that was there already."""
    row = Resource.objects.get(type=type_name, logical_id=logical_id)
    return Stored(type_name, logical_id, row.version, "unchanged", row.last_updated)
