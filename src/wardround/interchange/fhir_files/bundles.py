"""A Bundle of any type as drafts: what is one message is one draft, what stands for itself is a draft of its own.

transaction, collection, message and a Bundle without a type are stored whole or not at all. A document, too, and the document
itself is kept as received, in the chart of the patient it is about. The entries of a batch, a searchset, a history and of the answers to a batch or
transaction stand for themselves, so one that is refused keeps none of the others out; of a history the newest version of each
resource is stored.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.json import dumps
from wardround.interchange.fhir.links import Kind, with_links
from wardround.interchange.fhir_files.bulk_export import rank
from wardround.interchange.fhir_files.documents import document_reference

Resource = dict[str, Any]
Converting = Callable[[Any], Resource]  # the R4 resource of what an entry holds; raises Unreadable with a sentence
_APART = ("batch", "searchset", "history", "batch-response", "transaction-response")
_METHODS = ("GET", "DELETE", "PATCH", "HEAD")
_URN = ("urn:uuid:", "urn:oid:")
_NOT_RECORDS = ("OperationOutcome",)


@dataclass(slots=True)
class _Entry:
    number: int
    body: dict[str, Any]
    resource: Resource | None = None
    note: str = ""  # what of it is not stored although nothing is wrong

    @property
    def place(self) -> str:
        return f"Bundle.entry[{self.number}]"

    @property
    def method(self) -> str:
        return _text(self.body.get("request"), "method")

    @property
    def address(self) -> str:
        return _text(self.body.get("request"), "url").lstrip("./")

    @property
    def full_url(self) -> str:
        return _text(self.body, "fullUrl")


def drafts_of(
    bundle: dict[str, Any], source: Source, *, converting: Converting, is_r4: bool = True
) -> Iterator[Draft | Reject]:
    """The drafts of one Bundle, or the Reject that says why there are none."""
    bodies = bundle.get("entry", [])
    if not isinstance(bodies, list) or not all(isinstance(body, dict) for body in bodies):
        yield Reject(source, "The Bundle's entry is a list of objects.")
        return
    entries = [_Entry(number, body) for number, body in enumerate(bodies)]
    if not entries:
        yield Reject(source, "The Bundle is empty.")
    elif all(entry.method == "DELETE" and "resource" not in entry.body for entry in entries):
        yield Reject(source, _deleted(entries))
    elif bundle.get("type") in _APART:
        yield from _apart(bundle, entries, source, converting)
    else:
        yield _whole(bundle, entries, source, converting, is_r4=is_r4)


def _whole(
    bundle: dict[str, Any], entries: Sequence[_Entry], source: Source, converting: Converting, *, is_r4: bool
) -> Draft | Reject:
    for entry in entries:
        try:
            entry.resource = _resource(entry, converting)
        except Unreadable as error:
            return Reject(source, f"{entry.place}{error}")
    links = _links(entries)
    resources = [_linked(entry.resource, links) for entry in entries if entry.resource is not None]
    resources.sort(key=lambda resource: rank(resource["resourceType"]))
    notes = _notes(entries)
    if bundle.get("type") == "document":
        kept = document_reference(bundle, source.raw, resources) or (bundle if is_r4 else None)
        resources += [kept] if kept else []
        notes += () if kept else ("Bundle: the document itself, of another FHIR version",)
    return Draft(tuple(resources), source, unmapped=notes)


def _apart(
    bundle: dict[str, Any], entries: Sequence[_Entry], source: Source, converting: Converting
) -> Iterator[Draft | Reject]:
    is_history = bundle["type"] == "history"
    refused: dict[int, str] = {}
    newest: set[str] = set()
    for entry in entries:
        try:
            if is_history and (key := _version_of(entry)):
                if key in newest:
                    entry.note = "an earlier version"
                    continue
                newest.add(key)
            entry.resource = _resource(entry, converting, needs_one=bundle["type"] in ("batch", "history"))
        except Unreadable as error:
            refused[entry.number] = f"{entry.place}{error}"
    links = _links(entries)
    for entry in sorted(entries, key=lambda entry: rank(entry.resource["resourceType"]) if entry.resource else 0):
        body = dict(entry.body)
        if entry.resource is not None:
            body["resource"] = entry.resource = _linked(entry.resource, links)
        # Each is a Bundle of one entry, so that it can be read again alone.
        raw = dumps({"resourceType": "Bundle", "type": bundle["type"], "entry": [body]})
        place = Source(source.file, f"{source.position}, entry {entry.number + 1}", raw)
        if entry.number in refused:
            yield Reject(place, refused[entry.number])
        elif entry.resource is not None:
            yield Draft((entry.resource,), place)
        else:
            yield Draft((), place, unmapped=_notes([entry]))


def _resource(entry: _Entry, converting: Converting, *, needs_one: bool = True) -> Resource | None:
    """What an entry asks to store, with the id that its address gives; None where it holds no record."""
    if entry.body.get("request", {}) and entry.method not in ("", "POST", "PUT"):
        shown = entry.method if entry.method in _METHODS else "something else than POST or PUT"
        raise Unreadable(f".request asks for {shown}; a file holds resources.")
    if "resource" not in entry.body:
        if not needs_one:
            entry.note = "an answer without a resource"
            return None
        raise Unreadable(" has no resource; a file of records holds resources.")
    given = entry.body["resource"]
    if isinstance(given, dict) and given.get("resourceType") in _NOT_RECORDS:
        entry.note = str(given["resourceType"])
        return None
    try:
        resource = converting(given)
    except Unreadable as error:
        raise Unreadable(f": {error}") from None
    return _addressed(resource, entry)


def _addressed(resource: Resource, entry: _Entry) -> Resource:
    """The resource with the id of the address that it is to be put to; raises Unreadable for an address that is not its own."""
    if not entry.method or not entry.address:
        return resource
    path, asks, _query = entry.address.partition("?")
    steps = path.split("/")
    named, name = (steps[-2], steps[-1]) if len(steps) > 1 else (steps[0], "")
    given = resource.get("id")
    if named != resource["resourceType"] or "$" in path or (entry.method == "PUT" and not (name or asks)):
        raise Unreadable(".request.url is not the address of its resource; write Type for POST and Type/id for PUT.")
    if entry.method == "POST" or not name:
        return resource
    if given is not None and given != name:
        raise Unreadable(".request.url and the resource's id differ; what is put has the id of its address.")
    return resource if given is not None else _with_id(resource, name)


def _links(entries: Sequence[_Entry]) -> dict[str, str]:
    """fullUrl -> the reference that leads to the entry's resource. A resource without any name gets its fullUrl's as id."""
    several = Counter(
        named for entry in entries if entry.resource is not None and (named := _by_identifier(entry.resource))
    )
    links = {}
    for entry in entries:
        resource, full_url = entry.resource, entry.full_url
        if resource is None or not full_url:
            continue
        type_name = resource["resourceType"]
        if not isinstance(resource.get("id"), str):
            named = _by_identifier(resource)
            if named and several[named] == 1:
                links[full_url] = named
                continue
            if not (own := _own_name(full_url, type_name)):
                continue
            resource = entry.resource = _with_id(resource, own)
        links[full_url] = f"{type_name}/{resource['id']}"
    return {url: link for url, link in links.items() if url != link}


def _by_identifier(resource: Resource) -> str:
    """ "Patient?identifier=system|value", where the resource has no id and a first identifier with a value."""
    found = resource.get("identifier")
    first = found[0] if isinstance(found, list) and found else found
    if "id" in resource or not isinstance(first, dict) or not isinstance(first.get("value"), str):
        return ""
    system = first.get("system", "")
    if not isinstance(system, str):
        return ""
    return f"{resource['resourceType']}?identifier={quote(f'{system}|' if system else '', safe=':/|')}{quote(first['value'], safe='')}"


def _own_name(full_url: str, type_name: str) -> str:
    for prefix in _URN:
        if full_url.startswith(prefix):
            return full_url.removeprefix(prefix)
    *_before, named, name = ["", "", *full_url.split("/")]
    return name if named == type_name else ""


def _with_id(resource: Resource, name: str) -> Resource:
    return {"resourceType": resource["resourceType"], "id": name} | resource


def _linked(resource: Resource, links: dict[str, str]) -> Resource:
    """The same resource with its links to other entries made links to where these will stand."""
    if not links:
        return resource

    def replaced(link: str, kind: Kind) -> str:
        found = links.get(link)
        if found is None or (kind == "address" and not link.startswith(_URN)) or (kind == "address" and "?" in found):
            return link
        return found

    return with_links(resource, replacing=replaced)


def _version_of(entry: _Entry) -> str:
    """ "Patient/7": which resource an entry of a history is a version of."""
    resource = entry.body.get("resource")
    if isinstance(resource, dict) and isinstance(resource.get("id"), str):
        return f"{resource.get('resourceType')}/{resource['id']}"
    return entry.address if "/" in entry.address else ""


def _notes(entries: Sequence[_Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"Bundle.entry: {entry.note}" for entry in entries if entry.note))


def _deleted(entries: Sequence[_Entry]) -> str:
    types = sorted({entry.address.partition("/")[0] for entry in entries})
    shown = ", ".join(name for name in types if name.isascii() and name.isalpha() and len(name) < 40) or "resources"
    return f"The source has deleted {shown}. An import deletes nothing: look them up here and decide about each."


def _text(value: Any, name: str) -> str:
    found = value.get(name, "") if isinstance(value, dict) else "" if value is None else "?"
    return found if isinstance(found, str) else "?"
