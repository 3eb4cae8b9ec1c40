"""The body of a document: every entry goes to what knows its template; what nobody knows is listed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from wardround.interchange.ccda import (
    allergies,
    conditions,
    encounters,
    family,
    medications,
    observations,
    plans,
    procedures,
)
from wardround.interchange.ccda.drafting import Drafting
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.ccda.statements import TEMPLATES

Resource = dict[str, Any]
Making = Callable[[Node, Drafting], list[Resource]]

# LOINC codes of C-CDA's sections (Consolidated CDA R2.1, section templates), in the words that the report uses.
_TITLES = {
    "48765-2": "Allergies",
    "10160-0": "Medications",
    "11450-4": "Problems",
    "47519-4": "Procedures",
    "30954-2": "Results",
    "8716-3": "Vital signs",
    "46240-8": "Encounters",
    "11369-6": "Immunizations",
    "29762-2": "Social history",
    "18776-5": "Plan of treatment",
    "47420-5": "Functional status",
    "10190-7": "Mental status",
    "10157-6": "Family history",
    "48768-6": "Payers",
    "42348-3": "Advance directives",
    "46264-8": "Medical equipment",
    "61146-7": "Goals",
    "75310-3": "Health concerns",
    "42346-7": "Admission medications",
    "10183-2": "Discharge medications",
    "46241-6": "Admission diagnosis",
    "11535-2": "Discharge diagnosis",
    "29549-3": "Medications administered",
    "11348-0": "Past medical history",
    "51848-0": "Assessment",
    "51847-2": "Assessment and plan",
    "10164-2": "History of present illness",
    "29299-5": "Reason for visit",
    "42349-1": "Reason for referral",
    "29545-1": "Physical examination",
    "10187-3": "Review of systems",
    "8648-8": "Hospital course",
}


def _one(making: Callable[..., Resource | None], node: Node, drafting: Drafting, **options: Any) -> list[Resource]:
    made = making(node, drafting, **options)
    return [made] if made else []


_MAKERS: dict[str, Making] = {
    f"{TEMPLATES}.30": allergies.concern,
    f"{TEMPLATES}.7": partial(_one, allergies.allergy),
    f"{TEMPLATES}.3": conditions.concern,
    f"{TEMPLATES}.4": partial(_one, conditions.problem),
    f"{TEMPLATES}.33": conditions.diagnosis,
    f"{TEMPLATES}.34": conditions.diagnosis,
    f"{TEMPLATES}.51": conditions.diagnosis,
    f"{TEMPLATES}.65": conditions.diagnosis,
    f"{TEMPLATES}.80": conditions.diagnosis,
    f"{TEMPLATES}.16": medications.medication,
    f"{TEMPLATES}.42": medications.medication,
    f"{TEMPLATES}.52": medications.immunization,
    f"{TEMPLATES}.39": plans.planned,
    f"{TEMPLATES}.41": plans.planned,
    f"{TEMPLATES}.44": plans.planned,
    f"{TEMPLATES}.45": family.relative,
    f"{TEMPLATES}.12": procedures.procedure,
    f"{TEMPLATES}.13": procedures.procedure,
    f"{TEMPLATES}.14": procedures.procedure,
    f"{TEMPLATES}.1": observations.results,
    f"{TEMPLATES}.2": partial(_one, observations.observation, category="laboratory"),
    f"{TEMPLATES}.26": observations.vital_signs,
    f"{TEMPLATES}.27": partial(_one, observations.observation, category="vital-signs"),
    f"{TEMPLATES}.38": partial(_one, observations.observation, category="social-history"),
    f"{TEMPLATES}.78": partial(_one, observations.observation, category="social-history"),
    f"{TEMPLATES}.85": partial(_one, observations.observation, category="social-history"),
    f"{TEMPLATES}.67": partial(_one, observations.observation),
    f"{TEMPLATES}.74": partial(_one, observations.observation),
    "2.16.840.1.113883.10.20.15.3.8": partial(_one, observations.observation, category="social-history"),
    f"{TEMPLATES}.49": encounters.encounter,
}
_STATEMENTS = ("act", "encounter", "observation", "organizer", "procedure", "substanceAdministration")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a section: where it stands in words, and its section and statement."""

    place: str
    label: str
    section: Node
    entry: Node
    statement: Node


def sections(document: Node) -> Iterator[tuple[str, Node]]:
    """(what it is called in reports, section), wherever it stands."""
    for section in document.every("section"):
        code = section.one("code").peek("code")
        yield _TITLES.get(code, f"section {code}" if code else "a section without a code"), section


def entries(label: str, section: Node) -> Iterator[Entry]:
    for number, entry in enumerate(section.all("entry"), 1):
        for statement in entry.children():
            yield Entry(f"{label}, entry {number}", label, section, entry, statement)


def make(statement: Node, drafting: Drafting) -> None:
    """Keep what the statement and those inside it give; statements of a known kind take care of those inside themselves."""
    maker = next((_MAKERS[root] for root in sorted(statement.templates()) if root in _MAKERS), None)
    if maker is not None:
        maker(statement, drafting)
        return
    for relation in ("entryRelationship", "component"):
        for inner in statement.all(relation):
            for nested in inner.children():
                if nested.name in _STATEMENTS:
                    make(nested, drafting)
