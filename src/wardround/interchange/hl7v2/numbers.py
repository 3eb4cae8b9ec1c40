"""HL7 v2 numbers of orders, documents, specimens, people and organizations (EI, EIP, HD) as FHIR identifiers."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2.messages import Repetition
from wardround.interchange.mapping import Mapping

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entity:
    """An EI: a number and who gives it out."""

    value: str
    namespace: str = ""
    universal: str = ""
    universal_type: str = ""

    @classmethod
    def of(cls, value: Repetition | None, component: int = 0) -> Self:
        """The EI that a repetition is, or that one of its components is (the halves of an EIP)."""
        if value is None:
            return cls("")
        if component:
            return cls(*(value.text(component, part) for part in (1, 2, 3, 4)))
        return cls(*(value.text(part) for part in (1, 2, 3, 4)))

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def name(self) -> str:
        """The number with its giver, as a part of a key: numbers of two givers are two numbers."""
        giver = self.universal or self.namespace
        return f"{self.value}^{giver}" if giver else self.value

    def identifier(self, *, purpose: str, mapping: Mapping, type_code: str = "", secondary: bool = False) -> Resource:
        """An Identifier. `purpose` keeps the numbers of a giver who is not named apart: placer, filler, specimen.

        `secondary`: others may have the same number, as the tests on one sample have its accession number, so it does not
        tell this one apart (FHIR's use "secondary").
        """
        system = authority(self.namespace, self.universal, self.universal_type, purpose=purpose, mapping=mapping)
        typed: Resource = {"type": {"coding": [building.coding(building.NUMBER_TYPE, type_code)]}} if type_code else {}
        given = {"system": system, "value": self.value} | given_by(
            self.namespace, self.universal, self.universal_type, system=system
        )
        return ({"use": "secondary"} if secondary else {}) | typed | given


def given_by(namespace: str, universal: str, universal_type: str, *, system: str) -> Resource:
    """The assigner of a number, with what its system does not say of it: a name beside an OID, a domain, its scheme."""
    says = unquote(system)
    shown: Resource = {"display": namespace} if namespace and namespace not in says else {}
    if universal and universal.lower() not in says.lower():
        scheme = {"type": {"text": universal_type}} if universal_type else {}
        shown["identifier"] = scheme | {"value": universal}
    return {"assigner": shown} if shown else {}


def authority(namespace: str, universal: str, universal_type: str, *, purpose: str, mapping: Mapping) -> str:
    """The address of who gives numbers out: an OID or UUID where the message has one, else a name of the source's own."""
    if _OID.fullmatch(universal) and universal_type in ("ISO", ""):
        return f"urn:oid:{universal}"
    if _UUID.fullmatch(universal.lower()):
        return f"urn:uuid:{universal.lower()}"
    name = namespace or universal
    own = f"{mapping.record_system}:{purpose}"
    return f"{own}:{quote(name, safe='')}" if name else own
