"""The one door to a patient: who may see or change whose records.

Roles and their abilities are in `roles.py`; whose patients a nurse or doctor has, in `care`. Stewards, services and
commands act for the whole hospital by their role: they mend, exchange and keep records of patients whom they do not
treat, so no care team could say which. What a client's token opens is narrowed by its scopes before it comes here.

Consent, when it is asked, is asked here too: after the care team, before the chart opens.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from wardround.hospital.care.models import EmergencyAccess
from wardround.hospital.care.queries import in_care_of, open_emergency, opened_in_emergency
from wardround.hospital.merges.queries import survivor_of
from wardround.hospital.records.models import ReferenceIndex, Resource
from wardround.hospital.records.security_context import BINARY, CONTEXT
from wardround.hospital.records.whose_chart import OF_SEVERAL
from wardround.hospital.roles import (
    Ability,
    AccessError,
    NotAllowed,
    Somebody,
    actor_of,
    is_in_care_teams,
    may,
    require,
)
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

__all__ = [
    "Ability",
    "AccessError",
    "NotAllowed",
    "NotThere",
    "Patient",
    "Purpose",
    "Somebody",
    "actor_of",
    "is_in_care_teams",
    "may",
    "may_read",
    "patient_for",
    "patients_of",
    "records_for",
    "require",
]

Purpose = Literal["read", "write", "decide", "judge"]
_FILES_SINCE = 4  # the first version of the index that knows what protects a Binary
_ABILITY_FOR: dict[Purpose, Ability] = {"read": "charts", "write": "write", "decide": "decide", "judge": "judge"}


class NotThere(AccessError):
    """The patient is not there, or is not for this person: the two look the same on purpose."""


@dataclass(frozen=True)
class Patient:
    """One patient as one actor may see them. Only `patient_for` makes it; queries and actions ask for it."""

    id: str
    actor: Actor
    purpose: Purpose
    emergency_until: datetime | None = None  # the chart is open only until then, and it is reported


def patient_for(somebody: object, patient_id: str, *, to: Purpose = "read", goes_on: bool = False) -> Patient:
    """The one way to a patient. Raises `NotThere` for "not yours" and "not there" alike; both are audited.

    A record that was merged into another leads to that one: ask the returned patient for the id. `goes_on`: a page that
    this door opened a moment ago asks for a part of itself; the door is asked anew, and its opening is not told twice.
    """
    actor = actor_of(somebody)
    asked, patient_id = patient_id, survivor_of(patient_id)
    is_there, emergency = _is_there(actor, patient_id) if may(actor, _ABILITY_FOR[to]) else (False, None)
    if not is_there:
        record_one(actor, "patient.open", outcome="refused", patient_id=patient_id[:64], detail={"to": to})
        raise NotThere("There is no such patient.")
    detail: dict[str, object] = {"to": to} if asked == patient_id else {"to": to, "asked": asked}
    if emergency is not None:
        detail["emergency"] = emergency.id
    if not goes_on:
        record_one(actor, "patient.open", patient_id=patient_id, detail=detail)
    until = emergency.until if emergency is not None else None
    return Patient(id=patient_id, actor=actor, purpose=to, emergency_until=until)


def patients_of(somebody: object, *, column: str = "patient_id") -> Q:
    """A condition on the rows of a list: only this person's patients; `column` holds the patient's id.

    StandardValue.objects.filter(patients_of(actor)), or of the Patient resources themselves
    Resource.objects.filter(patients_of(actor, column="logical_id"), type="Patient"). It costs no query of its own. Whoever
    acts for the whole hospital is not narrowed. The ability is asked apart from it, with `require`.
    """
    actor = actor_of(somebody)
    if not is_in_care_teams(actor):
        return Q()
    by_emergency = opened_in_emergency(actor.name, column=column, now=timezone.now())
    return in_care_of(actor.name, column=column) | by_emergency


def records_for(somebody: object, *, path: str = "", types: Collection[str] = ()) -> Q:
    """The same for rows of resources of all types: what lies in nobody's chart is for everybody who may read charts.

    What brings several people together (an appointment, a group) is for those who have one of them, and a Binary for
    those who may see what protects it. `path` leads to the resource: "resource__"; `types` says that there are no others.
    """
    if not is_in_care_teams(somebody):
        return Q()
    if types and BINARY not in types:  # SQLite takes only so deep a question, and a chain asks this at each of its ends
        return _by_chart(somebody, path=path)
    is_protected = Q(**{f"{path}type": BINARY, f"{path}patient_id": ""})
    return _by_chart(somebody, path=path) & (~is_protected | _file_is_for(somebody, path=path))


def may_read(somebody: object, type_name: str, logical_id: str) -> bool:
    """Is this resource here, and for this person? Of a retired patient, the one who is kept is meant."""
    if type_name == "Patient":
        logical_id = survivor_of(logical_id)
    rows = Resource.objects.filter(records_for(somebody), type=type_name, logical_id=logical_id, is_deleted=False)
    return rows.exists()


def _by_chart(somebody: object, *, path: str) -> Q:
    in_nobodys_chart = Q(**{f"{path}patient_id": ""})
    of_several = Q(**{f"{path}type__in": sorted(OF_SEVERAL)})
    named = ReferenceIndex.objects.filter(resource=OuterRef(f"{path}pk"), target_type="Patient")
    names_one = Q(Exists(named.filter(patients_of(somebody, column="target_id"))))
    in_own_chart = ~in_nobodys_chart & patients_of(somebody, column=f"{path}patient_id")
    return in_nobodys_chart & (~of_several | names_one) | in_own_chart


def _file_is_for(somebody: object, *, path: str) -> Q:
    """A Binary is as protected as the resource that its security context names (R4); without one, as what names it in charts.

    No Binary protects another. Of one that was deleted, and of one whose rows are of earlier code, nobody knows any more
    what protected it.
    """
    known = Q(**{f"{path}is_deleted": False, f"{path}index_version__gte": _FILES_SINCE})
    contexts = ReferenceIndex.objects.filter(resource=OuterRef(f"{path}pk"), parameter=CONTEXT)
    named = Resource.objects.filter(type=OuterRef("target_type"), logical_id=OuterRef("target_id"), is_deleted=False)
    own_contexts = contexts.filter(Exists(named.filter(_by_chart(somebody, path="")).exclude(type=BINARY)))
    naming = ReferenceIndex.objects.filter(target_type=BINARY, target_id=OuterRef(f"{path}logical_id"))
    naming = naming.exclude(resource__patient_id="")
    own_naming = naming.filter(patients_of(somebody, column="resource__patient_id"))
    by_naming = ~Q(Exists(contexts)) & (~Q(Exists(naming)) | Q(Exists(own_naming)))
    return known & (Q(Exists(own_contexts)) | by_naming)


def _is_there(actor: Actor, patient_id: str) -> tuple[bool, EmergencyAccess | None]:
    """Is there such a patient for this person, and only by an emergency access? One query where the care team has them."""
    patient = Resource.objects.filter(type="Patient", logical_id=patient_id, is_deleted=False)
    if not is_in_care_teams(actor):
        return patient.exists(), None
    if patient.filter(in_care_of(actor.name, column="logical_id")).exists():
        return True, None
    emergency = open_emergency(actor.name, patient_id, now=timezone.now())
    return emergency is not None and patient.exists(), emergency
