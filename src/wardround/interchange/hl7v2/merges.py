"""Two numbers of one person: the number in MRG-1 belongs from now on to the patient of PID-3 (HL7 v2.5.1, chapter 3)."""

from wardround.interchange.draft import Merge
from wardround.interchange.fhir.building import Key
from wardround.interchange.hl7v2.context import Context

# Merges of patients; A47 gives one patient another number. The other events with an MRG move accounts or visits.
_EVENTS = frozenset({"A18", "A34", "A40", "A47"})


def merge_of(context: Context) -> Merge | None:
    """What the message says about two numbers; None where it says nothing, or both are the same.

    The former number is chosen as that of PID-3 is. One of another authority is left unread, and so named in the report.
    """
    former = context.one("MRG")
    if context.kind != "ADT" or context.event not in _EVENTS or former is None:
        return None
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
