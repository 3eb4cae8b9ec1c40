"""Resources by their address, as the FHIR interface reads them: one version at a time. All audited."""

from dataclasses import dataclass

from wardround.hospital.records.access import (
    NotThere,
    is_in_care_teams,
    may_read,
    patient_for,
    records_for,
    require,
)
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import Gone, NotHere
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ReferenceIndex, Resource, ResourceVersion
from wardround.hospital.records.security_context import BINARY, CONTEXT, security_context
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Addressed:
    """A version and its text; the text of a deletion is None."""

    version: ResourceVersion
    text: bytes | None


def present(actor: Actor, type_name: str, logical_id: str) -> Addressed:
    """The present version. Raises `NotHere`, `Gone`, `NotThere`, `NotAllowed`."""
    row = row_at(actor, type_name, logical_id)
    if row.is_deleted:
        raise Gone(f"{row} was deleted. Its history is still there.")
    return _version(actor, row, number=row.version)


def past(actor: Actor, type_name: str, logical_id: str, *, number: int) -> Addressed:
    """One version by its number. Raises like `present`; a version that says "deleted" is `Gone`."""
    found = _version(actor, row_at(actor, type_name, logical_id), number=number)
    if found.text is None:
        raise Gone(f"Version {number} is the deletion of {type_name}/{logical_id}.")
    return found


def row_at(actor: Actor, type_name: str, logical_id: str) -> Resource:
    """The resource, deleted or not. The chart of a deleted patient is closed; what was deleted from it can be asked for."""
    require(actor, "charts")
    row = Resource.objects.filter(type=type_name, logical_id=logical_id).first()
    if row is None:
        raise NotHere(f"There is no {type_name} with this id.")
    chart = row.patient_id or _protecting_chart(row)
    if chart and not (row.is_deleted and _is_deleted_patient(chart)):
        try:
            patient_for(actor, chart)
        except NotThere:
            raise NotThere(f"There is no {type_name} with this id.") from None  # in the words of what is not there
    elif not Resource.objects.filter(records_for(actor), pk=row.pk).exists():
        raise NotHere(f"There is no {type_name} with this id.")
    return row


def is_for(actor: Actor, version: Addressed) -> bool:
    """Is this version for whom its resource is for? An earlier version of a Binary is as protected as what it names itself."""
    if version.text is None or version.version.resource.type != BINARY or not is_in_care_teams(actor):
        return True
    context = security_context(loads(version.text))
    return context is None or (context[0] != BINARY and may_read(actor, *context))


def _version(actor: Actor, row: Resource, *, number: int) -> Addressed:
    version = row.versions.select_related("resource__data_key").filter(number=number).first()
    found = Addressed(version, open_body(version, keyring=Keyring()) if version.body else None) if version else None
    if found is None or not is_for(actor, found):
        raise NotHere(f"{row} has no version {number}; the latest is {row.version}.")
    record_one(actor, "record.read", patient_id=row.patient_id, what=f"{row}/_history/{number}")
    return found


def _protecting_chart(row: Resource) -> str:
    """The chart in which a Binary's security context lies: opened by the one door, which tells the audit trail. Else empty."""
    if row.type != BINARY:
        return ""
    for context in ReferenceIndex.objects.filter(resource=row, parameter=CONTEXT):
        named = Resource.objects.filter(type=context.target_type, logical_id=context.target_id, is_deleted=False)
        return named.values_list("patient_id", flat=True).first() or ""
    return ""


def _is_deleted_patient(patient_id: str) -> bool:
    return Resource.objects.filter(type="Patient", logical_id=patient_id, is_deleted=True).exists()
