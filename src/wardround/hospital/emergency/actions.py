"""Opening a chart in an emergency, ending that early, and reviewing it. Each is in the audit trail."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from wardround.hospital.care.models import EmergencyAccess, EmergencyRefusal
from wardround.hospital.emergency.errors import NOT_FOUND, EmergencyError
from wardround.hospital.emergency.texts import sealed
from wardround.hospital.records.access import is_in_care_teams, patients_of, require
from wardround.hospital.records.by_number import patients_by_number
from wardround.hospital.records.models import Resource
from wardround.hospital.records.search.birth_dates import birth_dates_in
from wardround.hospital.roles import NotAllowed
from wardround.web.accounts.models import User
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

LASTS = timedelta(minutes=60)
MOST_REFUSALS, REFUSALS_COUNT_FOR = 5, timedelta(minutes=15)
SHORTEST_REASON, LONGEST_TEXT = 5, 500


def may_open(by: object) -> Actor:
    """Emergencies happen to those who treat: a role that sees everybody needs none, and others have no charts."""
    actor = require(by, "write")
    if not is_in_care_teams(actor):
        record_one(actor, "access", outcome="refused", what="emergency")
        raise NotAllowed("Only nurses and doctors open charts in an emergency.")
    return actor


def open_in_emergency(*, number: str, birth: str, reason: str, by: object) -> str:
    """Open the chart of the patient with this number and birth date for an hour, and return the patient's id.

    Both must be exactly what is recorded. Raises `EmergencyError`, with the same sentence whether nobody has the number
    or somebody has it who was born on another day; so many wrong answers in a row, and nothing is looked up for a while.
    """
    actor = may_open(by)
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_TEXT:
        raise EmergencyError(gettext("Write in a few words why the chart must be opened now, at most 500 characters."))
    attempt = _counted_attempt(actor)
    days, rest = birth_dates_in(birth)  # as people write a day; a year alone as it is recorded
    born = days if days and not rest else {birth.strip()} - {""}
    found = [patient_id for patient_id, body in patients_by_number(number).items() if body.get("birthDate") in born]
    if len(found) != 1:  # two people with one number and one birthday: nobody knows which is meant
        record_one(actor, "emergency.open", outcome="refused")
        raise EmergencyError(str(NOT_FOUND))
    if Resource.objects.filter(patients_of(actor, column="logical_id"), type="Patient", logical_id=found[0]).exists():
        attempt.delete()
        return found[0]  # is open to this person as it is, and nothing has to be reported
    return _opened(found[0], reason=reason, by=actor)


@transaction.atomic
def end_emergency(access_id: str, *, by: object) -> None:
    """The person who opened it needs it no longer. Raises `EmergencyError`."""
    actor = may_open(by)
    now = timezone.now()
    access = EmergencyAccess.objects.filter(pk=access_id, username=actor.name, until__gt=now).first()
    if access is None:
        raise EmergencyError(gettext("This emergency access has ended already."))
    access.until = now
    access.save(update_fields=["until"])
    record_one(actor, "emergency.end", patient_id=access.patient_id, what=str(access))


@transaction.atomic
def end_all_of(username: str, *, by: Actor) -> None:
    """The person got another role, or may not log in any more: what they opened is closed, and stays so."""
    now = timezone.now()
    for access in EmergencyAccess.objects.filter(username=username, until__gt=now):
        access.until = now
        access.save(update_fields=["until"])
        record_one(by, "emergency.end", patient_id=access.patient_id, what=str(access))


def review_emergency(access_id: str, *, note: str, by: object) -> None:
    """A privacy officer or administrator has looked at it; the alert ends. Raises `EmergencyError`.

    Nobody reviews their own, which they may have opened in another role.
    """
    actor = require(by, "audit")
    note = " ".join(note.split())
    if not note or len(note) > LONGEST_TEXT:
        raise EmergencyError(gettext("Write what you found, at most 500 characters."))
    access = EmergencyAccess.objects.filter(pk=access_id, reviewed=None).first()
    if access is None:
        raise EmergencyError(gettext("There is no such emergency access, or it was reviewed already."))
    if access.username == actor.name:
        record_one(actor, "emergency.review", outcome="refused", patient_id=access.patient_id, what=str(access))
        raise EmergencyError(gettext("Nobody reviews their own emergency access. Ask a colleague."))
    with transaction.atomic():
        access.note = sealed(access, part="note", text=note)
        access.reviewed, access.reviewed_by = timezone.now(), actor.name
        access.save(update_fields=["note", "reviewed", "reviewed_by"])
        record_one(actor, "emergency.review", patient_id=access.patient_id, what=str(access))


@transaction.atomic
def _opened(patient_id: str, *, reason: str, by: Actor) -> str:
    now = timezone.now()
    access = EmergencyAccess(
        id=uuid.uuid4().hex, username=by.name, patient_id=patient_id, opened=now, until=now + LASTS
    )
    access.reason = sealed(access, part="reason", text=reason)
    access.save(force_insert=True)
    EmergencyRefusal.objects.filter(username=by.name).delete()
    detail = {"until": access.until.isoformat()}
    record_one(by, "emergency.open", patient_id=patient_id, what=str(access), detail=detail)
    return patient_id


def _counted_attempt(actor: Actor) -> EmergencyRefusal:
    """The attempt as a wrong one, until it proves right: many at once are counted like many in a row."""
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().filter(username=actor.name).first()
        recent = EmergencyRefusal.objects.filter(username=actor.name, at__gt=now - REFUSALS_COUNT_FOR)
        if recent.count() < MOST_REFUSALS:
            return EmergencyRefusal.objects.create(username=actor.name, at=now)
    record_one(actor, "emergency.open", outcome="refused", detail={"why": "too many in a row"})
    raise EmergencyError(
        gettext(
            "Too many attempts did not fit a patient. Wait a quarter of an hour, or ask a colleague whose care "
            "team has the patient."
        )
    )
