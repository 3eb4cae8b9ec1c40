"""One resource at a time: what the FHIR interface and the forms write."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction

from wardround.hospital.records.access import require
from wardround.hospital.records.actions.changing import ALWAYS, Changing, Precondition, Put, Removal, one_change
from wardround.hospital.records.actions.writing import Stored, Writing
from wardround.hospital.records.addressed import present
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import Refused, WrongAddress
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.structure import Problem


def create_resource(resource: dict[str, Any], *, by: object) -> Stored:
    """Store a new resource under an id of the server's choice. Raises `Refused` (also `Duplicate`, `PatientMissing`)."""
    actor = require(by, "write")
    with one_change(actor):
        return Changing(actor).put([Put({**resource, "id": new_id()}, activity="create")])[0]


def update_resource(
    resource: dict[str, Any],
    *,
    type_name: str,
    logical_id: str,
    by: object,
    only_if: Precondition = ALWAYS,
) -> Stored:
    """Store the next version under this id, or the first one. The same again changes nothing.

    Raises `Refused`, and `VersionConflict` where the present version is not as `only_if` says.
    """
    check_address(resource, type_name=type_name, logical_id=logical_id)
    actor = require(by, "write")
    with one_change(actor):
        return Changing(actor).put([Put(resource, only_if=only_if)])[0]


def patch_resource(
    patched: Callable[[Any], Any], *, type_name: str, logical_id: str, by: object, only_if: Precondition = ALWAYS
) -> Stored:
    """Store what `patched` makes of the present version. Raises like `update_resource`, and `NotHere` or `Gone`."""
    actor = require(by, "write")
    with one_change(actor):
        resource = patched_body(patched, type_name=type_name, logical_id=logical_id, by=actor)
        return Changing(actor).put([Put(resource, activity="patch", only_if=only_if)])[0]


def delete_resource(*, type_name: str, logical_id: str, by: object, only_if: Precondition = ALWAYS) -> Stored | None:
    """Write a last version that says "deleted"; None when there is nothing to delete.

    Raises `StillReferred` when others refer to it, and `VersionConflict`.
    """
    actor = require(by, "write")
    with one_change(actor):
        changing = Changing(actor)
        stored = changing.removed([Removal((type_name, logical_id), only_if=only_if)])[0]
        changing.finish()
        return stored


def new_id() -> str:
    """An id of the server's choice."""
    return uuid.uuid4().hex


def check_address(resource: dict[str, Any], *, type_name: str, logical_id: str) -> None:
    """Raises `WrongAddress` when the resource is not the one that its address names."""
    if resource.get("resourceType") != type_name:
        raise WrongAddress([Problem("resourceType", f"The address says {type_name}; the resource must be one.")])
    if resource.get("id") != logical_id:
        raise WrongAddress(
            [Problem(f"{type_name}.id", f"The address says {logical_id}; the resource must carry that id.")]
        )


def patched_body(patched: Callable[[Any], Any], *, type_name: str, logical_id: str, by: object) -> dict[str, Any]:
    """What `patched` makes of the present version, which keeps its type and id. Inside the transaction of the write."""
    found = present(require(by, "write"), type_name, logical_id)
    resource = patched(loads(found.text or b"{}"))
    if not isinstance(resource, dict):
        raise Refused([Problem(type_name, "The patch leaves no resource. Leave the root as it is.")])
    check_address(resource, type_name=type_name, logical_id=logical_id)
    return resource


@transaction.atomic
def write_together(resources: list[dict[str, Any]], *, origin: Origin) -> list[Stored]:
    """Examine and write several resources as one: all or none."""
    hold_other_writers()
    blind, keyring = BlindIndex(), Keyring()
    identities = Identities(blind)
    identities.look_up(resources)
    examined: list[Examined] = [examine(r, identities=identities, blind=blind, origin=origin) for r in resources]
    writing = Writing(origin, blind=blind, keyring=keyring)
    writing.look_up(examined)
    stored = writing.add(examined)
    writing.flush()
    return stored
