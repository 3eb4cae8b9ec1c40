"""The orders of an HL7 v2 message: which segments belong to which order (HL7 v2.9, chapters 4, 4A, 7 and 11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.numbers import Entity

# The segment that says what is ordered; RXE, RXD and RXA come after or in place of RXO.
DETAILS = ("OBR", "RXO", "RQD", "ODS", "RXA")
_PHARMACY = ("RXO", "RXE", "RXD", "RXA")
_TIMED = ("TQ1",)


@dataclass
class Observed:
    """An OBX, the comments that follow it, and who and what took part in it (PRT)."""

    segment: Segment
    notes: list[Segment] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)


@dataclass
class SpecimenGroup:
    """An SPM with its containers and what was observed of it."""

    segment: Segment
    containers: list[Segment] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)


@dataclass
class Pharmacy:
    """One of RXO, RXE, RXD and RXA with the routes, components and timings that follow it."""

    segment: Segment
    routes: list[Segment] = field(default_factory=list)
    components: list[Segment] = field(default_factory=list)
    timings: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)


@dataclass
class Order:
    """One order: ORC, what is ordered, and all that follows up to the next order."""

    control: Segment | None = None
    detail: Segment | None = None
    timings: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    diagnoses: list[Segment] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    specimens: list[SpecimenGroup] = field(default_factory=list)
    pharmacy: list[Pharmacy] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)

    @property
    def placer(self) -> Entity:
        return _number_of(self, 2)

    @property
    def filler(self) -> Entity:
        return _number_of(self, 3)

    def pharmacy_of(self, name: str) -> Pharmacy | None:
        return next((part for part in self.pharmacy if part.segment.name == name), None)


def grouped(segments: Iterable[Segment], *, detail_first: bool = False, gifts_share: bool = False) -> list[Order]:
    """The orders in their order. `detail_first`: ORC follows its OBR, as in OUL. A second OBR under one ORC is a second order.

    `gifts_share`: several RXA under one ORC tell what was given on one order, as in RAS; in VXU each is an order of its own.

    What stands before the first ORC or detail belongs to the patient and the visit, and is not in them.
    """
    gathering = _Gathering(detail_first=detail_first, gifts_share=gifts_share)
    for segment in segments:
        gathering.take(segment)
    return gathering.orders


def before_the_first(segments: Iterable[Segment]) -> list[Observed]:
    """What is observed of the patient, before any order or specimen begins."""
    found: list[Observed] = []
    last = ""
    for segment in segments:
        if segment.name in ("ORC", "SPM", "TXA", *DETAILS):
            break
        if segment.name == "OBX":
            found.append(Observed(segment))
        elif segment.name == "NTE" and found and last in ("OBX", "NTE"):
            found[-1].notes.append(segment)
        elif segment.name == "PRT" and found and last in ("OBX", "NTE"):
            found[-1].participations.append(segment)
        if segment.name != "PRT":
            last = segment.name
    return found


class _Gathering:
    def __init__(self, *, detail_first: bool, gifts_share: bool) -> None:
        self.orders: list[Order] = []
        self._gifts_share = gifts_share
        self._detail_first = detail_first
        self._pending: list[SpecimenGroup] = []  # a specimen that stands before the orders on it
        self._specimen: SpecimenGroup | None = None
        self._last = ""

    def take(self, segment: Segment) -> None:
        name = segment.name
        if name == "ORC" and not self._joins_an_order():
            self._begin(Order(control=segment))
        elif name == "ORC":
            self.orders[-1].control = segment
        elif name in DETAILS or (name in ("RXE", "RXD") and not self.orders):
            self._take_detail(segment)
        elif name == "SPM":
            self._take_specimen(segment)
        elif name == "OBX":
            self._take_observation(segment)
        elif name == "PRT" and self.orders:
            self._take_participation(segment)
        elif name == "SAC" and self._specimen is not None:
            self._specimen.containers.append(segment)
        elif self.orders:
            self._add(self.orders[-1], segment)
        if name != "PRT":
            self._last = name

    def _joins_an_order(self) -> bool:
        """Is this the ORC of the OBR just read?"""
        order = self.orders[-1] if self.orders else None
        return self._detail_first and order is not None and order.control is None and self._last in ("OBR", "NTE")

    def _begin(self, order: Order) -> None:
        self.orders.append(order)
        order.specimens.extend(self._pending)
        self._specimen = None

    def _take_detail(self, segment: Segment) -> None:
        order = self.orders[-1] if self.orders else None
        if segment.name == "RXA" and self._gifts_share and order is not None:
            order.pharmacy.append(Pharmacy(segment))
            return
        if order is None or order.detail is not None:
            # A second OBR under the same ORC is a second order with the same control data.
            shared = order.control if order is not None and not self._detail_first and segment.name == "OBR" else None
            self._begin(Order(control=shared))
            order = self.orders[-1]
        order.detail = segment
        if segment.name in _PHARMACY:
            order.pharmacy.append(Pharmacy(segment))

    def _take_specimen(self, segment: Segment) -> None:
        self._specimen = SpecimenGroup(segment)
        if not self.orders or self._pending:
            # OUL R22 and R23, OML O33 and O35: the next orders are on this specimen, those before it on the one before.
            self._pending = [self._specimen]
        elif self.orders:
            self.orders[-1].specimens.append(self._specimen)

    def _take_observation(self, segment: Segment) -> None:
        observed = Observed(segment)
        if self._specimen is not None:
            self._specimen.observed.append(observed)
        elif self.orders:
            self.orders[-1].observed.append(observed)

    def _take_participation(self, segment: Segment) -> None:
        """Of the OBX it follows, else of the order, as long as nothing else has begun."""
        order = self.orders[-1]
        observed = self._specimen.observed if self._specimen is not None else order.observed
        if self._last in ("OBX", "NTE") and observed:
            observed[-1].participations.append(segment)
        elif self._last in ("ORC", "OBR", "RXA", "TQ1", "NTE"):
            order.participations.append(segment)

    def _add(self, order: Order, segment: Segment) -> None:
        name = segment.name
        if name == "NTE":
            self._add_note(order, segment)
        elif name == "DG1":
            order.diagnoses.append(segment)
        elif name in _TIMED and order.pharmacy and order.pharmacy[-1].segment.name == "RXE":
            order.pharmacy[-1].timings.append(segment)
        elif name in _TIMED:
            order.timings.append(segment)
        elif name in ("RXE", "RXD"):
            order.detail = order.detail or segment
            order.pharmacy.append(Pharmacy(segment))
        elif name == "RXR" and order.pharmacy:
            order.pharmacy[-1].routes.append(segment)
        elif name == "RXC" and order.pharmacy:
            order.pharmacy[-1].components.append(segment)

    def _add_note(self, order: Order, segment: Segment) -> None:
        observed: Sequence[Observed] = self._specimen.observed if self._specimen is not None else order.observed
        if self._last in ("OBX", "NTE") and observed and (self._last == "OBX" or observed[-1].notes):
            observed[-1].notes.append(segment)
        elif self._specimen is None and order.pharmacy:
            order.pharmacy[-1].notes.append(segment)
        else:
            order.notes.append(segment)


def _number_of(order: Order, number: int) -> Entity:
    """The number in ORC, else in OBR; where both have the same, both are read."""
    control, detail = order.control, order.detail
    has_detail = detail is not None and detail.name == "OBR" and detail.has(number)
    if control is None or not control.has(number):
        return Entity.of(detail.first(number)) if detail is not None and has_detail else Entity("")
    if detail is not None and has_detail and detail.first(number).raw == control.first(number).raw:
        Entity.of(detail.first(number))
    return Entity.of(control.first(number))
