"""The header of a document: the patient, who wrote and keeps it, the encounter it is about, and the document itself."""

import base64
from typing import Any

from wardround.interchange.ccda.code_systems import system_of
from wardround.interchange.ccda.datatypes import Datatypes
from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Key

Resource = dict[str, Any]
_GENDER = {"M": "male", "F": "female", "UN": "other"}
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_STANDARD = "http://hl7.org/fhir/StructureDefinition/patient-"
_SSN = "http://hl7.org/fhir/sid/us-ssn"


def patient(role: Node, drafting: Drafting) -> Resource:
    """The patient of recordTarget/patientRole; sets whose chart the rest is. Raises Unreadable without a number."""
    types = drafting.types
    identifiers = [made for each in role.all("id") if (made := types.identifier(each)) and "system" in made]
    chosen = _number(identifiers, drafting)
    key = Key(chosen["system"], chosen["value"])
    drafting.subject = key.reference("Patient")
    drafting.patient_number = f"{key.system.removeprefix('urn:oid:')}^{key.value}"
    person = role.one("patient")
    organization = role.one("providerOrganization")
    made = {
        "resourceType": "Patient",
        "extension": _extensions(person, types),
        "identifier": [chosen, *(each for each in identifiers if each is not chosen)],
        "name": [name for each in person.all("name") if (name := types.name(each))],
        "telecom": [contact for each in role.all("telecom") if (contact := types.telecom(each))],
        "gender": _gender(person.one("administrativeGenderCode")),
        "birthDate": types.date(person.one("birthTime"), what="the birth date"),
        **_deceased(person, types),
        "address": [address for each in role.all("addr") if (address := types.address(each))],
        "maritalStatus": types.concept(person.one("maritalStatusCode")),
        "contact": [contact for each in person.all("guardian") if (contact := _guardian(each, types))],
        "communication": [spoken for each in person.all("languageCommunication") if (spoken := _language(each))],
        "managingOrganization": organization_reference(organization, drafting),
    }
    return {name: value for name, value in made.items() if value not in (None, [], {}, "")}


def _number(identifiers: list[Resource], drafting: Drafting) -> Resource:
    """The id of the mapping's authority, else the first that is no social security number."""
    authority = drafting.mapping.assigning_authority
    if authority is not None:
        wanted = system_of(authority, mapping=drafting.mapping)
        identifiers = [each for each in identifiers if each["system"] in (authority, wanted)]
        if not identifiers:
            raise Unreadable(f"recordTarget has no id of the assigning authority {authority}")
    if not identifiers:
        raise Unreadable("recordTarget/patientRole has no id by which the patient is known")
    return next((each for each in identifiers if each["system"] != _SSN), identifiers[0])


def _gender(node: Node) -> str | None:
    if node.peek("nullFlavor"):
        return "unknown"
    known = _GENDER.get(node.peek("code"))
    if known:
        node.get("code"), node.get("displayName")
    return known


def _deceased(person: Node, types: Datatypes) -> Resource:
    if time := types.time(person.one("deceasedTime"), what="the time of death"):
        person.one("deceasedInd").skip()
        return {"deceasedDateTime": time}
    said = person.one("deceasedInd").get("value")
    return {"deceasedBoolean": said == "true"} if said in ("true", "false") else {}


def _extensions(person: Node, types: Datatypes) -> list[Resource]:
    found: list[Resource] = []
    for name, step in (("race", "raceCode"), ("ethnicity", "ethnicGroupCode")):
        codings = [coding for each in person.all(step) if (coding := types.coding(each))]
        if codings:
            parts = [
                {"url": "detailed" if number else "ombCategory", "valueCoding": coding}
                for number, coding in enumerate(codings)
            ]
            text = codings[0].get("display", codings[0]["code"])
            found.append({"url": f"{_US_CORE}{name}", "extension": [*parts, {"url": "text", "valueString": text}]})
    if religion := types.concept(person.one("religiousAffiliationCode")):
        found.append({"url": f"{_STANDARD}religion", "valueCodeableConcept": religion})
    if birthplace := types.address(person.one("birthplace", "place", "addr")):
        found.append({"url": f"{_STANDARD}birthPlace", "valueAddress": birthplace})
    return found


def _guardian(node: Node, types: Datatypes) -> Resource:
    relationship = types.concept(node.one("code"))
    made = {
        "relationship": [relationship] if relationship else [],
        "name": types.name(node.one("guardianPerson", "name")),
        "telecom": [contact for each in node.all("telecom") if (contact := types.telecom(each))],
        "address": types.address(node.one("addr")),
    }
    return {name: value for name, value in made.items() if value}


def _language(node: Node) -> Resource:
    code = node.one("languageCode").get("code")
    preferred = node.one("preferenceInd").get("value")
    if not code:
        return {}
    said = {"preferred": preferred == "true"} if preferred in ("true", "false") else {}
    return {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}} | said


def practitioner_reference(assigned: Node, drafting: Drafting) -> Resource | None:
    """The reference to an assignedAuthor, assignedEntity or the like: by its number, else by its name; None for a device."""
    types = drafting.types
    person = assigned.one("assignedPerson") or assigned.one("playingEntity")
    if not assigned or not person:
        return _somebody_named_before(assigned, drafting)
    name = types.name(person.one("name"))
    made: Resource = {
        "resourceType": "Practitioner",
        "identifier": [identifier for each in assigned.all("id") if (identifier := types.identifier(each))],
    }
    if any(identifier.get("system") for identifier in made["identifier"]):
        qualification = types.concept(assigned.one("code"))
        made |= {
            "name": [name] if name else [],
            "telecom": [contact for each in assigned.all("telecom") if (contact := types.telecom(each))],
            "address": [address for each in assigned.all("addr") if (address := types.address(each))],
            "qualification": [{"code": qualification}] if qualification else [],
        }
    reference = drafting.person({field: value for field, value in made.items() if value})
    shown = name_for_people(name)
    if reference is None and not shown:
        return None
    return (reference or {}) | ({"display": shown} if shown else {})


def _somebody_named_before(assigned: Node, drafting: Drafting) -> Resource | None:
    """Without a name the id stands for somebody whom the document names elsewhere (C-CDA R2.1, Author Participation)."""
    if not assigned or assigned.one("assignedAuthoringDevice"):
        return None
    for each in assigned.all("id"):
        if reference := drafting.known_person(each.peek("root"), each.peek("extension")):
            each.skip()
            return reference
    return None


def organization_reference(node: Node, drafting: Drafting) -> Resource | None:
    """The reference to an organisation: by its number, else by its name."""
    if not node:
        return None
    types = drafting.types
    name = node.one("name").text()
    made: Resource = {
        "resourceType": "Organization",
        "identifier": [identifier for each in node.all("id") if (identifier := types.identifier(each))],
        "name": name,
    }
    if any(identifier.get("system") for identifier in made["identifier"]):
        made |= {
            "telecom": [contact for each in node.all("telecom") if (contact := types.telecom(each))],
            "address": [address for each in node.all("addr") if (address := types.address(each))],
        }
    reference = drafting.person({field: value for field, value in made.items() if value})
    if reference is None and not name:
        return None
    return (reference or {}) | ({"display": name} if name else {})


def name_for_people(name: Resource | None) -> str:
    """A name in one line."""
    if not name:
        return ""
    parts = [*name.get("prefix", []), *name.get("given", []), name.get("family", ""), *name.get("suffix", [])]
    return " ".join(part for part in parts if part) or str(name.get("text", ""))


def document_reference(document: Node, raw: bytes, drafting: Drafting, *, encounter: Resource | None) -> Resource:
    """The document as received, in the patient's chart: what no resource takes up is still there."""
    types = drafting.types
    authors = [
        reference
        for each in document.all("author")
        if (reference := practitioner_reference(each.one("assignedAuthor"), drafting))
    ]
    created = types.time(document.one("effectiveTime"), what="the document's time")
    master = types.identifier(document.one("id"))
    security = types.coding(document.one("confidentialityCode"))
    event = types.period(document.one("documentationOf", "serviceEvent", "effectiveTime"), what="the time documented")
    context = {"encounter": [encounter] if encounter else [], "period": event}
    custodian = document.one("custodian", "assignedCustodian", "representedCustodianOrganization")
    language = document.one("languageCode").get("code")
    attachment = {
        "contentType": "text/xml",
        "language": language,
        "data": base64.b64encode(raw).decode("ascii"),
        "title": document.one("title").text(),
        "creation": created,
    }
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": master,
        "status": "current",
        "type": types.concept(document.one("code")),
        "subject": drafting.subject,
        "author": authors,
        "authenticator": practitioner_reference(document.one("legalAuthenticator", "assignedEntity"), drafting),
        "custodian": organization_reference(custodian, drafting),
        "securityLabel": [{"coding": [security]}] if security else [],
        "content": [{"attachment": {name: value for name, value in attachment.items() if value}}],
        "context": {name: value for name, value in context.items() if value},
    }
