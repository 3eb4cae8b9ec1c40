"""Saving a form of measured values: all of it in one transaction, or nothing."""

from typing import Any

from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.judging import Judged
from wardround.hospital.records.access import Patient
from wardround.hospital.records.actions.changing import one_change
from wardround.hospital.records.actions.entering import enter
from wardround.hospital.records.actions.writing import Stored
from wardround.interchange.fhir.json import dumps
from wardround.web.accounts.models import User


def save_values(
    form: Judged, *, patient: Patient, by: User, draft_key: str, token: str, is_meant: bool = False
) -> list[Stored]:
    """Store what the form holds and throw its draft away. The form has no problems, or the caller has said them.

    Raises `AlreadySaved`, `SavedBefore` and `Refused`: then nothing is stored, and the draft stays.
    """
    if form.problems or not form.resources:
        raise ValueError("A form with problems, or an empty one, is not saved.")
    with one_change(patient.actor):
        once.claim(by, token=token, content=_content(form.resources), is_meant=is_meant)
        stored = enter(form.resources, patient=patient, confirmed=form.confirmed)
        drafts.forget(by, draft_key, is_saved=True)
    return stored


def _content(resources: tuple[dict[str, Any], ...]) -> bytes:
    """What the form says of the patient, without the minute in which it was opened."""
    return dumps([{name: part for name, part in one.items() if name != "effectiveDateTime"} for one in resources])
