"""Medication and immunization activities (C-CDA on FHIR guide, "Medications", "Immunizations").

What was or is taken (mood EVN) is a MedicationStatement; what is meant or ordered is a MedicationRequest.
"""

from typing import Any

from wardround.interchange.ccda.code_systems import NULL_FLAVOR
from wardround.interchange.ccda.datatypes import Datatypes
from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, performers, plain, recorded, related, status
from wardround.interchange.texts import number_of

Resource = dict[str, Any]
_INTENT = {"INT": "plan", "RQO": "order", "PRMS": "order", "PRP": "proposal"}
_STATEMENT = {
    "active": "active",
    "completed": "completed",
    "aborted": "stopped",
    "suspended": "on-hold",
    "held": "on-hold",
    "nullified": "entered-in-error",
}
_REQUEST = _STATEMENT | {"cancelled": "cancelled"}
_IMMUNIZATION = {"completed": "completed", "active": "completed", "nullified": "entered-in-error"}
_PERIODS = ("s", "min", "h", "d", "wk", "mo", "a")
_EVENTS = ("AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV", "HS", "WAKE", "C", "CM", "CD", "CV")


def medication(node: Node, drafting: Drafting) -> list[Resource]:
    types = drafting.types
    code = _product(node, types) or _unknown_product(node, types)
    if not code:
        return []
    plain_text = comments(node, drafting)
    negated = is_negated(node)
    period = _interval(node)
    dosage = _dosage(node, types)
    time, author = recorded(node, drafting)
    reasons = [reason for each in related(node, "19", kind="RSON") if (reason := _reason(each, types))]
    shared = {"medicationCodeableConcept": code, "subject": drafting.subject, "note": plain_text, "reasonCode": reasons}
    if node.peek("moodCode") == "EVN":
        made = {
            "resourceType": "MedicationStatement",
            "status": "not-taken" if negated else status(node, _STATEMENT, otherwise="unknown"),
            **shared,
            **types.when("effective", period, what="a medication's time"),
            "dateAsserted": time,
            "informationSource": author,
            "dosage": [dosage] if dosage else [],
        }
        if negated:
            status(node, _STATEMENT, otherwise="")
    else:
        bounds = types.period(period, what="a medication's time")
        if bounds:
            dosage = _with_bounds(dosage, bounds)
        made = {
            "resourceType": "MedicationRequest",
            "status": status(node, _REQUEST, otherwise="unknown"),
            "intent": _INTENT.get(node.peek("moodCode"), "plan"),
            "doNotPerform": True if negated else None,
            **shared,
            "authoredOn": time,
            "requester": author,
            "dosageInstruction": [dosage] if dosage else [],
            "dispenseRequest": _repeats(node),
        }
    return [drafting.keep(made, node)]


def immunization(node: Node, drafting: Drafting) -> list[Resource]:
    types = drafting.types
    material = node.one("consumable", "manufacturedProduct", "manufacturedMaterial")
    code = _product(node, types)
    occurrence = types.start(node.one("effectiveTime"), what="an immunization's time")
    if not code or not (occurrence or node.one("effectiveTime").peek("nullFlavor")):
        return []
    negated = is_negated(node)
    for each in related(node, "53"):
        plain(each)
    reasons = [types.concept(each.one("code")) for each in related(node, "53") if types.concept(each.one("code"))]
    given = [{"actor": actor} for actor in performers(node, drafting)]
    time, _author = recorded(node, drafting)
    said = status(node, _IMMUNIZATION, otherwise="not-done" if negated else "")
    made = {
        "resourceType": "Immunization",
        "status": "not-done" if negated else said,
        "statusReason": reasons[0] if negated and reasons else None,
        "vaccineCode": code,
        "patient": drafting.subject,
        **({"occurrenceDateTime": occurrence} if occurrence else {"occurrenceString": "unknown"}),
        "recorded": time,
        "manufacturer": _manufacturer(node),
        "lotNumber": material.one("lotNumberText").text(),
        "site": types.concept(node.one("approachSiteCode")),
        "route": types.concept(node.one("routeCode")),
        "doseQuantity": types.quantity(node.one("doseQuantity")),
        "performer": given,
        "note": comments(node, drafting),
    }
    return [drafting.keep(made, node)] if made["status"] else []


def _product(node: Node, types: Datatypes) -> Resource:
    product = node.one("consumable", "manufacturedProduct")
    material = product.one("manufacturedMaterial")
    code = types.concept(material.one("code"))
    if not code and (name := material.one("name").text()):
        return {"text": name}
    return code


def _unknown_product(node: Node, types: Datatypes) -> Resource:
    """A medication whose code is said not to be known, in the words of the narrative."""
    flavor = node.one("consumable", "manufacturedProduct", "manufacturedMaterial", "code").get("nullFlavor")
    text = types.narrative(node.one("text"))
    return {"coding": [{"system": NULL_FLAVOR, "code": flavor}]} | ({"text": text} if text else {}) if flavor else {}


def _manufacturer(node: Node) -> Resource | None:
    name = node.one("consumable", "manufacturedProduct", "manufacturerOrganization", "name").text()
    return {"display": name} if name else None


def _interval(node: Node) -> Node:
    """The effectiveTime that says from when to when; the others say how often."""
    times = node.all("effectiveTime")
    return next((each for each in times if each.type in ("IVL_TS", "TS", "")), node.one("none"))


def _dosage(node: Node, types: Datatypes) -> Resource:
    repeat: Resource = {}
    for each in node.all("effectiveTime"):
        if each.type == "PIVL_TS":
            repeat |= _period(each.one("period"))
        elif each.type == "EIVL_TS" and each.one("event").peek("code") in _EVENTS:
            repeat["when"] = [each.one("event").get("code")]
            each.one("event").get("displayName")
    dose = types.quantity(node.one("doseQuantity")) if node.one("doseQuantity").peek("value") else None
    limits = types.interval(node.one("doseQuantity")) if dose is None else {}
    rate = types.quantity(node.one("rateQuantity")) if node.one("rateQuantity").peek("value") else None
    rates = types.interval(node.one("rateQuantity")) if rate is None else {}
    given = {"doseQuantity": dose, "doseRange": limits, "rateQuantity": rate, "rateRange": rates}
    given = {name: value for name, value in given.items() if value}
    when_needed = [need for each in node.all("precondition", "criterion") if (need := types.concept(each.one("value")))]
    sig = " ".join(text for each in related(node, "147") if (text := types.narrative(each.one("text"))))
    for each in related(node, "147"):
        plain(each)
        each.one("code").skip()
    made = {
        "text": sig,
        "timing": {"repeat": repeat} if repeat else {},
        "asNeededCodeableConcept": when_needed[0] if when_needed else {},
        "site": types.concept(node.one("approachSiteCode")),
        "route": types.concept(node.one("routeCode")),
        "doseAndRate": [given] if given else [],
    }
    for each in node.all("precondition", "criterion"):
        plain(each)
    return {name: value for name, value in made.items() if value}


def _period(node: Node) -> Resource:
    """Every `period` of a unit of time, at most `periodMax`."""
    low, high = node.one("low"), node.one("high")
    first, last = (low, high) if low.peek("value") else (node, node.one("none"))
    period, unit = number_of(first.peek("value"), decimal="point"), first.peek("unit")
    if period is None or unit not in _PERIODS or period <= 0:
        return {}
    first.get("value"), first.get("unit")
    made: Resource = {"frequency": 1, "period": period, "periodUnit": unit}
    longest = number_of(last.peek("value"), decimal="point")
    if longest is not None and last.peek("unit") == unit:
        last.get("value"), last.get("unit")
        made["periodMax"] = longest
    return made


def _with_bounds(dosage: Resource, bounds: Resource) -> Resource:
    timing = dict(dosage.get("timing", {}))
    timing["repeat"] = {"boundsPeriod": bounds} | timing.get("repeat", {})
    return dosage | {"timing": timing}


def _repeats(node: Node) -> Resource | None:
    number = node.one("repeatNumber").peek("value")
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        return None
    node.one("repeatNumber").get("value")
    return {"numberOfRepeatsAllowed": int(number)}


def _reason(node: Node, types: Datatypes) -> Resource:
    plain(node)
    return types.concept(node.one("value"))
