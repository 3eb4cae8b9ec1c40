"""Planned procedures, acts and observations as ServiceRequest (C-CDA on FHIR guide, "Plan of treatment")."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, performers, recorded, related, status

Resource = dict[str, Any]
_INTENT = {"INT": "plan", "RQO": "order", "PRP": "proposal", "PRMS": "directive", "ARQ": "order", "APT": "order"}
_STATUS = {
    "active": "active",
    "completed": "completed",
    "aborted": "revoked",
    "cancelled": "revoked",
    "held": "on-hold",
    "suspended": "on-hold",
    "new": "draft",
    "nullified": "entered-in-error",
}


def planned(node: Node, drafting: Drafting) -> list[Resource]:
    """What is meant, ordered or proposed; nothing where it has happened (mood EVN) or is a goal."""
    types = drafting.types
    code = types.concept(node.one("code")) if node.peek("moodCode") in _INTENT else {}
    if not code:
        return []
    time, author = recorded(node, drafting)
    made = {
        "resourceType": "ServiceRequest",
        "status": status(node, _STATUS, otherwise="unknown"),
        "intent": _INTENT[node.peek("moodCode")],
        "doNotPerform": True if is_negated(node) else None,
        "code": code,
        "subject": drafting.subject,
        **types.when("occurrence", node.one("effectiveTime"), what="a planned time"),
        "authoredOn": time,
        "requester": author,
        "performer": performers(node, drafting),
        "reasonCode": [reason for each in related(node, "19") if (reason := types.concept(each.one("value")))],
        "bodySite": [site for each in node.all("targetSiteCode") if (site := types.concept(each))],
        "note": comments(node, drafting),
    }
    return [drafting.keep(made, node)]
