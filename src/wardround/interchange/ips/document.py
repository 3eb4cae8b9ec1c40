"""Assembles a summary: the Composition with its sections, then the patient and everything the sections name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wardround.interchange.ips.narrative import NOTHING, WITHHELD, Note, about, table_of
from wardround.interchange.ips.sections import SECTIONS, TYPES, Resource, Section, is_valid, shown_in

LOINC = "http://loinc.org"
_DOCUMENT = "60591-5"
_EMPTY_REASON = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


@dataclass(frozen=True, slots=True)
class Issue:
    """Who gives the summary out, when, and under which ids (uuids: each summary is a document of its own)."""

    base: str  # address of the FHIR interface
    author: str  # the hospital's name
    instant: str
    bundle_id: str
    composition_id: str
    author_id: str
    closed: frozenset[str] = frozenset()  # types that whoever asked may not see: said, so that it is not read as "none"


def summary_of(patient: Resource, *, chart: Iterable[Resource], named: Iterable[Resource], notes: Mapping[str, Note], issue: Issue) -> Resource:  # fmt: skip
    """A document Bundle of the patient and of what SECTIONS choose from the chart.

    `named` are resources of nobody's chart that the chosen ones may refer to; only those that are named come along.
    """
    chart = list(chart)
    sections = [(section, shown_in(section, chart)) for section in SECTIONS]
    shown = {_key(r): r for _section, resources in sections for r in resources}
    wanted = addresses_in([patient, *shown.values()])
    # Results of a report that are not shown themselves come along, so that the document holds together.
    related = {_key(r): r for r in chart if _key(r) in wanted and _key(r) not in shown and is_valid(r)}
    wanted |= addresses_in(related.values())
    others = {_key(r): r for r in named if _key(r) in wanted and is_valid(r)}
    further = addresses_in(others.values())
    others |= {_key(r): r for r in named if _key(r) in further and is_valid(r)}
    composition = _composition(patient, sections, notes=notes, issue=issue)
    author = {"resourceType": "Organization", "id": issue.author_id, "name": issue.author}
    entries = [
        _entry(f"urn:uuid:{issue.composition_id}", composition),
        _entry(f"{issue.base}/{_key(patient)}", patient),
        _entry(f"urn:uuid:{issue.author_id}", author),
        *(
            _entry(f"{issue.base}/{key}", r)
            for key, r in {**shown, **related, **others}.items()
            if key != _key(patient)
        ),
    ]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{issue.bundle_id}"},
        "type": "document",
        "timestamp": issue.instant,
        "entry": entries,
    }


def _composition(
    patient: Resource, sections: list[tuple[Section, list[Resource]]], *, notes: Mapping[str, Note], issue: Issue
) -> Resource:
    author = {"reference": f"urn:uuid:{issue.author_id}", "display": issue.author}
    return {
        "resourceType": "Composition",
        "id": issue.composition_id,
        "text": {
            "status": "generated",
            "div": about(patient, author=issue.author, instant=issue.instant, closed=sorted(issue.closed & TYPES)),
        },
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": _DOCUMENT, "display": "Patient summary Document"}]},
        "subject": {"reference": f"{issue.base}/{_key(patient)}"},
        "date": issue.instant,
        "author": [author],
        "title": "International Patient Summary",
        "custodian": author,
        "section": [
            _section(section, resources, notes=notes, issue=issue)
            for section, resources in sections
            if resources or section.is_required
        ],
    }


def _section(section: Section, resources: list[Resource], *, notes: Mapping[str, Note], issue: Issue) -> Resource:
    closed = sorted(issue.closed.intersection(section.chosen))
    made: Resource = {
        "title": section.title,
        "code": {"coding": [{"system": LOINC, "code": section.code}], "text": section.title},
        "text": {"status": "generated", "div": table_of(resources, notes=notes, closed=closed)},
    }
    if resources:
        return {**made, "entry": [{"reference": f"{issue.base}/{_key(r)}"} for r in resources]}
    code, text = ("withheld", WITHHELD) if closed else ("unavailable", NOTHING)
    return {**made, "emptyReason": {"coding": [{"system": _EMPTY_REASON, "code": code}], "text": text}}


def _entry(address: str, resource: Resource) -> Resource:
    return {"fullUrl": address, "resource": resource}


def _key(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _addresses(value: Any) -> Iterator[str]:
    """Every relative reference in a resource, as Type/id. An absolute one names a resource of another server."""
    if isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and ":" not in reference and not reference.startswith("#"):
            yield reference.split("/_history/")[0]
        for below in value.values():
            if isinstance(below, dict | list):
                yield from _addresses(below)
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item)


def addresses_in(resources: Iterable[Resource]) -> frozenset[str]:
    """Every relative reference in these resources, as Type/id: what else has to be read for a summary."""
    return frozenset(address for resource in resources for address in _addresses(resource))
