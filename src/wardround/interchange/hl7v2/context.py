"""What one message offers each of its content readers, and the record of what they took along.

A **content reader** turns one kind of content into resources:

    def conditions(context: Context) -> Iterator[Resource]: ...

`content.py` has the table that says which content readers a message type and event is given, in the order in which their
resources depend on each other (the patient first, then the visit). A reader of its own kind looks at the segments it knows,
by `context.every("DG1")` or, where the order of segments means something, by `context.message.segments` and `groups`.

The contract:

- **What is read is noted** (`Segment.text`, `repetitions`, `Repetition.text`, `whole`), and what carries data and was not
  noted is named in `Draft.unmapped`. So read a place only when its data goes into a resource, and use `peek` where a place
  only decides something (a condition code that is not kept, a value type). A place that carries no data by its nature (a
  set id, a length) is on the list in `unmapped.py`, with the reason.
- **A segment that nobody read and that HL7's tables do not know** (Z segments, GT1) is kept as it was sent by
  `kept_segments.py`, which runs last. A content reader does nothing about it.
- **Every resource has a key** (`context.record_key`): made of the numbers that the sender gave, so that the same message
  again, or a later one about the same thing, finds the same resource.
- **A resource that states only a part of what it is about** is yielded through `context.amending(...)`: what it lacks stays
  as it is stored; what the message says is gone (`""`, a cancelled discharge) is named in `removed`; and `yields=True` says
  that stored elements win, which is what a results message's patient does; `defaults` names single ones of which that
  holds. In HL7 v2 absent is "unchanged", so Patient, Encounter and everything else that several messages describe goes
  this way.
- Wrong data raises `Unreadable` with a part of a sentence ("DG1-5 is not on the calendar") that holds no data: the whole
  message is refused then. What is merely strange is not refused: it is kept as text, or left unread and so named.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from wardround.interchange.draft import Amendment
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Message, Repetition, Segment
from wardround.interchange.mapping import Mapping

# The event happens at the beginning of a visit, so its time is the time of admission where PV1-44 is silent.
_ADMISSIONS = ("A01", "A04")


@dataclass(slots=True)
class Context:
    """One message on its way to FHIR."""

    message: Message
    mapping: Mapping
    kind: str  # "ADT"
    event: str  # "A04"
    person: Segment  # the PID
    number: Repetition  # the PID-3 that is the hospital number
    patient_key: Key
    patient: Resource  # the reference to the Patient
    visit: Segment | None  # the PV1
    visit_key: Key | None  # None where the message does not say which visit it is about
    encounter: Resource | None  # the reference to the Encounter
    segments: MappingOf[str, list[Segment]]
    amendments: dict[int, Amendment] = field(default_factory=dict)  # by the id() of the resource

    def every(self, name: str) -> list[Segment]:
        """The segments of this name, in order."""
        return self.segments.get(name, [])

    def one(self, name: str) -> Segment | None:
        """The first segment of this name."""
        return next(iter(self.every(name)), None)

    def following(self, name: str, *, of: tuple[str, ...]) -> list[Segment]:
        """The segments of this name that stand below one of these (a ROL below the PV1 or PV2 that it is about)."""
        found, above = [], ""
        for segment in self.message.segments if self.every(name) else ():
            if segment.name == name and above in of:
                found.append(segment)
            elif segment.name not in (name, "ARV", "PRT"):
                above = segment.name
        return found

    def time(self, segment: Segment, number: int, component: int = 1) -> str | None:
        """A field that is a time, as FHIR writes it. Raises Unreadable with the field's name."""
        return parts.time(segment.text(number, component), zone=self.mapping.zone, field=f"{segment.name}-{number}")

    def event_time(self, *, is_kept: bool) -> str | None:
        """When the event of the message happened: EVN-6, else EVN-2, else MSH-7. `is_kept`: it goes into a resource."""
        for segment, number in ((self.one("EVN"), 6), (self.one("EVN"), 2), (self.message.header, 7)):
            if segment is not None and segment.has(number):
                time = parts.time_or_none(segment.peek(number), zone=self.mapping.zone)
                if time and is_kept:
                    segment.text(number)
                if time:
                    return time
        return None

    def record_key(self, *parts_of_the_name: str) -> Key:
        """The key of one of the source's own records: "DG1", the visit, the code, the time."""
        return Key(self.mapping.record_system, ":".join(parts_of_the_name))

    @property
    def visit_or_patient(self) -> str:
        """The visit's number, else the patient's: what makes a diagnosis of this visit another one than that of the last."""
        return (self.visit.text(19) if self.visit else "") or self.patient_key.value

    def amending(
        self,
        resource: Resource,
        *,
        removed: Iterable[str] = (),
        yields: bool = False,
        defaults: Iterable[str] = (),
        at: str | None = None,
        undoes: bool = False,
    ) -> Resource:
        """The same resource, noted as one that states only a part (see the module's docstring and Amendment)."""
        self.amendments[id(resource)] = Amendment(
            removed=frozenset(removed), yields=yields, defaults=frozenset(defaults), at=at, undoes=undoes
        )
        return resource


ContentReader = Callable[[Context], Iterator[Resource]]


def context_of(message: Message, *, mapping: Mapping) -> Context:
    """Find out whom and which visit a message is about. Raises Unreadable."""
    kind, event = message.kind
    segments: dict[str, list[Segment]] = {}
    for segment in message.segments:
        segments.setdefault(segment.name, []).append(segment)
    people = segments.get("PID", [])
    if len(people) != 1:
        what = (
            f"{len(people)} PID segments; it may be about one patient, so send one message for each"
            if people
            else "no PID segment; it needs one"
        )
        raise Unreadable(f"it has {what}")
    number = _hospital_number(people[0], mapping)
    patient_key = Key(mapping.mrn_system, number.text(1))
    visit = next(iter(segments.get("PV1", [])), None)
    visit_key = _visit_key(visit, event, segments, patient_key, mapping)
    return Context(
        message=message,
        mapping=mapping,
        kind=kind,
        event=event,
        person=people[0],
        number=number,
        patient_key=patient_key,
        patient=patient_key.reference("Patient"),
        visit=visit,
        visit_key=visit_key,
        encounter=visit_key.reference("Encounter") if visit_key else None,
        segments=segments,
    )


def groups(segments: Iterable[Segment], *, begins: tuple[str, ...]) -> list[list[Segment]]:
    """Segments in groups that each begin with one of these names: ("ORC", "OBR") for orders, with or without an ORC.

    A segment of `begins` opens a new group when one of its own name or of a later name in `begins` is in the group already.
    What stands before the first is in no group.
    """
    found: list[list[Segment]] = []
    seen = -1
    for segment in segments:
        if segment.name in begins:
            rank = begins.index(segment.name)
            if rank <= seen or not found:
                found.append([])
            seen = rank
        if found:
            found[-1].append(segment)
    return found


def admitted(visit: Segment | None, event: str, segments: MappingOf[str, list[Segment]]) -> str:
    """PV1-44, else the time of the event that admits; another message does not say when the visit began."""
    time = visit.text(44) if visit else ""
    if time or event not in _ADMISSIONS:
        return time
    occurred = next(iter(segments.get("EVN", [])), None)
    return (occurred and (occurred.text(6) or occurred.text(2))) or segments["MSH"][0].text(7)


def _hospital_number(person: Segment, mapping: Mapping) -> Repetition:
    """The PID-3 of the mapping's authority, else the one of type MR, else the first."""
    found = [value for value in person.repetitions(3) if value.text(1)]
    authority = mapping.assigning_authority
    if authority is not None:
        found = [value for value in found if value.text(4) == authority]
        if not found:
            raise Unreadable(f"PID-3 has no number of the assigning authority {authority}")
    if not found:
        raise Unreadable("PID-3 holds no hospital number")
    return next((value for value in found if value.text(5) == "MR"), found[0])


def _visit_key(
    visit: Segment | None, event: str, segments: MappingOf[str, list[Segment]], patient: Key, mapping: Mapping
) -> Key | None:
    """A visit is known by its number (PV1-19), else by the patient and the time of admission."""
    if visit is None:
        return None
    name = visit.text(19)
    if not name:
        time = admitted(visit, event, segments)
        name = f"{patient.value}:{time}" if time else ""
    return Key(mapping.record_system, f"visit:{name}") if name else None
