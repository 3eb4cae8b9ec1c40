"""Saving a form for what is no measured value: all that it makes in one transaction, with what was confirmed, or nothing."""

from dataclasses import replace
from typing import Any

from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.statement_form import Context, JudgedStatement
from wardround.hospital.identity.entry import look_after_storing
from wardround.hospital.records.access import may
from wardround.hospital.records.actions.changing import Put, one_change
from wardround.hospital.records.actions.confirming import OF_DOCTORS, how_sure
from wardround.hospital.records.actions.resources import new_id
from wardround.hospital.records.actions.stating import state
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.roles import NotAllowed
from wardround.interchange.fhir.json import dumps

_WHEN_WRITTEN = frozenset({"recordedDate", "dateAsserted", "recorded", "date", "note", "content", "period", "location"})


def save_statement(
    form: JudgedStatement,
    *,
    context: Context,
    draft_key: str,
    token: str,
    is_meant: bool = False,
    said_before: frozenset[str] = frozenset(),
) -> list[Stored]:
    """Store what the form makes and throw its draft away. `said_before`: how sure the record that is corrected was.

    Raises `AlreadySaved`, `SavedBefore`, `Refused`, `VersionConflict` and `NotAllowed`: then nothing is stored, and the
    draft stays.
    """
    if not form.may_be_saved:
        raise ValueError("A form with problems, or with a warning that nobody answered, is not saved.")
    check_diagnosis(form.puts, context=context, said_before=said_before)
    warned = {(caution.number, caution.kind) for caution in form.cautions if not caution.path}
    values = {(caution.number, caution.path) for caution in form.cautions if caution.path}
    puts = [_ready(put, reason=form.reason if form.cautions else "") for put in form.puts]
    with one_change(context.patient.actor):
        # Who gave a reason for a second entry was asked already.
        once.claim(context.by, token=token, content=_content(form), is_meant=is_meant or bool(form.cautions))
        stored = state(puts, patient=context.patient, warned=warned, warned_values=values, reason=form.reason)
        drafts.forget(context.by, draft_key, is_saved=True)
    for one in stored:
        if one.type == "Patient":
            look_after_storing(one, by=context.patient.actor)
    return stored


def check_diagnosis(puts: tuple[Put, ...], *, context: Context, said_before: frozenset[str]) -> None:
    """Raises `NotAllowed` for a verification that is not this person's to give."""
    for put in puts:
        if put.resource["resourceType"] != "Condition" or may(context.by, "judge"):
            continue
        if how_sure(put.resource) & OF_DOCTORS - said_before:
            raise NotAllowed("A diagnosis is confirmed or refuted by a doctor. Record it as suspected.")


def _ready(put: Put, *, reason: str) -> Put:
    """With an id of the server's choice for what is new; a ward keeps the one that its name makes."""
    is_named = "id" in put.resource or put.resource["resourceType"] == "Location"
    resource = put.resource if is_named else {**put.resource, "id": new_id()}
    return replace(put, resource=resource, reason=put.reason or reason)


def _content(form: JudgedStatement) -> bytes:
    """What the form says of the patient, without the minute in which it was opened."""
    return dumps([_bare(put.resource) for put in form.puts] + [_typed(form)])


def _bare(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in resource.items() if name not in _WHEN_WRITTEN}


def _typed(form: JudgedStatement) -> dict[str, str]:
    return {shown.name: shown.typed for shown in form.boxes}
