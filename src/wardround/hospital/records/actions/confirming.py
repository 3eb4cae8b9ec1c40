"""Who says that a diagnosis is so: that it is confirmed or refuted is a doctor's to say, by whichever door it is written."""

from typing import Any

from django.db.models import F

from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.hospital.roles import NotAllowed, may
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor

OF_DOCTORS = frozenset({"confirmed", "differential", "refuted"})


def check_who_confirms(resource: dict[str, Any], *, row: Resource | None, by: Actor) -> None:
    """Raises `NotAllowed` where a person whose role judges no diagnosis says so, and it was not said before.

    Clients and commands bring what others have said.
    """
    if resource.get("resourceType") != "Condition" or by.kind != "user" or may(by, "judge"):
        return
    if how_sure(resource) & OF_DOCTORS - _said_before(row):
        raise NotAllowed("A diagnosis is confirmed or refuted by a doctor. Record it as suspected.")


def how_sure(resource: dict[str, Any]) -> frozenset[str]:
    """The codes of its verification."""
    coding = (resource.get("verificationStatus") or {}).get("coding") or ()
    return frozenset(str(one.get("code", "")) for one in coding if isinstance(one, dict)) - {""}


def _said_before(row: Resource | None) -> frozenset[str]:
    if row is None or row.is_deleted:
        return frozenset()
    versions = ResourceVersion.objects.filter(resource=row, number=F("resource__version"))
    texts = open_bodies(versions.select_related("resource__data_key"))
    return how_sure(loads(texts[row.pk])) if row.pk in texts else frozenset()
