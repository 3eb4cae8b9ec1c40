"""A verdict is taken back by whoever gave it: it counts for nothing any more, and what it wrote is marked as an error."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from wardround.hospital.diagnosis.errors import NothingToTakeBack
from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.standing import latest_answer
from wardround.hospital.diagnosis.storing import stored
from wardround.hospital.records.access import Patient, require
from wardround.hospital.records.actions.amending import amended, body_of, present_version
from wardround.hospital.records.actions.changing import Changing, Precondition, Put, one_change
from wardround.hospital.records.actions.record_decisions import as_error
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import Actor

_REASON = "The verdict was taken back."


def take_back(patient: Patient, *, model_sha256: str) -> Verdict:
    """Take back the person's last agreement or disagreement with this model's estimate for the patient.

    Nothing is deleted: the verdict's row stays and another says that it was taken back; its RiskAssessment becomes
    entered-in-error. So does the suspected problem that it added, unless somebody has changed it since, or another person
    agreed too. Raises `NotAllowed`, `NothingToTakeBack`.
    """
    actor = require(patient.actor, "judge")
    with one_change(actor):
        given = latest_answer(patient.id, username=actor.name, model_sha256=model_sha256)
        if given is None or given.choice == Choice.TAKE_BACK:
            raise NothingToTakeBack("You have given no verdict on this estimate that could be taken back.")
        _withdraw(given, actor=actor)
        verdict = Verdict(
            patient_id=given.patient_id,
            study_name=given.study_name,
            study_version=given.study_version,
            model_sha256=given.model_sha256,
            inputs_sha256=given.inputs_sha256,
            index_time=given.index_time,
            estimate=given.estimate,
            low=given.low,
            high=given.high,
            choice=Choice.TAKE_BACK,
            username=actor.name,
            role=actor.role,
            given=timezone.now(),
            condition_id=given.condition_id,
            assessment_id=given.assessment_id,
        )
        return stored(verdict, actor=actor)


def _withdraw(given: Verdict, *, actor: Actor) -> None:
    puts = [_put("RiskAssessment", given.assessment_id, actor=actor)]
    if given.choice == Choice.AGREE and not _others_agree(given):
        puts.append(_put("Condition", given.condition_id, actor=actor, unless_changed=given.username))
    wanted = [put for put in puts if put is not None]
    if wanted:
        Changing(actor).put(wanted)


def _put(type_name: str, logical_id: str, *, actor: Actor, unless_changed: str = "") -> Put | None:
    """The record as an error; nothing where it is gone, or, where a name is given, is no longer as that person's verdict
    wrote it: a first version, tentative, recorded by them."""
    row = Resource.objects.filter(type=type_name, logical_id=logical_id, is_deleted=False).first()
    if row is None:
        return None
    body = body_of(present_version(row))
    if unless_changed and not (row.version == 1 and _is_of(unless_changed, body=body)):
        return None
    error = as_error(amended(body, actor=actor, reason=_REASON, now=timezone.now()))
    return Put(error, activity="withdraw", only_if=Precondition(version=row.version), reason=_REASON)


def _is_of(username: str, *, body: dict[str, Any]) -> bool:
    """Was this problem added by a verdict of this person? A verdict's problem is recorded at the verdict's moment."""
    recorder = body.get("recorder", {}).get("identifier", {})
    if recorder != {"system": "urn:wardround:user", "value": username}:
        return False
    own = Verdict.objects.filter(condition_id=body["id"], username=username, choice=Choice.AGREE)
    recorded = datetime.fromisoformat(body["recordedDate"])  # in milliseconds
    return any(abs(one.given - recorded) < timedelta(milliseconds=1) for one in own)


def _others_agree(given: Verdict) -> bool:
    """Does another person's agreement stand on the same problem?"""
    of_it = Verdict.objects.filter(condition_id=given.condition_id, choice=Choice.AGREE).exclude(
        username=given.username
    )
    for one in of_it:
        last = latest_answer(one.patient_id, username=one.username, model_sha256=one.model_sha256)
        if last is not None and last.choice == Choice.AGREE:
            return True
    return False
