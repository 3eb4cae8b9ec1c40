"""By which number an order is known, and which of its numbers other orders may have too.

The placer's number is an order's own, unless several orders of a message share it: then it is their `requisition`. The
filler's number often is that of a sample or of a whole form, so beside a placer's it is a secondary identifier. So two OBR
under one order number stay two orders, and no message overwrites another's order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2.messages import Message
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import Order
from wardround.interchange.mapping import Mapping

# The field of each kind of detail that says what is ordered.
_NAMES_IT = {"OBR": 4, "RXO": 1, "RXE": 2, "RXD": 2, "RXA": 5}


@dataclass(frozen=True, slots=True)
class Numbered:
    """An order with its key, its own identifiers, and the number that it shares."""

    order: Order
    key: Key
    identifiers: tuple[Resource, ...]
    requisition: Resource | None


def numbered(found: Sequence[Order], *, message: Message, patient: Key, mapping: Mapping) -> list[Numbered]:
    """The orders with their keys. One without any number is known by its patient, the message (MSH-10) and its place in it."""
    placers = Counter(order.placer.name for order in found)
    fillers = Counter(order.filler.name for order in found)
    used = Counter[str]()
    result = []
    for position, order in enumerate(found, 1):
        own_placer = order.placer if placers[order.placer.name] == 1 else Entity("")
        own_filler = order.filler if fillers[order.filler.name] == 1 else Entity("")
        group = _group(order)
        name = _name(order, own_placer, own_filler, group) or f"{patient.value}:{message.header.text(10)}:{position}"
        used[name] += 1
        if used[name] > 1:
            name = f"{name}:{used[name]}"
        key = Key(mapping.record_system, f"order:{name}")
        requisition = group or (Entity("") if own_placer else order.placer)
        kind = ("group", "PGN") if group else ("placer", "PLAC")
        result.append(
            Numbered(
                order,
                key,
                (key.identifier(), *_identifiers(order, own_placer, own_filler, requisition, mapping)),
                requisition.identifier(purpose=kind[0], mapping=mapping, type_code=kind[1]) if requisition else None,
            )
        )
    return result


def _identifiers(
    order: Order, own_placer: Entity, own_filler: Entity, requisition: Entity, mapping: Mapping
) -> list[Resource]:
    """The numbers of an order: its own, then those that others may have too."""
    found = []
    if order.placer and (own_placer or order.placer != requisition):
        found.append(
            order.placer.identifier(purpose="placer", mapping=mapping, type_code="PLAC", secondary=not own_placer)
        )
    if order.filler:
        is_own = bool(own_filler) and not order.placer
        found.append(order.filler.identifier(purpose="filler", mapping=mapping, type_code="FILL", secondary=not is_own))
    for entity, type_code in (*_other_groups(order), *_alternates(order)):
        purpose = {"PLAC": "placer", "FGN": "filler-group"}[type_code]
        found.append(entity.identifier(purpose=purpose, mapping=mapping, type_code=type_code, secondary=True))
    return found


def _other_groups(order: Order) -> list[tuple[Entity, str]]:
    """The filler's number of the group: ORC-38, else the second half of ORC-4."""
    control = order.control
    if control is None:
        return []
    if control.has(38):
        return [(Entity.of(control.first(38)), "FGN")]
    value = control.first(4)
    is_pair = control.has(4) and any(value.peek(part, 2) for part in (1, 2)) and value.peek(1)
    number = Entity.of(value, 2) if is_pair else Entity("")
    return [(number, "FGN")] if number else []


def _alternates(order: Order) -> list[tuple[Entity, str]]:
    """Alternate placer order numbers (OBR-53, else ORC-33)."""
    detail, control = order.detail, order.control
    values = detail.repetitions(53) if detail is not None and detail.name == "OBR" else []
    if not values and control is not None:
        values = control.repetitions(33)
    found = (Entity(value.text(1), *(value.text(4, part) for part in (1, 2, 3))) for value in values)
    return [(entity, "PLAC") for entity in found if entity]


def _name(order: Order, own_placer: Entity, own_filler: Entity, group: Entity) -> str:
    """The placer's number before the filler's: it is there from the first message on."""
    if own_placer:
        return own_placer.name
    if own_filler:
        return f"filler:{own_filler.name}"
    shared, detail = order.placer or order.filler or group, order.detail
    field = _NAMES_IT.get(detail.name) if detail is not None else None
    what = detail.text(field) or detail.text(field, 2) if detail is not None and field else ""
    return ":".join(part for part in (shared.name, what) if part) if shared else ""


def _group(order: Order) -> Entity:
    """ORC-4: an EI, in some versions an EIP of which the placer's half is meant."""
    found = order.control.repetitions(4) if order.control is not None else []
    if not found:
        return Entity("")
    is_pair = any(found[0].peek(part, 2) for part in (1, 2))
    return (Entity.of(found[0], 1) or Entity.of(found[0], 2)) if is_pair else Entity.of(found[0])
