"""A transaction Bundle: references between its entries resolved, everything done in FHIR's order, all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.http import HttpRequest

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.bodies import json_of
from wardround.hospital.fhir.bundle_entries import BundleEntry
from wardround.hospital.fhir.bundle_references import References
from wardround.hospital.fhir.errors import FhirError, Forbidden
from wardround.hospital.fhir.inner_requests import endpoint_of, inner_request
from wardround.hospital.fhir.patches import patch_text
from wardround.hospital.fhir.preconditions import version_of
from wardround.hospital.fhir.preferences import done_outcome, text_of
from wardround.hospital.fhir.response_entries import entry_of
from wardround.hospital.fhir.responses import base_of, etag
from wardround.hospital.fhir.searching.matching import matching_ids
from wardround.hospital.identity.entry import look_for_duplicates
from wardround.hospital.records.access import require
from wardround.hospital.records.actions.changing import Changing, Precondition, Put, Removal, one_change
from wardround.hospital.records.actions.conditional import as_it_is, id_to_update, one_of
from wardround.hospital.records.actions.resources import new_id, patched_body
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.bodies import instant
from wardround.hospital.records.errors import ManyMatches, NotHere
from wardround.interchange.fhir.json_patch import apply_patch
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

JsonObject = dict[str, Any]
_LETTERS = {"POST": "c", "PUT": "u", "PATCH": "u", "DELETE": "d"}
_STATUS = {"created": "201", "updated": "200", "unchanged": "200", "deleted": "204"}


@dataclass(frozen=True)
class _Step:
    """A write whose resource is known by now. `is_there`: a conditional create found one, so nothing is to be done."""

    entry: BundleEntry
    type_name: str
    logical_id: str  # empty: a conditional deletion that found nothing
    is_there: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.type_name, self.logical_id


def transaction_entries(
    request: HttpRequest, actor: Actor, entries: Sequence[BundleEntry], *, prefer: str
) -> list[JsonObject]:
    """The entries of the response. Raises whatever one of the entries is refused for; then nothing is changed."""
    _check_scopes(actor, entries)
    base = base_of(request)
    try:
        with one_change(actor):
            steps = [_step(actor, entry, base=base) for entry in entries if entry.is_write]
            _check_once(steps)
            done = _written(actor, steps, base=base)
            look_for_duplicates((stored for stored in done if stored is not None), by=actor)
            answers = {
                step.entry.number: _answer(actor, stored, prefer=prefer)
                for step, stored in zip(steps, done, strict=True)
            }
            for entry in entries:
                if not entry.is_write:
                    answers[entry.number] = _read(request, actor, entry)
    except Forbidden:
        # What was said of it inside the transaction is gone with the transaction.
        record_one(actor, "record.write", outcome="refused", detail={"why": "Forbidden"})
        raise
    return [answers[entry.number] for entry in entries]


def _check_scopes(actor: Actor, entries: Sequence[BundleEntry]) -> None:
    """Before the transaction, so that what is refused stays in the audit trail."""
    writes = [entry for entry in entries if entry.is_write]
    if writes:
        require(actor, "write")
    asked = set()
    for entry in writes:
        type_name, _logical_id = entry.target()
        asked.add((type_name, _LETTERS[entry.method]))
        if entry.query or "ifNoneExist" in entry.request:
            asked.add((type_name, "s"))
    for type_name, letter in sorted(asked):
        require_scope(actor, type_name=type_name, letter=letter)


def _step(actor: Actor, entry: BundleEntry, *, base: str) -> _Step:
    """Which resource is meant: as everything stands before the transaction changes it."""
    type_name, logical_id = entry.target()
    if entry.method == "POST":
        condition = entry.request.get("ifNoneExist", "")
        found = _found(actor, entry, type_name, condition, base=base) if condition else None
        return _Step(entry, type_name, found or new_id(), is_there=found is not None)
    if logical_id:
        return _Step(entry, type_name, logical_id)
    found = _found(actor, entry, type_name, entry.query, base=base)
    if entry.method == "PUT":
        return _Step(entry, type_name, id_to_update(entry.body(type_name=type_name), found=found))
    if entry.method == "PATCH" and found is None:
        raise NotHere(f"{entry.place}: no {type_name} matches the condition.")
    return _Step(entry, type_name, found or "")


def _found(actor: Actor, entry: BundleEntry, type_name: str, condition: str, *, base: str) -> str | None:
    try:
        return one_of(matching_ids(actor, type_name, condition, base=base))
    except ManyMatches as error:
        raise ManyMatches(f"{entry.place}: {error}") from None


def _check_once(steps: Sequence[_Step]) -> None:
    seen: set[tuple[str, str]] = set()
    for step in steps:
        # Two conditional creates that find the same one change nothing.
        if step.logical_id and step.key in seen and not step.is_there:
            raise step.entry.refused("A transaction names each resource once; this one stands in two entries.")
        if step.logical_id:
            seen.add(step.key)
    for step in steps:
        if step.is_there and any(other.key == step.key and not other.is_there for other in steps):
            raise step.entry.refused("A transaction names each resource once; this one is found and also changed.")


def _written(actor: Actor, steps: Sequence[_Step], *, base: str) -> list[Stored | None]:
    changing = Changing(actor)
    references = References(
        {step.entry.full_url: f"{step.type_name}/{step.logical_id}" for step in steps if step.entry.full_url},
        search=lambda type_name, query: matching_ids(actor, type_name, query, base=base),
    )
    done: dict[int, Stored | None] = {
        step.entry.number: as_it_is(step.type_name, step.logical_id) for step in steps if step.is_there
    }
    removals = [step for step in steps if step.entry.method == "DELETE"]
    named = [step for step in removals if step.logical_id]
    removed = changing.removed([Removal(step.key, only_if=_only_if(step.entry)) for step in named])
    done |= {step.entry.number: None for step in removals}
    done |= {step.entry.number: stored for step, stored in zip(named, removed, strict=True)}
    rest = [step for step in steps if step.entry.number not in done]
    rest.sort(key=lambda step: ("POST", "PUT", "PATCH").index(step.entry.method))
    puts = [_put(actor, step, references=references) for step in rest]
    done |= {step.entry.number: stored for step, stored in zip(rest, changing.put(puts), strict=True)}
    changing.finish()
    return [done[step.entry.number] for step in steps]


def _put(actor: Actor, step: _Step, *, references: References) -> Put:
    entry = step.entry
    if entry.method == "PATCH":
        operations = json_of(patch_text(entry))
        patched: Callable[[Any], Any] = lambda document: apply_patch(document, operations)  # noqa: E731
        resource = patched_body(patched, type_name=step.type_name, logical_id=step.logical_id, by=actor)
    else:
        resource = entry.body(type_name=step.type_name)
        if entry.method == "POST" or entry.query:
            resource = {**resource, "id": step.logical_id}
        else:
            _check_id(step, resource)
    resource = references.resolved(resource, entry=entry)
    activity = {"POST": "create", "PUT": "update", "PATCH": "patch"}[entry.method]
    return Put(resource, activity=activity, only_if=_only_if(entry), place=f"{entry.place}.resource")  # type: ignore[arg-type]


def _check_id(step: _Step, resource: JsonObject) -> None:
    if resource.get("id") != step.logical_id:
        raise step.entry.refused("The resource must carry the id that the address says.", at="resource.id")


def _only_if(entry: BundleEntry) -> Precondition:
    try:
        version = version_of(entry.request.get("ifMatch", ""))
    except FhirError as error:
        raise entry.refused(str(error), at="request.ifMatch") from None
    must_be_there = entry.request.get("ifMatch", "").strip() == "*"
    if entry.request.get("ifNoneMatch", "*").strip() != "*":
        raise entry.refused("With a write, ifNoneMatch may only be *.", at="request.ifNoneMatch")
    must_be_absent = "ifNoneMatch" in entry.request
    return Precondition(version=version, must_be_there=must_be_there, must_be_absent=must_be_absent)


def _answer(actor: Actor, stored: Stored | None, *, prefer: str) -> JsonObject:
    if stored is None:
        return {"response": {"status": "204"}}
    said: JsonObject = {"status": _STATUS[stored.change]}
    if stored.change != "deleted":
        said["location"] = f"{stored}/_history/{stored.version}"
    said["etag"] = etag(stored.version)
    said["lastModified"] = instant(stored.recorded)
    if prefer == "OperationOutcome":
        said["outcome"] = orjson.Fragment(done_outcome(stored))
    answer: JsonObject = {"response": said}
    if prefer == "representation" and stored.change != "deleted":
        answer = {"resource": orjson.Fragment(text_of(stored, actor=actor)), **answer}
    return answer


def _read(request: HttpRequest, actor: Actor, entry: BundleEntry) -> JsonObject:
    """A read or search at the end, which sees what the transaction wrote."""
    inner = inner_request(request, entry, prefer="")
    endpoint, address = endpoint_of(inner)
    try:
        response = endpoint.handled(inner, actor, address)
    except FhirError as error:
        error.problems = tuple(replace(problem, path=entry.place) for problem in error.problems)
        raise
    return entry_of(response, base=base_of(request), method=entry.method)
