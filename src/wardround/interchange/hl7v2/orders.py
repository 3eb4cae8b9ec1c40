"""The orders of a message (ORM, OMG, OML, RDE, RDS, REF, OUL, MDM): each with what it brings along, as FHIR resources.

An order of a service is a ServiceRequest, one of a medication a MedicationRequest or two, a dispense a MedicationDispense.
What was observed beside an order supports it, its specimens are Specimens, and its diagnoses are its reasons.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import order_control
from wardround.interchange.hl7v2.administrations import administration
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.diagnoses import diagnosis_key
from wardround.interchange.hl7v2.document_groups import documents_apart
from wardround.interchange.hl7v2.medications import dispense, encoded_key, requests
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.observations import observations
from wardround.interchange.hl7v2.order_groups import Observed, Order, before_the_first, grouped
from wardround.interchange.hl7v2.order_keys import Numbered, numbered
from wardround.interchange.hl7v2.participations import beside_an_observation
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.service_requests import service_request
from wardround.interchange.hl7v2.specimens import specimen, specimen_key, specimen_of_detail

_RESULTS = ("OUL",)  # what is observed is the answer to the order, not asked beside it
_WITH_DOCUMENTS = ("MDM", "OUL")


def orders(context: Context) -> Iterator[Resource]:
    """Everything that the orders of a message bring, in the order of the message; each order after what it refers to."""
    yield from observed_of_the_patient(context)
    known: dict[str, Resource] = {}
    for one in orders_of(context):
        yield from _brought(one, context, known)


def orders_of(context: Context) -> list[Numbered]:
    """The orders of a message with their keys."""
    segments: Sequence[Segment] = context.message.segments
    if context.kind in _WITH_DOCUMENTS:
        segments = documents_apart(segments, content_follows=context.kind == "MDM")[0]
    found = grouped(segments, detail_first=context.kind in _RESULTS, gifts_share=context.kind == "RAS")
    return numbered(found, message=context.message, patient=context.patient_key, mapping=context.mapping)


def order_key(one: Numbered) -> tuple[str, Key]:
    """Of which type an order's resource is, and its key."""
    if not one.order.pharmacy:
        return "ServiceRequest", one.key
    written = one.order.pharmacy_of("RXO") is not None
    return "MedicationRequest", one.key if written else encoded_key(one)


def observed_of_the_patient(context: Context) -> Iterator[Resource]:
    """What a message observes of the patient before any order."""
    counted = Counter[str]()
    for observed in before_the_first(context.message.segments):
        # Known by the visit and the time, where it has one: the next message corrects what this one says.
        record = ":".join(part for part in ("OBX", context.visit_or_patient, observed.segment.peek(14)) if part)
        yield from observed_as(observed, context, record=record, otherwise="", counted=counted)


def observed_beside(
    observed: Sequence[Observed], context: Context, *, record: str, otherwise: str = "", asks: bool = False
) -> list[Resource]:
    """The Observations of these OBX, with their comments."""
    counted = Counter[str]()
    return [
        one
        for each in observed
        for one in observed_as(each, context, record=record, otherwise=otherwise, counted=counted, asks=asks)
    ]


def reference_to(resource: Resource) -> Resource:
    """A conditional reference to a resource by its first identifier."""
    identifier = resource["identifier"][0]
    return Key(identifier["system"], identifier["value"]).reference(resource["resourceType"])


def _brought(one: Numbered, context: Context, known: dict[str, Resource]) -> Iterator[Resource]:
    order, before = one.order, set(known)
    type_name, key = order_key(one)
    request = key.reference(type_name)
    is_result = context.kind in _RESULTS
    specimens = specimens_of(one, context, request if type_name == "ServiceRequest" else None, known=known)
    detail = order.detail
    otherwise = detail.text(7) if detail is not None and detail.name == "OBR" and order.observed else ""
    beside = observed_beside(order.observed, context, record=one.key.value, otherwise=otherwise, asks=not is_result)
    taken = [reference_to(found) for found, _observed in specimens]
    for observation in beside if is_result else ():
        observation["basedOn"] = [request]
        if len(taken) == 1:
            observation["specimen"] = taken[0]
    for found, observed in specimens:
        if found["identifier"][0]["value"] not in before:
            yield found
        yield from observed
    yield from beside
    reasons = [diagnosis_key(context, segment).reference("Condition") for segment in order.diagnoses]
    supporting = [] if is_result else [reference_to(observation) for observation in beside]
    if type_name == "ServiceRequest":
        made = service_request(one, context=context, reasons=reasons, supporting=supporting, specimens=taken)
        yield _amending(made, order, context)
        return
    for made in requests(one, context=context, reasons=reasons, supporting=supporting):
        yield _amending(made, order, context)
    dispensed = dispense(one, context=context)
    if dispensed is not None:
        yield dispensed
    given = [part for part in order.pharmacy if part.segment.name == "RXA"]
    asked = request if len(given) < len(order.pharmacy) else None
    for position, part in enumerate(given, 1):
        yield context.amending(administration(one, part, position=position, request=asked, context=context))


def request_of(one: Numbered, context: Context, *, specimens: Sequence[Resource]) -> Resource:
    """The order that results answer. The message tells of it in passing: what is stored of it already stays."""
    made = service_request(one, context=context, specimens=specimens)
    return context.amending(made, yields=True)


def _amending(request: Resource, order: Order, context: Context) -> Resource:
    """Several messages tell of one order; one that says nothing of its status leaves it as it is."""
    told = order_control.tells_status(order.control, order.detail)
    return context.amending(request, defaults=() if told else ("status",))


def specimens_of(
    one: Numbered, context: Context, request: Resource | None, *, known: dict[str, Resource]
) -> list[tuple[Resource, list[Resource]]]:
    """The specimens of an order, each with what was observed of it.

    `known`: those of the message so far, by key. A specimen for several orders is one resource that names them all.
    """
    order, found = one.order, []
    for position, group in enumerate(order.specimens, 1):
        key = specimen_key(group, order=one.key, position=position)
        made = specimen(
            group, key=key, subject=context.patient, request=request, detail=order.detail, mapping=context.mapping
        )
        observed = observed_beside(
            group.observed, context, record=key.value, otherwise=group.segment.text(17), asks=True
        )
        for observation in observed:
            observation["specimen"] = key.reference("Specimen")
        if key.value in known:
            earlier = known[key.value]
            earlier["request"] = [*earlier.get("request", []), *([request] if request else [])]
        else:
            known[key.value] = context.amending(made)
        found.append((known[key.value], observed))
    if not found and order.detail is not None and order.detail.name == "OBR":
        told = specimen_of_detail(
            order.detail, key=one.key, subject=context.patient, request=request, mapping=context.mapping
        )
        found += [(context.amending(told), [])] if told is not None else []
    return found


def observed_as(
    observed: Observed,
    context: Context,
    *,
    record: str,
    otherwise: str,
    counted: Counter[str],
    asks: bool = False,
) -> Iterator[Resource]:
    """The Observations of an OBX with its comments and who took part."""
    made = list(observations(context, observed.segment, record=record, otherwise=otherwise, counted=counted, asks=asks))
    for observation in made:
        held = Held(context.mapping)
        notes = annotations(observed.notes, held=held, mapping=context.mapping)
        if notes:
            observation["note"] = [*observation.get("note", []), *notes]
        beside_an_observation(observation, observed.participations, held=held, mapping=context.mapping)
        held.add_to(observation)
        yield observation
