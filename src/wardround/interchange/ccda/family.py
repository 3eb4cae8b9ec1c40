"""Family history organizers as FamilyMemberHistory: one relative, with what that relative had."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import comments, is_negated, plain, related, status

Resource = dict[str, Any]
_STATUS = {"completed": "completed", "active": "partial", "nullified": "entered-in-error"}
_SEX = {"M": "male", "F": "female", "UN": "other"}
_GENDER = "http://hl7.org/fhir/administrative-gender"
_YEARS = ("a", "mo", "wk", "d")


def relative(organizer: Node, drafting: Drafting) -> list[Resource]:
    """One relative; nothing where it is not said how they are related."""
    types = drafting.types
    person = organizer.one("subject", "relatedSubject")
    relationship = types.concept(person.one("code"))
    if not relationship:
        return []
    about = person.one("subject")
    observations = [each for each in organizer.all("component", "observation") if each.peek("negationInd") != "true"]
    made = {
        "resourceType": "FamilyMemberHistory",
        "status": status(organizer, _STATUS, otherwise="health-unknown"),
        "patient": drafting.subject,
        "name": about.one("name").text(),
        "relationship": relationship,
        "sex": _sex(about.one("administrativeGenderCode")),
        "bornDate": types.date(about.one("birthTime"), what="a relative's birth date"),
        **_deceased(about, drafting),
        "condition": [condition for each in observations if (condition := _condition(each, drafting))],
    }
    return [drafting.keep(made, organizer)]


def _sex(node: Node) -> Resource | None:
    known = _SEX.get(node.peek("code"))
    if known:
        node.get("code"), node.get("displayName")
    return {"coding": [{"system": _GENDER, "code": known}]} if known else None


def _deceased(about: Node, drafting: Drafting) -> Resource:
    if died := drafting.types.date(about.one("deceasedTime"), what="a relative's death"):
        about.one("deceasedInd").skip()
        return {"deceasedDate": died}
    said = about.one("deceasedInd").get("value")
    return {"deceasedBoolean": said == "true"} if said in ("true", "false") else {}


def _condition(observation: Node, drafting: Drafting) -> Resource | None:
    types = drafting.types
    is_negated(observation)
    plain(observation)
    code = types.concept(observation.one("value"))
    if not code:
        return None
    deaths = related(observation, "47", kind="CAUS")
    for death in deaths:  # it says that the relative died of this, and nothing else
        plain(death)
        death.one("value").skip()
    made = {
        "code": code,
        "contributedToDeath": True if deaths else None,
        "onsetAge": next((age for each in related(observation, "31") if (age := _age(each, drafting))), None),
        "note": comments(observation, drafting),
    }
    return {name: value for name, value in made.items() if value}


def _age(observation: Node, drafting: Drafting) -> Resource | None:
    value = observation.one("value")
    if value.peek("unit") not in _YEARS:
        return None
    plain(observation)
    observation.one("code").skip()
    return drafting.types.quantity(value)
