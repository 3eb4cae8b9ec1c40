"""The one door to a patient: who may see or change whose records."""

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from wardround.hospital.merges.queries import survivor_of
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

Purpose = Literal["read", "write", "decide"]
Ability = Literal[
    "charts",  # read charts
    "write",  # enter and correct
    "decide",  # decide on what is held
    "judge",  # agree or disagree with a model's estimate, under one's own name
    "quality",  # reports, imports, quarantine, duplicates
    "export",
    "training",  # see studies, runs, models, and what left
    "approve",  # join a federation, approve studies, adopt and switch off models
    "audit",
    "users",  # accounts, roles, care teams
    "operate",  # keys, backups, health
]

_EVERYTHING: frozenset[Ability] = frozenset(get_args(Ability))
_ABILITIES: dict[str, frozenset[Ability]] = {
    "nurse": frozenset({"charts", "write"}),
    "doctor": frozenset({"charts", "write", "decide", "judge", "quality"}),
    "steward": frozenset({"charts", "decide", "quality", "export", "training", "approve"}),
    "researcher": frozenset({"training"}),
    "privacy_officer": frozenset({"audit", "training", "approve"}),
    "administrator": frozenset({"users", "audit", "operate", "training", "approve"}),
    # What a client's token opens is narrowed by its scopes, which the FHIR interface checks first.
    "service": frozenset({"charts", "write", "export"}),
    "system": _EVERYTHING,
}
_ABILITY_FOR: dict[Purpose, Ability] = {"read": "charts", "write": "write", "decide": "decide"}


class AccessError(Exception):
    """Somebody may not do something."""


class NotThere(AccessError):
    """The patient is not there, or is not for this person: the two look the same on purpose."""


class NotAllowed(AccessError):
    """The person's role does not include this."""


class ActsForSomebody(Protocol):
    """A user or a token: something that can say who acts."""

    def as_actor(self) -> Actor: ...


Somebody = Actor | ActsForSomebody


@dataclass(frozen=True)
class Patient:
    """One patient as one actor may see them. Only `patient_for` makes it; queries and actions ask for it."""

    id: str
    actor: Actor
    purpose: Purpose


def actor_of(somebody: object) -> Actor:
    """Who acts; somebody who is not logged in may do nothing."""
    if isinstance(somebody, Actor):
        return somebody
    if hasattr(somebody, "as_actor"):
        actor: Actor = somebody.as_actor()
        return actor
    raise NotAllowed("Log in first.")


def may(somebody: object, ability: Ability) -> bool:
    """Does the role include this ability? A page without a patient asks this."""
    try:
        actor = actor_of(somebody)
    except NotAllowed:
        return False
    return ability in _ABILITIES.get(actor.role, frozenset())


def require(somebody: object, ability: Ability) -> Actor:
    """The actor, if the role includes this ability; otherwise `NotAllowed`, and the refusal is in the audit trail."""
    actor = actor_of(somebody)
    if not may(actor, ability):
        record_one(actor, "access", outcome="refused", what=ability)
        raise NotAllowed(f"The role {actor.role} does not include this. Ask a colleague whose role does.")
    return actor


def patient_for(somebody: object, patient_id: str, *, to: Purpose = "read") -> Patient:
    """The one way to a patient. Raises `NotThere` for "not yours" and "not there" alike; both are audited.

    A record that was merged into another leads to that one: ask the returned patient for the id.
    """
    actor = actor_of(somebody)
    asked, patient_id = patient_id, survivor_of(patient_id)
    is_there = Resource.objects.filter(type="Patient", logical_id=patient_id, is_deleted=False).exists()
    if not is_there or not may(actor, _ABILITY_FOR[to]):
        record_one(actor, "patient.open", outcome="refused", patient_id=patient_id[:64], detail={"to": to})
        raise NotThere("There is no such patient.")
    detail = {"to": to} if asked == patient_id else {"to": to, "asked": asked}
    record_one(actor, "patient.open", patient_id=patient_id, detail=detail)
    return Patient(id=patient_id, actor=actor, purpose=to)
