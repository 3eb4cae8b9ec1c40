"""Encounter activities, and the encounter that a document is about, as Encounter (C-CDA on FHIR guide, "Encounters")."""

from typing import Any

from wardround.interchange.ccda import conditions
from wardround.interchange.ccda.code_systems import system_of
from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.header import practitioner_reference
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, performers, plain, related, status
from wardround.interchange.fhir.building import UNKNOWN_CLASS

Resource = dict[str, Any]
_ACT_CODE = "2.16.840.1.113883.5.4"
_STATUS = {"completed": "finished", "active": "in-progress", "aborted": "cancelled", "cancelled": "cancelled"}


def encounter(node: Node, drafting: Drafting) -> list[Resource]:
    types = drafting.types
    if node.peek("moodCode") not in ("EVN", ""):
        return []
    period = _period(node.one("effectiveTime"), drafting)
    made_diagnoses = [reference for act in related(node, "80") for reference in conditions.diagnosis(act, drafting)]
    reasons = [reason for each in related(node, "19") if (reason := types.concept(each.one("value")))]
    for each in related(node, "19"):
        plain(each)
    made = {
        "resourceType": "Encounter",
        "status": status(node, _STATUS, otherwise="finished" if period.get("end") else "unknown"),
        "class": _class(node.one("code"), drafting),
        "type": _types(node.one("code"), drafting),
        "priority": types.concept(node.one("priorityCode")),
        "subject": drafting.subject,
        "participant": [{"individual": reference} for reference in performers(node, drafting)],
        "period": period,
        "reasonCode": reasons,
        "diagnosis": [{"condition": reference} for reference in made_diagnoses],
        "hospitalization": _disposition(node.one("dischargeDispositionCode"), drafting),
        "location": [{"location": {"display": place}} for place in _places(node) if place],
    }
    comments(node, drafting)
    return [*made_diagnoses, drafting.keep(made, node)]


def encompassing(node: Node, drafting: Drafting) -> list[Resource]:
    """componentOf/encompassingEncounter."""
    if not node:
        return []
    period = _period(node.one("effectiveTime"), drafting)
    people = [node.one("responsibleParty", "assignedEntity"), *node.all("encounterParticipant", "assignedEntity")]
    found = [reference for each in people if (reference := practitioner_reference(each, drafting))]
    place = node.one("location", "healthCareFacility", "location", "name").text()
    made = {
        "resourceType": "Encounter",
        "status": "finished" if period.get("end") else "unknown",
        "class": _class(node.one("code"), drafting),
        "type": _types(node.one("code"), drafting),
        "subject": drafting.subject,
        "participant": [
            {"individual": reference} for number, reference in enumerate(found) if reference not in found[:number]
        ],
        "period": period,
        "hospitalization": _disposition(node.one("dischargeDispositionCode"), drafting),
        "location": [{"location": {"display": place}}] if place else [],
    }
    return [drafting.keep({name: value for name, value in made.items() if value or name == "class"}, node)]


def _period(node: Node, drafting: Drafting) -> Resource:
    point = drafting.types.time(node, what="an encounter's time")
    return {"start": point} if point else drafting.types.period(node, what="an encounter's time")


def _class(code: Node, drafting: Drafting) -> Resource:
    """The class is the code of ActEncounterCode, which often stands as a translation; else it is said to be unknown."""
    for each in (code, *code.all("translation")):
        if each.peek("codeSystem") == _ACT_CODE and (coding := drafting.types.coding(each)):
            return coding
    return dict(UNKNOWN_CLASS)


def _types(code: Node, drafting: Drafting) -> list[Resource]:
    concept = drafting.types.concept(code)
    act_code = system_of(_ACT_CODE, mapping=drafting.mapping)
    codings = [coding for coding in concept.get("coding", []) if coding.get("system") != act_code]
    made = ({"coding": codings} if codings else {}) | ({"text": concept["text"]} if "text" in concept else {})
    return [made] if made else []


def _disposition(node: Node, drafting: Drafting) -> Resource | None:
    concept = drafting.types.concept(node)
    return {"dischargeDisposition": concept} if concept else None


def _places(node: Node) -> list[str]:
    return [
        each.one("participantRole", "playingEntity", "name").text()
        for each in node.all("participant")
        if each.peek("typeCode") == "LOC"
    ]
