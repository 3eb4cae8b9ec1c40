"""What each role may do, wherever it is asked: the abilities of the hospital's roles, and who acts."""

from typing import Literal, Protocol, get_args

from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

Ability = Literal[
    "charts",  # read charts
    "write",  # enter and correct
    "decide",  # decide on what is held
    "judge",  # agree or disagree with a model's estimate, under one's own name
    "quality",  # reports, the fix queue, duplicates
    "imports",  # imports, and quarantined messages: of whom they are nobody knows yet
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
    "steward": frozenset({"charts", "decide", "quality", "imports", "export", "training", "approve"}),
    "researcher": frozenset({"training"}),
    "privacy_officer": frozenset({"audit", "training", "approve"}),
    "administrator": frozenset({"users", "audit", "operate", "training", "approve"}),
    # What a client's token opens is narrowed by its scopes, which the FHIR interface checks first.
    "service": frozenset({"charts", "write", "export"}),
    "system": _EVERYTHING,
}
# A steward mends records of the whole house, a client exchanges them, a command runs for its owner: these act for the
# hospital and in nobody's care. Who cares for patients sees those that are theirs.
IN_CARE_TEAMS = frozenset({"nurse", "doctor"})


class AccessError(Exception):
    """Somebody may not do something."""


class NotAllowed(AccessError):
    """The person's role does not include this."""


class ActsForSomebody(Protocol):
    """A user or a token: something that can say who acts."""

    def as_actor(self) -> Actor: ...


Somebody = Actor | ActsForSomebody


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


def is_in_care_teams(somebody: object) -> bool:
    """Does this person see only the patients of their care teams?"""
    return actor_of(somebody).role in IN_CARE_TEAMS
