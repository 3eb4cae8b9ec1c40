"""What each ADT event says about the visit itself, beside what PV1 says (HL7 v2.9, chapter 3; concept map Event[EncounterStatus])."""

from dataclasses import dataclass

_DISCHARGE = ("period.end", "hospitalization.dischargeDisposition", "hospitalization.destination")


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """`status`: what the visit is from now on; empty where the event does not say.

    `ends`: the visit ended at the time of the event where PV1-45 is silent. `moves`: the patient came to PV1-3 and left
    PV1-6 at that time. `begins`: the patient came to PV1-3 when the visit began. `undoes`: the last move or discharge did not
    happen. `removed`: what is gone by that.
    """

    status: str = ""
    ends: bool = False
    moves: bool = False
    begins: bool = False
    undoes: bool = False
    removed: tuple[str, ...] = ()


# A04 registers a patient who is there: the concept map's "planned" would make every outpatient's visit one that never
# happened, and contradicts PatientClass[EncounterStatus], which says in-progress.
VISIT_EVENTS: dict[str, VisitEvent] = {
    "A01": VisitEvent(status="in-progress", begins=True),
    "A02": VisitEvent(status="in-progress", moves=True),
    "A03": VisitEvent(status="finished", ends=True),
    "A04": VisitEvent(begins=True),
    "A05": VisitEvent(status="planned"),
    "A06": VisitEvent(status="in-progress", moves=True),
    "A07": VisitEvent(status="in-progress", moves=True),
    "A10": VisitEvent(moves=True),
    "A11": VisitEvent(status="cancelled"),
    "A12": VisitEvent(status="in-progress", undoes=True),
    "A13": VisitEvent(status="in-progress", undoes=True, removed=_DISCHARGE),
    "A14": VisitEvent(status="planned"),
    "A21": VisitEvent(status="onleave"),
    "A22": VisitEvent(status="in-progress"),
    "A23": VisitEvent(status="entered-in-error"),
    "A27": VisitEvent(status="cancelled"),
    "A32": VisitEvent(undoes=True),
    "A38": VisitEvent(status="cancelled"),
    "A52": VisitEvent(status="in-progress"),
    "A53": VisitEvent(status="onleave"),
}
