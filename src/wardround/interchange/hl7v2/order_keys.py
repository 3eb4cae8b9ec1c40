"""By which number an order is known, and which of its numbers it shares with other orders of the message.

R4 lets a number stand in `identifier` only if it is this order's own; what several orders share is their `requisition`.
So two OBR under one order number stay two orders, and a message about an order finds it by any number of its own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2.messages import Message
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import Order
from wardround.interchange.mapping import Mapping


@dataclass(frozen=True, slots=True)
class Numbered:
    """An order with its key, its own identifiers, and the number that it shares."""

    order: Order
    key: Key
    identifiers: tuple[Resource, ...]
    requisition: Resource | None


def numbered(found: Sequence[Order], *, message: Message, mapping: Mapping) -> list[Numbered]:
    """The orders with their keys. One without any number is known by the message (MSH-10) and its place in it."""
    placers = Counter(order.placer.name for order in found)
    fillers = Counter(order.filler.name for order in found)
    used = Counter[str]()
    result = []
    for position, order in enumerate(found, 1):
        own_placer = order.placer if placers[order.placer.name] == 1 else Entity("")
        own_filler = order.filler if fillers[order.filler.name] == 1 else Entity("")
        group = _group(order)
        name = _name(order, own_placer, own_filler, group) or f"{message.header.text(10)}:{position}"
        used[name] += 1
        if used[name] > 1:
            name = f"{name}:{used[name]}"
        key = Key(mapping.record_system, f"order:{name}")
        own = [key.identifier()]
        if own_placer:
            own.append(own_placer.identifier(purpose="placer", mapping=mapping, type_code="PLAC"))
        if own_filler:
            own.append(own_filler.identifier(purpose="filler", mapping=mapping, type_code="FILL"))
        result.append(Numbered(order, key, tuple(own), _requisition(order, own_placer, own_filler, group, mapping)))
    return result


def _name(order: Order, own_placer: Entity, own_filler: Entity, group: Entity) -> str:
    """The placer's number before the filler's: it is there from the first message on."""
    if own_placer:
        return own_placer.name
    if own_filler:
        return f"filler:{own_filler.name}"
    shared = order.placer or order.filler or group
    what = (
        order.detail.text(4) or order.detail.text(4, 2)
        if order.detail is not None and order.detail.name == "OBR"
        else ""
    )
    return ":".join(part for part in (shared.name, what) if part) if shared else ""


def _group(order: Order) -> Entity:
    """ORC-4: an EI, in some versions an EIP of which the placer's half is meant."""
    found = order.control.repetitions(4) if order.control is not None else []
    if not found:
        return Entity("")
    is_pair = any(found[0].text(part, 2) for part in (1, 2))
    return (Entity.of(found[0], 1) or Entity.of(found[0], 2)) if is_pair else Entity.of(found[0])


def _requisition(
    order: Order, own_placer: Entity, own_filler: Entity, group: Entity, mapping: Mapping
) -> Resource | None:
    if group:
        return group.identifier(purpose="group", mapping=mapping, type_code="PGN")
    if order.placer and not own_placer:
        return order.placer.identifier(purpose="placer", mapping=mapping, type_code="PLAC")
    if order.filler and not own_filler:
        return order.filler.identifier(purpose="filler", mapping=mapping, type_code="FILL")
    return None
