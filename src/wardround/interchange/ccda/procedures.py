"""Procedure activities (procedure, act, observation) as Procedure (C-CDA on FHIR guide, "Procedures")."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.header import practitioner_reference
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, performers, related, status

Resource = dict[str, Any]
_STATUS = {
    "completed": "completed",
    "active": "in-progress",
    "aborted": "stopped",
    "cancelled": "not-done",
    "held": "on-hold",
    "suspended": "on-hold",
    "nullified": "entered-in-error",
}


def procedure(node: Node, drafting: Drafting) -> list[Resource]:
    types = drafting.types
    if node.peek("moodCode") not in ("EVN", ""):
        return []
    code = types.concept(node.one("code"))
    if not code:
        return []
    negated = is_negated(node)
    said = status(node, _STATUS, otherwise="unknown")
    outcome = (
        types.value(node.one("value")).get("valueCodeableConcept") if node.one("value").type in ("CD", "CE") else None
    )
    reasons = [reason for each in related(node, "19") if (reason := types.concept(each.one("value")))]
    recorder = practitioner_reference(node.one("author", "assignedAuthor"), drafting)
    made = {
        "resourceType": "Procedure",
        "status": "not-done" if negated else said,
        "code": code,
        "subject": drafting.subject,
        **types.when("performed", node.one("effectiveTime"), what="a procedure's time"),
        "recorder": recorder,
        "performer": [{"actor": actor} for actor in performers(node, drafting)],
        "reasonCode": reasons,
        "bodySite": [site for each in node.all("targetSiteCode") if (site := types.concept(each))],
        "outcome": outcome,
        "note": comments(node, drafting),
    }
    return [drafting.keep(made, node)]
