"""What all clinical statements of a document share: authors, comments, statuses, related statements."""

from typing import Any

from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.header import organization_reference, practitioner_reference
from wardround.interchange.ccda.nodes import Node

Resource = dict[str, Any]
TEMPLATES = "2.16.840.1.113883.10.20.22.4"
_COMMENT = f"{TEMPLATES}.64"
_SNOMED = "2.16.840.1.113883.6.96"


def recorded(node: Node, drafting: Drafting) -> tuple[str | None, Resource | None]:
    """(time, reference) of the first author of a statement."""
    author = node.one("author")
    time = drafting.types.start(author.one("time"), what="an author's time")
    return time, practitioner_reference(author.one("assignedAuthor"), drafting)


def performers(node: Node, drafting: Drafting) -> list[Resource]:
    """Who did it: the person, else the organisation that the person stands for."""
    found = []
    for entity in node.all("performer", "assignedEntity"):
        person = practitioner_reference(entity, drafting)
        found.append(person or organization_reference(entity.one("representedOrganization"), drafting))
    return [reference for reference in found if reference]


def related(node: Node, template: str, *, kind: str = "") -> list[Node]:
    """The statements in entryRelationships that follow a template (its last part or the whole), of a typeCode where one is given."""
    root = template if template.startswith("2.") else f"{TEMPLATES}.{template}"
    return [
        statement
        for each in node.all("entryRelationship")
        if not kind or each.peek("typeCode") == kind
        for statement in each.children()
        if root in statement.templates()
    ]


def comments(node: Node, drafting: Drafting) -> list[Resource]:
    """Notes: comment activities, and text that stands in the statement itself."""
    texts = [drafting.types.narrative(act.one("text")) for act in related(node, _COMMENT)]
    for act in related(node, _COMMENT):
        act.one("code").skip()
        act.one("statusCode").skip()
    own = node.one("text")
    if own.one("reference"):
        own.one("reference").get("value")  # the narrative says in words what the statement says in codes
        own.text()
    else:
        texts.append(own.text())
    return [{"text": text} for text in texts if text]


def status(node: Node, known: dict[str, str], *, otherwise: str) -> str:
    """What statusCode means for a resource; what is not known stays unread."""
    said = node.one("statusCode").peek("code")
    if said in known:
        node.one("statusCode").get("code")
        return known[said]
    return otherwise


def snomed(node: Node, known: dict[str, str]) -> str | None:
    """What a SNOMED CT code means, where it is one of these."""
    meaning = known.get(node.peek("code")) if node.peek("codeSystem") in (_SNOMED, "") else None
    if meaning:
        node.get("code"), node.get("displayName")
        drop_text(node)
    return meaning


def drop_text(node: Node) -> None:
    """The original text of a code whose meaning was taken up."""
    node.one("originalText").text()
    node.one("originalText", "reference").get("value")


def plain(node: Node) -> None:
    """Count the parts as read that only say which template it is: code ASSERTION, statusCode completed, its id."""
    if node.one("code").peek("code") in ("ASSERTION", "CONC", "SEV", "33999-4", "82606-5", "48766-0"):
        node.one("code").skip()
    if node.one("statusCode").peek("code") == "completed":
        node.one("statusCode").skip()
    for each in node.all("id"):
        each.skip()
    text = node.one("text")
    if text.one("reference"):
        text.skip()


def is_negated(node: Node) -> bool:
    return node.get("negationInd") == "true"
