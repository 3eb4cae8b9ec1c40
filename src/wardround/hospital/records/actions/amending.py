"""The new version of a record that a decision writes: amended where its type can say so, under the mapping it came with."""

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wardround.hospital.records.actions.resources import write_together
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.bodies import instant, open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.hospital.records.origin import Activity, Origin
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor

_WITH_NOTE = frozenset({"Observation", "Condition", "Procedure"})  # a Patient has no note in R4


def present_version(resource: Resource) -> ResourceVersion:
    return ResourceVersion.objects.select_related("resource__data_key", "provenance__code_mapping").get(
        resource=resource.pk, number=resource.version
    )


def body_of(version: ResourceVersion) -> dict[str, Any]:
    body: dict[str, Any] = loads(open_body(version, keyring=Keyring()))
    return body


def amended(body: dict[str, Any], *, actor: Actor, reason: str, now: datetime) -> dict[str, Any]:
    """The record as amended: an observation's status says so, and a note says who changed it and why."""
    body = copy.deepcopy(body)
    if body["resourceType"] == "Observation":
        body["status"] = "amended"
    if body["resourceType"] in _WITH_NOTE:
        note = {"authorString": actor.name, "time": instant(now), "text": reason}
        body["note"] = [*body.get("note", []), note]
    return body


def write_amended(
    bodies: Sequence[dict[str, Any]],
    *,
    of: ResourceVersion,
    actor: Actor,
    activity: Activity,
    reason: str,
) -> list[Stored]:
    """Write these as new versions; `of` is a version whose code mapping they keep."""
    origin = Origin(actor=actor, activity=activity, reason=reason, code_mapping=of.provenance.code_mapping)
    return write_together(list(bodies), origin=origin)
