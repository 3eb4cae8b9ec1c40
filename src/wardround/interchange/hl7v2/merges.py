"""Two numbers of one person: the number in MRG-1 belongs from now on to the patient of PID-3 (HL7 v2.5.1, chapter 3)."""

from wardround.interchange.draft import Merge
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Key
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment

# Merges of patients; A47 gives one patient another number. The other events with an MRG move accounts or visits.
_MOVES_VISITS = "A45"
_EVENTS = frozenset({"A18", "A34", "A40", "A47"})


def merge_of(context: Context) -> Merge | None:
    """What the message says about two numbers; None where it says nothing, or both are the same. Raises Unreadable.

    The former number is chosen as that of PID-3 is. One of another authority is left unread, and so named in the report.
    """
    former = context.one("MRG")
    if context.kind != "ADT":
        return None
    if context.event == _MOVES_VISITS and former is not None:
        _refuse_another_patients_visit(former, context)
    if context.event not in _EVENTS:
        return None
    if former is None:
        raise Unreadable("it has no MRG segment; it needs one, with the former number in MRG-1")
    authority = context.mapping.assigning_authority
    own = [v for v in former.repetitions(1) if v.peek(1) and (authority is None or v.peek(4) == authority)]
    if not own:
        return None
    chosen = next((value for value in own if value.peek(5) == "MR"), own[0])
    # Whose number it is and of which kind say which it is, and need not be kept.
    number, _authority, _kind = chosen.text(1), chosen.text(4), chosen.text(5)
    key = Key(context.mapping.mrn_system, number)
    if key == context.patient_key:
        return None
    survivor, retired = (one.reference("Patient")["reference"] for one in (context.patient_key, key))
    return Merge(survivor=survivor, retired=retired)


def _refuse_another_patients_visit(former: Segment, context: Context) -> None:
    """A45 between two patients: what is in a chart stays there, so a steward takes the visit out by hand."""
    own = {value.peek(1) for value in context.person.repetitions(3)}
    if any(value.peek(1) not in own for value in former.repetitions(1) if value.peek(1)):
        raise Unreadable("it moves a visit from one patient to another (A45), which a steward does by hand")
