"""What a record says of its own state, against what it holds: contradictions, and what a hospital cannot do without."""

from datetime import datetime, timedelta

from wardround.clinical.findings import RecordFinding
from wardround.clinical.records import Moment, Person, Record
from wardround.clinical.sentences import template

_DAY = timedelta(days=1)
_UNTRUE = frozenset({"entered-in-error", "cancelled", "not-done"})
_OVER = frozenset({"resolved", "inactive", "remission"})
_UNDER_WAY = frozenset({"in-progress", "arrived", "triaged", "onleave"})
_KEPT = frozenset({"arrived", "checked-in", "fulfilled"})


# Said where records are compared with each other, which needs the store.
SAID_AT_THE_SAME_TIME = template(
    "It says the same as %(other)s, at the same time; if it was entered twice, mark this one entered-in-error."
)
SAID_ON_THE_SAME_DAY = template(
    "It says the same as %(other)s, on the same day; if it was entered twice, mark this one entered-in-error."
)
AHEAD_OF_ITS_RESULT = template(
    "The report is %(status)s and names %(result)s, which is not final; "
    "it should be partial or preliminary, or the result is outdated."
)
_STILL_TAKEN = template(
    "The medication is still active although the patient has died; it should be stopped or completed."
)
_KEPT_IN_FUTURE = template(
    "The appointment is %(status)s and lies in the future; it should be booked, or its date is wrong."
)
_NOT_DONE_AND_ENDED = template(
    "The procedure is not done and yet has an end; it should be completed or stopped, or have no end."
)
_NO_UNIT = template("The quantity at %(path)s has no unit; send it with its UCUM unit.")
_NOT_DATED = template("It does not say when it was measured; send effectiveDateTime.")
_NO_BEGIN = template("The visit does not say when it began; send period.start.")
_NO_CODE = template("The condition does not say which one it is; send its code or a text.")
_HAS_A_VALUE = template("The observation is %(status)s and yet has a value; it should be final, or have none.")
_HAS_NO_VALUE = template("The observation is %(status)s and yet has no value and no reason why; send dataAbsentReason.")
_REFUTED_AND_ACTIVE = template(
    "The condition is refuted and yet %(status)s; it should be confirmed, or have no clinicalStatus."
)
_RESOLVED_UNDATED = template(
    "The condition is resolved and does not say since when; send abatementDateTime where it is known."
)
_ENDED_AND_ACTIVE = template("The condition has ended and is still %(status)s; it should be resolved, or have no end.")
_FINISHED_UNDATED = template("The visit is finished and has no end; send period.end.")
_PLANNED_IN_PAST = template("The visit is planned and lies in the past; it should be finished or cancelled.")
_ENDED_VISIT = template("The visit is %(status)s and has ended; it should be finished.")
_VISIT_OF_THE_DEAD = template("The visit is %(status)s although the patient has died; it should be finished.")


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
            sentence = _STILL_TAKEN.say()
            # Nobody takes back the prescriptions of the dead: it says nothing about whether they were made.
            return [_contradiction("MedicationRequest.status", sentence, held=False, about_person=True)]
        case "Appointment" if record.status in _KEPT and _is_after(record.begins, now + _DAY):
            sentence = _KEPT_IN_FUTURE.say(status=record.status)
            return [_contradiction("Appointment.status", sentence)]
        case "Procedure" if record.status == "not-done" and record.ends is not None:
            sentence = _NOT_DONE_AND_ENDED.say()
            return [_contradiction("Procedure.status", sentence, held=False)]
    return []


def required_findings(record: Record) -> list[RecordFinding]:
    """What this hospital needs of a record beyond FHIR's minimum.

    A measurement that nobody dated is held; the others lack what keeps them out of learning by itself.
    """
    found = [_missing(path, _NO_UNIT.say(path=path))
             for path in record.quantities_without_unit]  # fmt: skip
    if record.status in _UNTRUE or record.verification_status in _UNTRUE:
        return found
    match record.type:
        case "Observation" if record.has_value and not record.happened:
            found.append(_missing("Observation.effectiveDateTime", _NOT_DATED.say(), held=True))
        case "Encounter" if record.begins is None and record.status not in ("planned", "unknown"):
            found.append(_missing("Encounter.period.start", _NO_BEGIN.say()))
        case "Condition" if not record.has_code:
            found.append(_missing("Condition.code", _NO_CODE.say()))
        case "Patient":
            found += [_missing(path, _PATIENT_LACKS[path].say()) for path in record.lacks]
    return found


_PATIENT_LACKS = {
    "Patient.birthDate": template("The patient has no birth date; send it, or unknown."),
    "Patient.gender": template("The patient has no sex; send it, or unknown."),
}


def _observation(record: Record) -> list[RecordFinding]:
    # registered: it is known that there will be a result, and there is none yet.
    if record.status in ("cancelled", "registered") and record.has_value:
        sentence = _HAS_A_VALUE.say(status=record.status)
        return [_contradiction("Observation.status", sentence)]
    if record.status in ("final", "amended", "corrected") and not record.says_something:
        sentence = _HAS_NO_VALUE.say(status=record.status)
        return [_contradiction("Observation.status", sentence, held=False)]
    return []


def _condition(record: Record) -> list[RecordFinding]:
    if record.verification_status == "refuted" and record.clinical_status in ("active", "recurrence", "relapse"):
        sentence = _REFUTED_AND_ACTIVE.say(status=record.clinical_status)
        return [_contradiction("Condition.clinicalStatus", sentence)]
    if record.clinical_status == "resolved" and record.ends is None:
        sentence = _RESOLVED_UNDATED.say()
        return [_contradiction("Condition.clinicalStatus", sentence, held=False)]
    if record.ends is not None and record.clinical_status and record.clinical_status not in _OVER:
        sentence = _ENDED_AND_ACTIVE.say(status=record.clinical_status)
        return [_contradiction("Condition.clinicalStatus", sentence)]
    return []


def _encounter(record: Record, *, person: Person, now: datetime) -> list[RecordFinding]:
    if record.status == "finished" and record.ends is None:
        sentence = _FINISHED_UNDATED.say()
        return [_contradiction("Encounter.status", sentence, held=False)]
    if record.status == "planned" and _is_before(record.ends or record.begins, now - _DAY):
        sentence = _PLANNED_IN_PAST.say()
        # That it began is foreseen; when it ended is not.
        return [_contradiction("Encounter.status", sentence, held=record.ends is not None)]
    if record.status not in _UNDER_WAY:
        return []
    if record.is_discharged or _is_before(record.ends, now - _DAY):
        sentence = _ENDED_VISIT.say(status=record.status)
        return [_contradiction("Encounter.status", sentence)]
    if person.is_dead and _is_before(person.death, now - _DAY):
        sentence = _VISIT_OF_THE_DEAD.say(status=record.status)
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
