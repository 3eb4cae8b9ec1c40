"""Allergy concern acts and allergy observations as AllergyIntolerance (C-CDA on FHIR guide, "Allergies")."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, plain, recorded, related, snomed, status

Resource = dict[str, Any]
_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_CONCERN = {"active": "active", "suspended": "inactive", "aborted": "inactive", "completed": "inactive"}
_STATUS = {"55561003": "active", "73425007": "inactive", "413322009": "resolved"}
_SEVERITY = {"255604002": "mild", "6736007": "moderate", "24484000": "severe"}
_CRITICALITY = {"CRITH": "high", "CRITL": "low", "CRITU": "unable-to-assess"}
# The codes of the value set that C-CDA binds the observation's value to: (type, category).
_KINDS = {
    "419199007": ("allergy", ""),
    "416098002": ("allergy", "medication"),
    "414285001": ("allergy", "food"),
    "426232007": ("allergy", "environment"),
    "419511003": ("", "medication"),
    "418471000": ("", "food"),
    "59037007": ("intolerance", "medication"),
    "235719002": ("intolerance", "food"),
}


def concern(act: Node, drafting: Drafting) -> list[Resource]:
    """Each allergy observation in the act."""
    inner = related(act, "7")
    clinical = status(act, _CONCERN, otherwise="") if inner else ""
    plain(act)
    return [allergy(observation, drafting, clinical=clinical, act=act) for observation in inner]


def allergy(observation: Node, drafting: Drafting, *, clinical: str = "", act: Node | None = None) -> Resource:
    types = drafting.types
    plain(observation)
    negated = is_negated(observation)
    of_type, category = _KINDS.get(observation.one("value").peek("code"), ("", ""))
    agents = [each for each in observation.all("participant") if each.peek("typeCode") == "CSM"]
    agent = agents[0].one("participantRole", "playingEntity") if agents else observation.one("participant", "none")
    code = types.concept(agent.one("code"))
    if not code and (name := agent.one("name").text()):
        code = {"text": name}
    # The kind is told by type and category; one that these cannot tell stays unread, and is named.
    kind = types.concept(observation.one("value")) if of_type or category or not code else {}
    for each in related(observation, "28"):  # the status of the allergy says more than that of the concern
        clinical = snomed(each.one("value"), _STATUS) or clinical
        plain(each)
    time, recorder = recorded(observation, drafting)
    if time is None and act is not None:
        time, recorder = recorded(act, drafting)
    high = types.time(observation.one("effectiveTime", "high"), what="an allergy's end")
    made = {
        "resourceType": "AllergyIntolerance",
        # Rule ait-1 asks for a status also of what is refuted; "no known allergies" is a refutation of the kind.
        "clinicalStatus": _coded(_CLINICAL, "inactive" if negated else clinical or ("resolved" if high else "active")),
        "verificationStatus": _coded(_VERIFICATION, "refuted") if negated else None,
        "type": of_type,
        "category": [category] if category else [],
        "criticality": _criticality(observation),
        "code": code or kind,
        "patient": drafting.subject,
        "onsetDateTime": types.start(observation.one("effectiveTime"), what="an allergy's onset"),
        "recordedDate": time,
        "recorder": recorder,
        "note": comments(observation, drafting),
        "reaction": [
            reaction for each in related(observation, "9", kind="MFST") if (reaction := _reaction(each, drafting))
        ],
    }
    return drafting.keep(made, observation)


def _criticality(observation: Node) -> str | None:
    for each in related(observation, "145"):
        value = each.one("value")
        plain(each)
        if known := _CRITICALITY.get(value.peek("code")):
            value.get("code"), value.get("displayName")
            return known
    return None


def _reaction(observation: Node, drafting: Drafting) -> Resource | None:
    types = drafting.types
    plain(observation)
    if is_negated(observation):
        return None
    manifestation = types.concept(observation.one("value")) or types.concept(observation.one("code"))
    if not manifestation:
        return None
    severity = None
    for each in related(observation, "8"):
        severity = snomed(each.one("value"), _SEVERITY)
        plain(each)
    onset = types.start(observation.one("effectiveTime"), what="a reaction's time")
    made = {"manifestation": [manifestation], "onset": onset, "severity": severity}
    return {name: value for name, value in made.items() if value}


def _coded(system: str, code: str) -> Resource | None:
    return {"coding": [{"system": system, "code": code}]} if code else None
