"""Documents (MDM T01 to T11): TXA with what follows it as a DocumentReference.

After HL7's tables TXA[DocumentReference], OBX[DocumentReference], NTE[DocumentReference], ED[Attachment], RP[Attachment]
and MDM_T02 (HL7 v2-to-FHIR, Apache-2.0). Text is kept as text/plain: escapes are resolved when a message is read.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.attachments import TEXTS, encapsulated, mime, pointed
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.document_groups import Document, documents_apart
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import comment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.orders import order_key, orders, orders_of
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.mapping import Mapping

_CANCELLED = ("T11",)
_APPENDS, _REPLACES = ("T05", "T06"), ("T09", "T10")
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_NO_CONTENT = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
_ALTERNATE = "http://hl7.org/fhir/StructureDefinition/alternate-codes"
_TYPES, _COMPLETION, _CONFIDENTIALITY, _AVAILABILITY = (
    f"http://terminology.hl7.org/CodeSystem/v2-{table}" for table in ("0270", "0271", "0272", "0273")
)
_TEXT = "text/plain; charset=utf-8"
# Table 0273: deleted, obsolete. What is not available is current all the same; the code stays beside the status.
_STATUS = {"": "current", "AV": "current", "UN": "current", "CA": "entered-in-error", "OB": "superseded"}
_DOC_STATUS = {"AU": "final", "LA": "final", **dict.fromkeys(("DI", "DO", "IN", "IP", "PA"), "preliminary")}
_INSTANT = re.compile(r".{10}T.{8}.*")


def documents(context: Context) -> Iterator[Resource]:
    """The orders that a document was made for, and a DocumentReference for each TXA with what belongs to it."""
    made_for = []
    for one in orders_of(context):
        type_name, key = order_key(one)
        made_for.append(key.reference(type_name))
    yield from orders(context)
    for document in documents_apart(context.message.segments, content_follows=context.kind == "MDM")[1]:
        yield from _replaced(document.header, context)
        yield document_reference(document, orders=made_for, context=context)


def _replaced(header: Segment, context: Context) -> Iterator[Resource]:
    """The document that a replacement replaces is superseded (FHIR R4, DocumentReference.relatesTo), whenever it comes."""
    parent = Entity.of(header.first(13)) if context.event in _REPLACES and header.has(13) else Entity("")
    if not parent or parent.name == Entity.of(header.first(12)).name:
        return
    result: Resource = {
        "resourceType": "DocumentReference",
        "masterIdentifier": parent.identifier(purpose="document", mapping=context.mapping),
        "identifier": [document_key(parent, mapping=context.mapping).identifier()],
        "status": "superseded",
        "subject": context.patient,
        "content": [{"attachment": dict(_NO_CONTENT)}],
    }
    yield context.amending(result, defaults=("content",))


def document_reference(document: Document, *, orders: Sequence[Resource], context: Context) -> Resource:
    """One TXA with its text and files; `orders` are references to what the document was made for."""
    mapping, held = context.mapping, Held(context.mapping)
    header, event, observations = document.header, context.event, document.content
    number = _entity(header, 12)
    if not number:
        raise Unreadable("TXA-12 is empty; it would be the number of the document")
    status = "entered-in-error" if event in _CANCELLED else _status(header)
    related = _pointers(observations, mapping)
    result: Resource = {
        "resourceType": "DocumentReference",
        "masterIdentifier": number.identifier(purpose="document", mapping=mapping),
        "identifier": [document_key(number, mapping=mapping).identifier(), *_file_name(header, mapping)],
        "status": status,
        **_beside("status", header.text(19), _AVAILABILITY, leave=("", "AV")),
        "docStatus": "entered-in-error" if event in _CANCELLED else _DOC_STATUS.get(header.text(17)),
        **_beside("docStatus", header.text(17), _COMPLETION, leave=("",)),
        "type": _type(header, mapping),
        "subject": context.patient,
        "date": _instant(header, mapping),
        "author": [one for value in header.repetitions(9) if (one := held.practitioner(value))],
        "authenticator": _authenticator(header, held),
        "relatesTo": _relations(header, event, mapping),
        "description": header.text(25),
        "securityLabel": _labels(header),
        "content": _content(header, observations, document.notes, mapping),
        "context": _circumstances(header, event, [*orders, *related], context),
    }
    # A notification (T01, T03, ...) leaves the text that came before it as it is.
    defaults = ["content"] if _is_absent(result["content"]) else []
    if event not in _CANCELLED and not header.peek(19):
        defaults.append("status")
    return context.amending(held.into(building.without_empty(result)), defaults=defaults)


def _is_absent(content: list[Resource]) -> bool:
    return all("extension" in one["attachment"] for one in content)


def document_key(number: Entity, *, mapping: Mapping) -> Key:
    return Key(mapping.record_system, f"document:{number.name}")


def _entity(header: Segment, field: int) -> Entity:
    found = header.repetitions(field)
    return Entity.of(found[0]) if found else Entity("")


def _file_name(header: Segment, mapping: Mapping) -> list[Resource]:
    name = header.text(16)
    return [Entity(name).identifier(purpose="document-file", mapping=mapping, secondary=True)] if name else []


def _status(header: Segment) -> str:
    status = _STATUS.get(header.text(19))
    if status is None:
        raise Unreadable("TXA-19 is not in HL7's table 0273; it would be AV, CA, OB, UN or empty")
    return status


def _beside(element: str, code: str, system: str, *, leave: Sequence[str]) -> Resource:
    """The code as received beside a status of fewer values."""
    if code in leave:
        return {}
    concept = building.concept([building.coding(system, code)])
    return {f"_{element}": {"extension": [{"url": _ALTERNATE, "valueCodeableConcept": concept}]}}


def _type(header: Segment, mapping: Mapping) -> Resource:
    found = header.repetitions(2)
    if not found:
        return {}
    code, named = found[0].text(1), found[0].text(3)
    if code and not named:
        return building.concept([building.coding(_TYPES, code, found[0].text(2))])
    return parts.concept_of(found[0], mapping=mapping)


def _instant(header: Segment, mapping: Mapping) -> str | None:
    """TXA-6, where it is precise enough for an instant."""
    time = parts.time(header.text(6), zone=mapping.zone, field="TXA-6")
    return time if time and _INSTANT.fullmatch(time) else None


def _authenticator(header: Segment, held: Held) -> Resource | None:
    """Who is to authenticate (TXA-10), else who did (TXA-22)."""
    for field in (10, 22):
        for value in header.repetitions(field):
            if found := held.practitioner(value):
                return found
    return None


def _relations(header: Segment, event: str, mapping: Mapping) -> list[Resource]:
    """An addendum appends to its parent (TXA-13), a replacement replaces it; other events do not say how they relate."""
    parent = _entity(header, 13)
    code = "appends" if event in _APPENDS else "replaces" if event in _REPLACES else ""
    if not parent or not code or parent.name == _entity(header, 12).name:
        return []
    return [{"code": code, "target": document_key(parent, mapping=mapping).reference("DocumentReference")}]


def _labels(header: Segment) -> list[Resource]:
    code = header.text(18)
    return [building.concept([building.coding(_CONFIDENTIALITY, code)])] if code else []


def _circumstances(header: Segment, event: str, related: Sequence[Resource], context: Context) -> Resource:
    mapping = context.mapping
    start = parts.time(header.text(4), zone=mapping.zone, field="TXA-4")
    parent = _entity(header, 13) if event not in (*_APPENDS, *_REPLACES) else Entity("")
    known = [*related]
    if parent:
        identifier = parent.identifier(purpose="document", mapping=mapping)
        known.append({"type": "DocumentReference", "identifier": identifier})
    for field, purpose, type_code in ((14, "placer", "PLAC"), (15, "filler", "FILL")):
        for number in (Entity.of(value) for value in header.repetitions(field)):
            if number:
                identifier = number.identifier(purpose=purpose, mapping=mapping, type_code=type_code)
                known.append({"type": "ServiceRequest", "identifier": identifier})
    result = {
        "encounter": [context.encounter] if context.encounter else [],
        "period": {"start": start} if start else {},
        "related": known,
    }
    return building.without_empty(result)


def _content(
    header: Segment, observations: Iterable[Segment], notes: Iterable[Segment], mapping: Mapping
) -> list[Resource]:
    """The files and texts in their order; a notification without any says so, because FHIR wants a content."""
    attachments = list(_attachments(observations, mapping))
    attachments += [_text_attachment(text, "") for text in (comment(note) for note in notes) if text]
    if header.peek(3) in TEXTS and any(one.get("contentType") == _TEXT for one in attachments):
        header.text(3)  # that it is a text is what its attachment says
    if not attachments:
        kind = mime(header.text(3), "plain") if header.text(3) in TEXTS else ""
        attachments = [_NO_CONTENT | ({"contentType": kind} if kind.startswith("text/") else {})]
    return [{"attachment": one} for one in attachments]


def _attachments(observations: Iterable[Segment], mapping: Mapping) -> Iterator[Resource]:
    """Texts under one heading (OBX-3) that follow each other are one text; each file and pointer is one attachment."""
    lines: list[str] = []
    heading = ""
    for segment in observations:
        kind, title = segment.text(2), segment.text(3, 2) or segment.text(3)
        if kind in ("HD", "EI"):
            continue
        is_text = kind not in ("ED", "RP")
        if lines and (not is_text or title != heading):
            yield _text_attachment("\n".join(lines), heading)
            lines = []
        if is_text:
            heading = title
            lines += [value.whole() for value in segment.repetitions(5)]
            continue
        for value in segment.repetitions(5):
            found = encapsulated(value) if kind == "ED" else pointed(value)
            if found:
                created = parts.time(segment.text(14), zone=mapping.zone, field="OBX-14")
                yield building.without_empty(found | {"title": title, "creation": created})
    if lines:
        yield _text_attachment("\n".join(lines), heading)


def _pointers(observations: Iterable[Segment], mapping: Mapping) -> list[Resource]:
    """OBX that name something by its number alone, such as a DICOM study."""
    found = []
    for segment in observations:
        if segment.text(2) in ("HD", "EI"):
            for value in segment.repetitions(5):
                number = Entity.of(value)
                if number:
                    identifier = number.identifier(purpose="related", mapping=mapping)
                    found.append({"identifier": identifier, "display": segment.text(3, 2) or segment.text(3)})
    return [building.without_empty(one) for one in found]


def _text_attachment(text: str, title: str) -> Resource:
    data = base64.b64encode(text.encode()).decode()
    return building.without_empty({"contentType": _TEXT, "data": data, "title": title})
