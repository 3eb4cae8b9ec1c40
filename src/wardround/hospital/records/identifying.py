"""What a Patient resource states about the person, as `clinical.identity` compares it."""

from collections.abc import Iterator
from typing import Any

from wardround.clinical.person import (
    Address,
    Identity,
    address_of,
    email_of,
    generation_of,
    given_names_of,
    names_of,
    phone_of,
)
from wardround.hospital.records.identities import identifiers_of

# Of HL7 table 0203: numbers that a person has once, and keeps. Those that begin with NN are national ones.
_LIFELONG = frozenset({"SS", "SB", "NI", "PPN", "DL", "TAX", "HC"})


def identity_of(resource: dict[str, Any]) -> Identity:
    """Raises `AttributeError`, `KeyError` or `TypeError` where an element has not the shape that R4 gives it."""
    names = sorted(
        (name for name in resource.get("name", []) if isinstance(name, dict)),
        key=lambda name: name.get("use") not in {"official", "usual"},
    )
    return Identity(
        family=names_of(name["family"] for name in names if isinstance(name.get("family"), str)),
        given=given_names_of(part for name in names for part in name.get("given", []) if isinstance(part, str)),
        birth=str(resource.get("birthDate", "")),
        sex=str(resource.get("gender", "")),
        numbers=frozenset(identifiers_of(resource)),
        lifelong=frozenset(_lifelong_systems(resource)),
        phones=frozenset(filter(None, map(phone_of, _contacts(resource, {"phone", "sms", "fax"})))),
        emails=frozenset(filter(None, map(email_of, _contacts(resource, {"email"})))),
        addresses=tuple(dict.fromkeys(filter(_is_stated, map(_address, resource.get("address", []))))),
        generation=generation_of(part for name in names for part in name.get("suffix", []) if isinstance(part, str)),
    )


def _lifelong_systems(resource: dict[str, Any]) -> Iterator[str]:
    found = resource.get("identifier", [])
    for identifier in found if isinstance(found, list) else [found]:
        codes = {str(coding.get("code", "")) for coding in identifier.get("type", {}).get("coding", [])}
        system = str(identifier.get("system", ""))
        if codes & _LIFELONG or any(code.startswith("NN") for code in codes) or system.endswith("/sid/us-ssn"):
            yield system


def _contacts(resource: dict[str, Any], systems: set[str]) -> Iterator[str]:
    for telecom in resource.get("telecom", []):
        if telecom.get("system", "phone") in systems and isinstance(telecom.get("value"), str):
            yield telecom["value"]


def _address(address: dict[str, Any]) -> Address:
    return address_of(
        lines=[line for line in address.get("line", []) if isinstance(line, str)],
        postcode=str(address.get("postalCode", "")),
        city=str(address.get("city", "")),
    )


def _is_stated(address: Address) -> bool:
    return address != Address()
