"""What a record says of its own state, against what it holds: contradictions, and what a hospital cannot do without."""

from datetime import datetime, timedelta

from wardround.clinical.findings import RecordFinding
from wardround.clinical.records import Moment, Person, Record

_DAY = timedelta(days=1)
_UNTRUE = frozenset({"entered-in-error", "cancelled", "not-done"})
_OVER = frozenset({"resolved", "inactive", "remission"})
_UNDER_WAY = frozenset({"in-progress", "arrived", "triaged", "onleave"})
_KEPT = frozenset({"arrived", "checked-in", "fulfilled"})


def state_findings(record: Record, *, person: Person, now: datetime) -> list[RecordFinding]:
    """Contradictions between a record's status and its content, and between its status and the patient's death."""
    match record.type:
        case "Observation":
            return _observation(record)
        case "Condition":
            return _condition(record)
        case "Encounter":
            return _encounter(record, person=person, now=now)
        case "MedicationRequest" if record.status == "active" and person.is_dead:
            sentence = (
                "The medication is still active although the patient has died; it should be stopped or completed."
            )
            # Nobody takes back the prescriptions of the dead: it says nothing about whether they were made.
            return [_contradiction("MedicationRequest.status", sentence, held=False, about_person=True)]
        case "Appointment" if record.status in _KEPT and _is_after(record.begins, now + _DAY):
            sentence = (
                f"The appointment is {record.status} and lies in the future; it should be booked, or its date is wrong."
            )
            return [_contradiction("Appointment.status", sentence)]
        case "Procedure" if record.status == "not-done" and record.ends is not None:
            sentence = (
                "The procedure is not done and yet has an end; it should be completed or stopped, or have no end."
            )
            return [_contradiction("Procedure.status", sentence, held=False)]
    return []


def required_findings(record: Record) -> list[RecordFinding]:
    """What this hospital needs of a record beyond FHIR's minimum.

    A measurement that nobody dated is held; the others lack what keeps them out of learning by itself.
    """
    found = [_missing(path, f"The quantity at {path} has no unit; send it with its UCUM unit.")
             for path in record.quantities_without_unit]  # fmt: skip
    if record.status in _UNTRUE or record.verification_status in _UNTRUE:
        return found
    match record.type:
        case "Observation" if record.has_value and not record.happened:
            sentence = "It does not say when it was measured; send effectiveDateTime."
            found.append(_missing("Observation.effectiveDateTime", sentence, held=True))
        case "Encounter" if record.begins is None and record.status not in ("planned", "unknown"):
            found.append(_missing("Encounter.period.start", "The visit does not say when it began; send period.start."))
        case "Condition" if not record.has_code:
            found.append(
                _missing("Condition.code", "The condition does not say which one it is; send its code or a text.")
            )
        case "Patient":
            found += [
                _missing(path, f"The patient has no {_NAMES[path]}; send it, or unknown.") for path in record.lacks
            ]
    return found


_NAMES = {"Patient.birthDate": "birth date", "Patient.gender": "sex"}


def _observation(record: Record) -> list[RecordFinding]:
    # registered: it is known that there will be a result, and there is none yet.
    if record.status in ("cancelled", "registered") and record.has_value:
        sentence = f"The observation is {record.status} and yet has a value; it should be final, or have none."
        return [_contradiction("Observation.status", sentence)]
    if record.status in ("final", "amended", "corrected") and not record.says_something:
        sentence = f"The observation is {record.status} and yet has no value and no reason why; send dataAbsentReason."
        return [_contradiction("Observation.status", sentence, held=False)]
    return []


def _condition(record: Record) -> list[RecordFinding]:
    if record.verification_status == "refuted" and record.clinical_status in ("active", "recurrence", "relapse"):
        sentence = f"The condition is refuted and yet {record.clinical_status}; it should be confirmed, or have no clinicalStatus."
        return [_contradiction("Condition.clinicalStatus", sentence)]
    if record.clinical_status == "resolved" and record.ends is None:
        sentence = "The condition is resolved and does not say since when; send abatementDateTime where it is known."
        return [_contradiction("Condition.clinicalStatus", sentence, held=False)]
    if record.ends is not None and record.clinical_status and record.clinical_status not in _OVER:
        sentence = (
            f"The condition has ended and is still {record.clinical_status}; it should be resolved, or have no end."
        )
        return [_contradiction("Condition.clinicalStatus", sentence)]
    return []


def _encounter(record: Record, *, person: Person, now: datetime) -> list[RecordFinding]:
    if record.status == "finished" and record.ends is None:
        sentence = "The visit is finished and has no end; send period.end."
        return [_contradiction("Encounter.status", sentence, held=False)]
    if record.status == "planned" and _is_before(record.ends or record.begins, now - _DAY):
        sentence = "The visit is planned and lies in the past; it should be finished or cancelled."
        # That it began is foreseen; when it ended is not.
        return [_contradiction("Encounter.status", sentence, held=record.ends is not None)]
    if record.status not in _UNDER_WAY:
        return []
    if record.is_discharged or _is_before(record.ends, now - _DAY):
        sentence = f"The visit is {record.status} and has ended; it should be finished."
        return [_contradiction("Encounter.status", sentence)]
    if person.is_dead and _is_before(person.death, now - _DAY):
        sentence = f"The visit is {record.status} although the patient has died; it should be finished."
        return [_contradiction("Encounter.status", sentence, about_person=True)]
    return []


def _is_after(moment: Moment | None, time: datetime) -> bool:
    return moment is not None and moment.low > time


def _is_before(moment: Moment | None, time: datetime) -> bool:
    return moment is not None and moment.high < time


def _contradiction(path: str, sentence: str, *, held: bool = True, about_person: bool = False) -> RecordFinding:
    suggestion = {path: meant} if held and (meant := _MEANT.get(path)) else {}
    return RecordFinding(
        "contradictory_status", path, sentence, held=held, suggestion=suggestion, about_person=about_person
    )


_MEANT = {"Encounter.status": "finished"}


def _missing(path: str, sentence: str, *, held: bool = False) -> RecordFinding:
    return RecordFinding("missing_required", path, sentence, held=held)
