"""A message says that two records are of one person (HL7 v2 A34, A40): carried out as a steward's merge is."""

from wardround.hospital.merges.models import Merge
from wardround.hospital.merges.queries import survivor_of
from wardround.hospital.records.actions.merging import NotMergeable, merge_patients, retire_number
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import NotHere, PatientMissing, Refused
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.origin import Origin
from wardround.interchange import draft
from wardround.interchange.fhir.structure import Problem


def carry_out(said: draft.Merge, *, origin: Origin) -> Merge | None:
    """Merge what is not one already; None when it is. Raises `PatientMissing` and `Refused`.

    A retired number that is nobody's here is noted on the survivor: what comes for it later goes there.
    """
    identities = Identities(BlindIndex())
    identities.look_up([{"resourceType": "Basic", "subject": {"reference": r}} for r in (said.survivor, said.retired)])
    kept = identities.patient_of(said.survivor)
    if kept is None:
        sentence = "The patient who is kept is not here. Store that patient first, or correct the number."
        raise PatientMissing([Problem("merge", sentence)])
    kept = survivor_of(kept)
    retired = identities.patient_of(said.retired)
    reason = "A message of the source says that they are one person."
    try:
        if retired is None:
            return _number_alone(said, kept=kept, identities=identities, origin=origin, reason=reason)
        if survivor_of(retired) == kept:
            return None
        return merge_patients(retired, into=kept, by=origin.actor, reason=reason, batch=origin.batch)
    except (NotMergeable, NotHere) as error:
        raise Refused([Problem("merge", f"{error} A steward may merge them by hand.")]) from error


def _number_alone(said: draft.Merge, *, kept: str, identities: Identities, origin: Origin, reason: str) -> Merge | None:
    number = identities.number_of(said.retired)
    if number is None:
        raise PatientMissing([Problem("merge", "The patient who is retired is not here. Store that patient first.")])
    system, value, made = number
    survivor = survivor_of(made)
    if survivor == kept:
        return None
    if survivor != made:
        sentence = "The retired number was merged into another patient already. A steward has to look at the three."
        raise Refused([Problem("merge", sentence)])
    return retire_number(system=system, value=value, into=kept, by=origin.actor, reason=reason, batch=origin.batch)
