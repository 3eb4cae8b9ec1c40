"""One resource at a time: what the FHIR interface and the forms write."""

import uuid
from typing import Any

from django.db import transaction

from wardround.hospital.records.access import NotThere, patient_for, require
from wardround.hospital.records.actions.writing import Stored, Writing, missing_patient
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import PatientMissing, Refused
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import CodeMapping, Resource
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.interchange.fhir.structure import Problem
from wardround.web.audit.actor import Actor


def create_resource(resource: dict[str, Any], *, by: object, code_mapping: CodeMapping | None = None) -> Stored:
    """Store a new resource under an id of the server's choice. Raises `Refused` (also `Duplicate`, `PatientMissing`)."""
    actor = require(by, "write")
    resource = {**resource, "id": uuid.uuid4().hex}
    _pass_the_door(resource, actor=actor)
    return write_together([resource], origin=Origin(actor=actor, activity="create", code_mapping=code_mapping))[0]


def update_resource(
    resource: dict[str, Any], *, type_name: str, logical_id: str, by: object, expected_version: int | None = None
) -> Stored:
    """Store the next version under this id, or the first one. The same again changes nothing.

    Raises `Refused`, and `VersionConflict` when `expected_version` is not the present one.
    """
    if resource.get("resourceType") != type_name:
        raise Refused([Problem("resourceType", f"The address says {type_name}; the resource must be one.")])
    if resource.get("id") != logical_id:
        raise Refused([Problem(f"{type_name}.id", f"The address says {logical_id}; the resource must carry that id.")])
    actor = require(by, "write")
    _pass_the_door(resource, actor=actor)
    with transaction.atomic():
        hold_other_writers()
        row = Resource.objects.filter(type=type_name, logical_id=logical_id).first()
        # The mapping of the source that brought it still says what its local codes mean.
        before = row.versions.select_related("provenance__code_mapping").order_by("number").last() if row else None
        origin = Origin(
            actor=actor,
            activity="update" if row else "create",
            code_mapping=before.provenance.code_mapping if before else None,
        )
        return write_together([resource], origin=origin, expected_version=expected_version)[0]


@transaction.atomic
def write_together(
    resources: list[dict[str, Any]], *, origin: Origin, expected_version: int | None = None
) -> list[Stored]:
    """Examine and write several resources as one: all or none."""
    hold_other_writers()
    blind, keyring = BlindIndex(), Keyring()
    identities = Identities(blind)
    identities.look_up(resources)
    examined: list[Examined] = [examine(r, identities=identities, blind=blind, origin=origin) for r in resources]
    writing = Writing(origin, blind=blind, keyring=keyring)
    writing.look_up(examined)
    stored = writing.add(examined, expected_version=expected_version)
    writing.flush()
    return stored


def _pass_the_door(resource: dict[str, Any], *, actor: Actor) -> None:
    """Whose chart is this, and may the actor write in it? A new patient has no chart yet."""
    blind = BlindIndex()
    identities = Identities(blind)
    identities.look_up([resource])
    examined = examine(resource, identities=identities, blind=blind, origin=Origin(actor=actor, activity="update"))
    is_new_patient = (
        examined.type == "Patient"
        and not Resource.objects.filter(type="Patient", logical_id=examined.logical_id).exists()
    )
    if examined.patient_id and not is_new_patient:
        try:
            patient_for(actor, examined.patient_id, to="write")
        except NotThere:
            raise PatientMissing([missing_patient(examined)]) from None
