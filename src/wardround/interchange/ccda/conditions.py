"""Problem concern acts, diagnosis acts and problem observations as Condition (C-CDA on FHIR guide, "Problems")."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, plain, recorded, related, snomed, status

Resource = dict[str, Any]
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_CONCERN = {"active": "active", "suspended": "inactive", "aborted": "inactive", "completed": "inactive"}
_STATUS = {
    "55561003": "active",
    "73425007": "inactive",
    "413322009": "resolved",
    "277022003": "remission",
    "255227004": "recurrence",
    "246455001": "recurrence",
}
_ABATED = ("inactive", "resolved", "remission")


def concern(act: Node, drafting: Drafting) -> list[Resource]:
    """Each problem observation in a problem concern act."""
    inner = related(act, "4")
    clinical = status(act, _CONCERN, otherwise="") if inner else ""
    plain(act)
    return [problem(each, drafting, category="problem-list-item", clinical=clinical, act=act) for each in inner]


def diagnosis(act: Node, drafting: Drafting) -> list[Resource]:
    """Each problem observation in an encounter, admission, discharge or operative diagnosis act."""
    plain(act)
    kind = drafting.types.concept(act.one("code"))  # of admission, discharge, before or after an operation
    return [problem(each, drafting, category="encounter-diagnosis", kind=kind, act=act) for each in related(act, "4")]


def problem(
    observation: Node,
    drafting: Drafting,
    *,
    category: str = "",
    clinical: str = "",
    kind: Resource | None = None,
    act: Node | None = None,
) -> Resource:
    types = drafting.types
    plain(observation)
    sort = {} if observation.one("code").peek("code") == "ASSERTION" else types.concept(observation.one("code"))
    negated = is_negated(observation)
    for each in related(observation, "6"):
        clinical = snomed(each.one("value"), _STATUS) or clinical
        plain(each)
    onset = types.start(observation.one("effectiveTime"), what="a problem's onset")
    abated = types.time(observation.one("effectiveTime", "high"), what="a problem's end")
    if abated and clinical not in _ABATED:
        clinical = "resolved"  # rule con-4: what has abated is not active
    time, recorder = recorded(observation, drafting)
    if time is None and act is not None:
        time, recorder = recorded(act, drafting)
    site = types.concept(observation.one("targetSiteCode"))
    made = {
        "resourceType": "Condition",
        "clinicalStatus": None if negated else _coded(_CLINICAL, clinical),
        "verificationStatus": _coded(_VERIFICATION, "refuted") if negated else None,
        "category": [each for each in (_coded(_CATEGORY, category), kind, sort) if each],
        "code": types.concept(observation.one("value")),
        "bodySite": [site] if site else [],
        "subject": drafting.subject,
        "onsetDateTime": onset,
        "abatementDateTime": abated,
        "recordedDate": time,
        "recorder": recorder,
        "note": comments(observation, drafting),
    }
    return drafting.keep(made, observation)


def _coded(system: str, code: str) -> Resource | None:
    return {"coding": [{"system": system, "code": code}]} if code else None
