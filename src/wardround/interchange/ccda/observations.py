"""Results, vital signs and social history as Observation, panels as DiagnosticReport (C-CDA on FHIR guide, "Results", "Vital signs")."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.header import practitioner_reference
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, performers, status

Resource = dict[str, Any]
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_LABORATORY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}
_ENDED = {"completed": "final", "aborted": "cancelled", "cancelled": "cancelled"}
_RUNNING = ("active", "held", "suspended")
_REPORT = _ENDED | dict.fromkeys(_RUNNING, "registered")


def results(organizer: Node, drafting: Drafting) -> list[Resource]:
    """The panel as a DiagnosticReport of its results; a panel without a code of its own gives its results only."""
    time, found = _members(organizer, drafting, category="laboratory")
    code = drafting.types.concept(organizer.one("code"))
    if not code or not found:
        return found
    report = {
        "resourceType": "DiagnosticReport",
        "status": status(organizer, _REPORT, otherwise="unknown"),
        "category": [_LABORATORY],
        "code": code,
        "subject": drafting.subject,
        **time,
        "performer": performers(organizer, drafting) or _author(organizer, drafting),
        "result": found,
    }
    return [*found, drafting.keep(report, organizer)]


def vital_signs(organizer: Node, drafting: Drafting) -> list[Resource]:
    """Each vital sign, and the set that they were taken in."""
    time, found = _members(organizer, drafting, category="vital-signs")
    code = drafting.types.concept(organizer.one("code"))
    if not code or not found:
        return found
    panel = {
        "resourceType": "Observation",
        "status": status(organizer, _ENDED, otherwise="unknown"),
        "category": [_category("vital-signs")],
        "code": code,
        "subject": drafting.subject,
        **time,
        "performer": performers(organizer, drafting) or _author(organizer, drafting),
        "hasMember": found,
    }
    return [*found, drafting.keep(panel, organizer)]


def _members(organizer: Node, drafting: Drafting, *, category: str) -> tuple[Resource, list[Resource]]:
    """When a set was taken, and references to its observations."""
    time = drafting.types.when("effective", organizer.one("effectiveTime"), what="a set of observations' time")
    found = [
        reference
        for each in organizer.all("component", "observation")
        if (reference := observation(each, drafting, category=category, time=time))
    ]
    return time, found


def observation(node: Node, drafting: Drafting, *, category: str = "", time: Resource | None = None) -> Resource | None:
    """One observation; None, and nothing read, for one that is negated, planned, or says neither code nor value."""
    types = drafting.types
    if node.peek("negationInd") == "true" or node.peek("moodCode") not in ("EVN", ""):
        return None
    is_negated(node)
    code = types.concept(node.one("code"))
    if not code:
        return None
    value = types.value(node.one("value")) if node.one("value") else {}
    sites = [site for each in node.all("targetSiteCode") if (site := types.concept(each))]
    made = {
        "resourceType": "Observation",
        "status": _status(node, has_value=bool(value) and "dataAbsentReason" not in value),
        "category": [_category(category)] if category else [],
        "code": code,
        "subject": drafting.subject,
        **(types.when("effective", node.one("effectiveTime"), what="an observation's time") or time or {}),
        "performer": performers(node, drafting) or _author(node, drafting),
        **value,
        "interpretation": [concept for each in node.all("interpretationCode") if (concept := types.concept(each))],
        "note": comments(node, drafting),
        "bodySite": sites[0] if len(sites) == 1 else {"coding": [c for s in sites for c in s.get("coding", [])]},
        "method": types.concept(node.one("methodCode")),
        "referenceRange": [
            limits for each in node.all("referenceRange", "observationRange") if (limits := _range(each, drafting))
        ],
    }
    if made["bodySite"] == {"coding": []}:
        del made["bodySite"]
    return drafting.keep(made, node)


def _status(node: Node, *, has_value: bool) -> str:
    running = "preliminary" if has_value else "registered"
    return status(node, _ENDED | dict.fromkeys(_RUNNING, running), otherwise="unknown")


def _range(node: Node, drafting: Drafting) -> Resource | None:
    types = drafting.types
    value = node.one("value")
    made = types.interval(value) if value.type in ("IVL_PQ", "IVL_INT", "IVL_REAL", "") else {}
    text = types.narrative(node.one("text"))
    if not text and value.type in ("ST", "ED"):
        text = types.narrative(value)
    kind = types.concept(node.one("interpretationCode"))
    made |= ({"type": kind} if kind else {}) | ({"text": text} if text else {})
    return made if made.keys() & {"low", "high", "text"} else None


def _author(node: Node, drafting: Drafting) -> list[Resource]:
    author = practitioner_reference(node.one("author", "assignedAuthor"), drafting)
    return [author] if author else []


def _category(code: str) -> Resource:
    return {"coding": [{"system": _CATEGORY, "code": code}]}
