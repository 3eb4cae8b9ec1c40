"""The people, places and organizations that an HL7 v2 message names beside the patient, held in the resource that names them.

HL7's tables make a resource of each (XCN[Practitioner], XON[Organization], PL[Location]). Here they are contained: a
message seldom says enough of a colleague to keep a record of them, many name them without a number, and two messages
that spell one name differently would change each other's record. The reference carries the number, so that a search by
it finds the resource.
"""

from hashlib import sha256
from typing import Any

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.messages import Repetition
from wardround.interchange.hl7v2.numbers import authority, given_by
from wardround.interchange.mapping import Mapping

_DEGREE = "http://terminology.hl7.org/CodeSystem/v2-0360"
_NAME_PART = "http://hl7.org/fhir/StructureDefinition/humanname-"
_NAME_PARTS = ((2, "own-prefix"), (3, "own-name"), (4, "partner-prefix"), (5, "partner-name"))  # FN's parts
_PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
# PL's components from the widest to the narrowest, with the physical type that HL7's table PL[Location] gives them.
_PLACES = ((4, "si"), (7, "bu"), (1, ""), (8, "lvl"), (2, "ro"), (3, "bd"))


class Held:
    """What one resource holds inside itself; `into` puts it there."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._resources: list[Resource] = []

    def into(self, resource: Resource) -> Resource:
        if not self._resources:
            return resource
        held = {"contained": self._resources}
        return (
            {"resourceType": resource["resourceType"]}
            | held
            | {k: v for k, v in resource.items() if k != "resourceType"}
        )

    def add_to(self, resource: Resource) -> None:
        """Put what is held into a resource that is there already and may hold something itself."""
        known = {one["id"] for one in resource.get("contained", [])}
        new = [one for one in self._resources if one["id"] not in known]
        if new:
            resource["contained"] = [*resource.get("contained", []), *new]

    def practitioner(
        self,
        value: Repetition | None,
        *,
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
    ) -> Resource | None:
        """A reference to the person that an XCN names; None where it names none."""
        if value is None:
            return None
        identifier = self._person_number(value)
        return self.person(
            name=self._person_name(value),
            identifiers=[identifier] if identifier else [],
            telecom=telecom,
            addresses=addresses,
            degree=value.text(7),
        )

    def person(
        self,
        *,
        name: Resource,
        identifiers: list[Resource],
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
        degree: str = "",
    ) -> Resource | None:
        """A reference to a practitioner; None for one who has neither name nor number."""
        if not name and not identifiers:
            return None
        person: Resource = {
            "identifier": identifiers,
            "name": [name] if name else [],
            "telecom": telecom or [],
            "address": addresses or [],
            "qualification": [{"code": building.concept([building.coding(_DEGREE, degree)])}] if degree else [],
        }
        identifier = identifiers[0] if identifiers else None
        shown = _shown(name) or (identifier["value"] if identifier else "")
        return self._held("Practitioner", person, display=shown, identifier=identifier)

    def named_practitioner(self, value: Repetition) -> Resource | None:
        """A reference to the person that an NDL names, whose first component has the parts of a name and number (CNN)."""
        number, family, given, more, suffix, prefix, degree = (value.text(1, part) for part in range(1, 8))
        name: Resource = {
            "family": family,
            "given": [part for part in (given, *more.split()) if part],
            "prefix": [prefix] if prefix else [],
            "suffix": [suffix] if suffix else [],
        }
        named = {key: part for key, part in name.items() if part}
        if not named and not number:
            return None
        system = authority(value.text(1, 9), "", "", purpose="person", mapping=self._mapping)
        identifier = {"system": system, "value": number} if number else None
        person: Resource = {
            "identifier": [identifier] if identifier else [],
            "name": [named] if named else [],
            "qualification": [{"code": building.concept([building.coding(_DEGREE, degree)])}] if degree else [],
        }
        return self._held("Practitioner", person, display=_shown(named) or number, identifier=identifier)

    def organization(
        self,
        value: Repetition | None,
        *,
        kinds: list[Resource] | None = None,
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
    ) -> Resource | None:
        """A reference to the organization that an XON names."""
        if value is None:
            return None
        name = value.text(1)
        number = value.text(10) or value.text(3)
        identifier: Resource | None = None
        if number:
            universal = (value.text(6, 1), value.text(6, 2), value.text(6, 3))
            system = authority(*universal, purpose="organization", mapping=self._mapping)
            given = {"system": system, "value": number} | given_by(*universal, system=system)
            identifier = _typed(value.text(7)) | given
        return self._organization(name, identifier, kinds=kinds, telecom=telecom, addresses=addresses)

    def described_organization(
        self,
        name: str,
        *,
        numbers: list[Resource],
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
        contacts: list[Resource] | None = None,
    ) -> Resource | None:
        """A reference to an organization that a segment describes in several fields, as IN1 does an insurer."""
        if not name and not numbers:
            return None
        organization = {
            "identifier": numbers,
            "name": name,
            "telecom": [_not_at_home(one) for one in telecom or []],
            "address": [_not_at_home(one) for one in addresses or []],
            "contact": [{"name": contact} for contact in contacts or []],
        }
        known_by = numbers[0] if numbers else None
        shown = name or (known_by["value"] if known_by else "")
        return self._held("Organization", organization, display=shown, identifier=known_by)

    def organization_of_code(
        self,
        value: Repetition | None,
        *,
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
    ) -> Resource | None:
        """A reference to the organization that a CWE names (RXA-17 and its like)."""
        if value is None:
            return None
        code, system = value.text(1), parts.system_of(value.text(3), mapping=self._mapping)
        identifier = {"system": system, "value": code} if code else None
        return self._organization(value.text(9) or value.text(2), identifier, telecom=telecom, addresses=addresses)

    def _organization(
        self,
        name: str,
        identifier: Resource | None,
        *,
        kinds: list[Resource] | None = None,
        telecom: list[Resource] | None = None,
        addresses: list[Resource] | None = None,
    ) -> Resource | None:
        # org-2 and org-3: an organization has no home.
        organization = {
            "identifier": [identifier] if identifier else [],
            "type": kinds or [],
            "name": name,
            "telecom": [_not_at_home(one) for one in telecom or []],
            "address": [_not_at_home(one) for one in addresses or []],
        }
        if not any(organization.values()):
            return None
        if not name and not identifier:  # org-1: a name or a number
            return None
        shown = name or (identifier["value"] if identifier else "")
        return self._held("Organization", organization, display=shown, identifier=identifier)

    def role(
        self, *, person: Resource | None, organization: Resource | None, more: Resource | None = None
    ) -> Resource | None:
        """Somebody on behalf of an organization: a PractitionerRole where both are named, else the one that is.

        `more`: what else is told of the role (code, specialty, location, period).
        """
        if person is None or (organization is None and not more):
            return person or organization
        role = {"practitioner": person, "organization": organization} | (more or {})
        return self._held(
            "PractitionerRole", role, display=person.get("display", ""), identifier=person.get("identifier")
        )

    def related_person(self, person: Resource, *, display: str) -> Resource:
        """A reference to somebody who is named because of the patient."""
        return self._held("RelatedPerson", person, display=display)

    def device(self, device: Resource, *, display: str) -> Resource:
        """A reference to a device."""
        return self._held("Device", device, display=display)

    def location(self, value: Repetition | None, *, addresses: list[Resource] | None = None) -> Resource | None:
        """A reference to the narrowest place that a PL names; each place is part of the next wider one."""
        if value is None:
            return None
        wider: Resource | None = None
        names: list[str] = []
        present = [(number, kind) for number, kind in _PLACES if value.text(number)]
        if not present and (value.text(9) or addresses):
            present = [(0, "")]
        for index, (number, kind) in enumerate(present):
            name = value.text(number) if number else ""
            names.append(name)
            narrowest = index == len(present) - 1
            place: Resource = {
                "identifier": self._place_number(value, number) if number else [],
                "name": name,
                "description": value.text(9) if narrowest else "",
                "mode": "instance",
                "address": addresses[0] if addresses and narrowest else None,
                "physicalType": building.concept([building.coding(_PLACE, kind)]) if kind else None,
                "partOf": wider,
            }
            wider = self._held("Location", place, display=", ".join(filter(None, reversed(names))))
        return wider

    def _place_number(self, value: Repetition, number: int) -> list[Resource]:
        """The universal identifier of a place (HD.2 and HD.3), where it is an OID or UUID."""
        universal, kind = value.peek(number, 2), value.peek(number, 3)
        system = authority("", universal, kind, purpose="place", mapping=self._mapping)
        if not system.startswith("urn:oid:") and not system.startswith("urn:uuid:"):
            return []
        value.text(number, 2), value.text(number, 3)
        return [{"system": "urn:ietf:rfc:3986", "value": system}]

    def named_location(self, name: str, *, addresses: list[Resource] | None = None) -> Resource:
        """A reference to a place of which a name is known, and perhaps an address."""
        place = {"name": name, "mode": "instance", "address": addresses[0] if addresses else None}
        return self._held("Location", place, display=name)

    def medication(self, medication: Resource, *, display: str) -> Resource:
        """A reference to a medication that more than its code is known of."""
        return self._held("Medication", medication, display=display)

    def _held(self, kind: str, content: Resource, *, display: str, identifier: Any = None) -> Resource:
        content = {name: value for name, value in content.items() if value not in (None, "", [], {})}
        name = f"{kind.lower()}-{sha256(repr(content).encode()).hexdigest()[:12]}"
        if not any(known["id"] == name for known in self._resources):
            self._resources.append({"resourceType": kind, "id": name} | content)
        reference: Resource = {"reference": f"#{name}"}
        if identifier:
            reference["identifier"] = identifier
        return reference | ({"display": display} if display else {})

    def _person_name(self, value: Repetition) -> Resource:
        given = [part for part in (value.text(3), *value.text(4).split()) if part]
        use = demographics.NAME_USE.get(value.peek(10))
        own = [
            {"url": f"{_NAME_PART}{url}", "valueString": text}
            for part, url in _NAME_PARTS
            if (text := value.text(2, part))
        ]
        name: Resource = {
            "use": use if use and value.text(10) else None,
            "family": value.text(2),
            "_family": {"extension": own} if own and value.text(2) else None,
            "given": given,
            "prefix": [part for part in (value.text(6),) if part],
            "period": demographics.period(value, start=19, end=20, both=17, zone=self._mapping.zone),
            "suffix": [part for part in (value.text(5), value.text(21)) if part],
        }
        named = {key: part for key, part in name.items() if part}
        return named if set(named) - {"use", "period"} else {}

    def _person_number(self, value: Repetition) -> Resource | None:
        number = value.text(1)
        if not number:
            return None
        universal = (value.text(9, 1), value.text(9, 2), value.text(9, 3))
        system = authority(*universal, purpose="person", mapping=self._mapping)
        return _typed(value.text(13)) | {"system": system, "value": number} | given_by(*universal, system=system)


def _typed(code: str) -> Resource:
    return {"type": {"coding": [building.coding(building.NUMBER_TYPE, code)]}} if code else {}


def _not_at_home(one: Resource) -> Resource:
    return {k: v for k, v in one.items() if not (k == "use" and v == "home")}


def _shown(name: Resource) -> str:
    return " ".join(
        [*name.get("prefix", []), *name.get("given", []), name.get("family", ""), *name.get("suffix", [])]
    ).strip()
