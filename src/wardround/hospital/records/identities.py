"""Which resource is meant: given ids, identifiers, and references by identifier."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from wardround.hospital.merges.queries import kept_instead_of, retired_records_of, standing, survivors_of
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import Duplicate, Refused
from wardround.hospital.records.merged import REPLACES, as_retired, redirected, with_link
from wardround.hospital.records.models import Resource, TokenIndex
from wardround.interchange.fhir.literal_references import literal_references
from wardround.interchange.fhir.structure import Problem

_MARK = "?identifier="
# A number that two patients share is two charts of one person, or a slip. On any other type R4 lets several resources
# share one: laboratories put the number of an order on each of its results.
_ONE_EACH = frozenset({"Patient"})
Identifier = tuple[str, str]  # (system, value)
Known = tuple[str, str, str]  # (resource type, system, hash of the value)


class Identities:
    """Finds what identifiers stand for: in the database (one query for many resources) and among what is on its way."""

    def __init__(self, blind: BlindIndex) -> None:
        self._blind = blind
        self._ids: dict[Known, str] = {}
        self._several: set[Known] = set()  # of two resources or more: they name none of them
        self._asked: set[str] = set()
        self._owners: dict[Known, set[str]] = {}
        self._systems: dict[str, set[str]] = {}  # of patients on their way: the systems of their numbers
        self._survivors: dict[str, str] = {}  # of retired patients: who is kept
        self._retired: dict[str, list[str]] = {}  # of who is kept: the retired ones

    def look_up(self, resources: Iterable[dict[str, Any]]) -> None:
        """Ask the database about every identifier that these resources carry or refer to."""
        resources = list(resources)
        wanted: set[str] = set()
        for resource in resources:
            wanted.update(self._hash(value) for _system, value in identifiers_of(resource))
            wanted.update(self._hash(value) for _type, _system, value in _conditional_references(resource))
        wanted -= self._asked
        self._asked |= wanted
        rows = TokenIndex.objects.filter(parameter="identifier", code__in=wanted, resource__is_deleted=False)
        for type_name, system, code, logical_id in rows.values_list("type", "system", "code", "resource__logical_id"):
            known = (type_name, system, code)
            self._owners.setdefault(known, set()).add(logical_id)
            if self._ids.setdefault(known, logical_id) != logical_id:
                self._several.add(known)
        if standing().exists():
            self._look_up_merges(resources)

    def survivor_of(self, patient_id: str) -> str:
        """Who is kept instead of this patient; empty when nobody is."""
        return self._survivors.get(patient_id, "")

    def as_merged(self, resource: dict[str, Any], *, logical_id: str) -> dict[str, Any]:
        """As it is stored after merges: references lead to who is kept, and a Patient keeps what the merges say of it."""
        if resource["resourceType"] != "Patient":
            return dict(redirected(resource, self._survivors)) if self._survivors else resource
        for retired in self._retired.get(logical_id, ()):
            resource = with_link(resource, patient_id=retired, kind=REPLACES)
        return as_retired(resource, survivor=kept_instead_of(logical_id)) if self.survivor_of(logical_id) else resource

    def _look_up_merges(self, resources: Sequence[dict[str, Any]]) -> None:
        own: set[str] = {str(r["id"]) for r in resources if r.get("resourceType") == "Patient" and r.get("id")}
        for known, owners in self._owners.items():
            if known[0] == "Patient":
                own |= owners
        referred: set[str] = set()
        for resource in resources:
            if resource.get("resourceType") == "Patient":
                own.update(self._blind.id_of("Patient", system=s, value=v) for s, v in identifiers_of(resource))
            referred.update(one[1] for one in literal_references(resource) if one[0] == "Patient")
            referred.update(
                self._blind.id_of("Patient", system=system, value=value)
                for type_name, system, value in _conditional_references(resource)
                if type_name == "Patient"
            )
        self._survivors.update(survivors_of(own | referred))
        self._retired.update(retired_records_of(own))

    def id_of(self, resource: dict[str, Any]) -> str:
        """The given id, or that of the resource with the same identifier, or one made of the first identifier."""
        type_name = str(resource["resourceType"])
        given = resource.get("id")
        if isinstance(given, str) and given:
            return given
        identifiers = list(_own_identifiers(resource))
        retired, is_first_known = "", False
        for number, (system, value) in enumerate(identifiers):
            found = self._retired_number(type_name, system, value) or self._owner(
                (type_name, system, self._hash(value)), path=f"{type_name}.identifier[{number}]"
            )
            if number == 0:
                is_first_known = bool(found)
            elif found and not is_first_known and self._has_another(found, type_name, system=identifiers[0][0]):
                continue
            # A message with the numbers of both records of a person is about the one that is kept.
            if found and found not in self._survivors:
                return found
            retired = retired or found or ""
        if retired:
            return retired
        if not identifiers:
            path = f"{type_name}.identifier"
            raise Refused([Problem(path, f"{type_name} has neither an id nor an identifier; give it one of the two.")])
        system, value = identifiers[0]
        return self._blind.id_of(type_name, system=system, value=value)

    def _has_another(self, logical_id: str, type_name: str, *, system: str) -> bool:
        """Has this patient a number of its own in the system of a message's first one, which was not found?

        Then a number further back in the message (a social security number, a mother's on her newborn's) is no reason to
        file it in this chart.
        """
        if type_name not in _ONE_EACH or not system:
            return False
        if system in self._systems.get(logical_id, ()):
            return True
        own = TokenIndex.objects.filter(type=type_name, parameter="identifier", system=system)
        return own.filter(resource__logical_id=logical_id, resource__is_deleted=False).exists()

    def patient_of(self, reference: str) -> str | None:
        """The id of a stored patient, retired or not, whom a reference that was looked up means; None when nobody is."""
        parsed = _conditional(reference)
        if parsed is None:
            logical_id = reference.removeprefix("Patient/")
            rows = Resource.objects.filter(type="Patient", logical_id=logical_id, is_deleted=False)
            return logical_id if rows.exists() else None
        type_name, system, value = parsed
        return self._owner((type_name, system, self._hash(value)), path="reference")

    def number_of(self, reference: str) -> tuple[str, str, str] | None:
        """(system, value, the id that a patient with it alone would get) of a reference by identifier."""
        parsed = _conditional(reference)
        if parsed is None:
            return None
        type_name, system, value = parsed
        return system, value, self._blind.id_of(type_name, system=system, value=value)

    def claim(self, resource: dict[str, Any], *, logical_id: str, is_named: bool = False) -> None:
        """Note whose identifiers these are; raises `Duplicate` when they are another resource's already.

        `is_named`: whoever sends it gave it this id on purpose, so it is a resource of its own, whatever it shares.
        """
        type_name = str(resource["resourceType"])
        own = set(_own_identifiers(resource))
        if type_name in _ONE_EACH:
            self._systems.setdefault(logical_id, set()).update(system for system, _value in own)
        for number, (system, value) in enumerate(identifiers_of(resource)):
            known = (type_name, system, self._hash(value))
            owner = self._ids.setdefault(known, logical_id)
            if owner == logical_id or self._is_one_person(owner, logical_id):
                continue
            if is_named or (system, value) not in own:
                self._several.add(known)
            # Without a system a number is unique nowhere, so only a full identifier tells two resources to be one.
            elif system and type_name in _ONE_EACH:
                sentence = f"Another {type_name} has this identifier: {type_name}/{owner}. Update that one instead."
                raise Duplicate([Problem(f"{type_name}.identifier[{number}]", sentence)])

    def resolved(self, resource: dict[str, Any]) -> dict[str, Any]:
        """The same resource with every reference by identifier turned into a literal one."""
        if not any(_conditional_references(resource)):
            return resource
        rebuilt: dict[str, Any] = self._rebuilt(resource)
        return rebuilt

    def _rebuilt(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self._reference(item) if name == "reference" else self._rebuilt(item)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._rebuilt(item) for item in value]
        return value

    def _reference(self, reference: Any) -> Any:
        parsed = _conditional(reference)
        if parsed is None:
            return self._rebuilt(reference)
        type_name, system, value = parsed
        known = self._owner((type_name, system, self._hash(value)), path="reference")
        return f"{type_name}/{known or self._blind.id_of(type_name, system=system, value=value)}"

    def _owner(self, known: Known, *, path: str) -> str | None:
        """Whose identifier it is. What two patients share names neither: nothing is put into a chart by it."""
        if known in self._several and known[0] in _ONE_EACH:
            kept = {self._survivors.get(owner, owner) for owner in self._owners.get(known, ())}
            if len(kept) == 1:
                return kept.pop()
            sentence = f"More than one {known[0]} has this identifier. Name the one that is meant by its id."
            raise Refused([Problem(path, sentence)])
        return None if known in self._several else self._ids.get(known)

    def _retired_number(self, type_name: str, system: str, value: str) -> str | None:
        """The id of a record that was never here and is known to be retired: its number came with the merge alone."""
        if type_name != "Patient" or not self._survivors:
            return None
        made = self._blind.id_of(type_name, system=system, value=value)
        return made if made in self._survivors else None

    def _is_one_person(self, one: str, other: str) -> bool:
        return self._survivors.get(one, one) == self._survivors.get(other, other)

    def _hash(self, value: str) -> str:
        return self._blind.hashed("identifier", value)


def identifiers_of(resource: dict[str, Any]) -> Iterator[Identifier]:
    """(system, value) of every identifier; a type with a single identifier is read the same way."""
    found = resource.get("identifier", [])
    for identifier in found if isinstance(found, list) else [found]:
        if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
            yield str(identifier.get("system", "")), identifier["value"]


def _own_identifiers(resource: dict[str, Any]) -> Iterator[Identifier]:
    """The identifiers by which a resource is known; not those of use "secondary", which several may have (FHIR R4, IdentifierUse).

    All of a patient's are theirs. A resource with no other identifiers is known by its secondary ones.
    """
    found = resource.get("identifier", [])
    if resource.get("resourceType") in _ONE_EACH or not isinstance(found, list):
        return identifiers_of(resource)
    own = [one for one in found if not (isinstance(one, dict) and one.get("use") == "secondary")]
    return identifiers_of({"identifier": own or found})


def _conditional_references(resource: Any) -> Iterator[tuple[str, str, str]]:
    pending = [resource]
    while pending:
        value = pending.pop()
        if type(value) is dict:
            parsed = _conditional(value.get("reference"))
            if parsed:
                yield parsed
            pending.extend(item for item in value.values() if type(item) is dict or type(item) is list)
        else:
            pending.extend(item for item in value if type(item) is dict or type(item) is list)


def _conditional(reference: Any) -> tuple[str, str, str] | None:
    """("Patient", system, value) of "Patient?identifier=system|value"; None for every other reference."""
    if not isinstance(reference, str) or _MARK not in reference:
        return None
    type_name, _mark, identifier = reference.partition(_MARK)
    system, bar, value = unquote(identifier).partition("|")
    return (type_name, system, value) if bar else (type_name, "", system)
