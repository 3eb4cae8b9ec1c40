"""Every write of the diagnosis reference: a verdict on an estimate, in the chart or reported by another record.

record_impression(patient, ...) what a doctor thinks before they see an estimate, where the study asks for it
record_verdict(patient, ...)   a doctor's answer in the chart; agreeing adds the problem as suspected
record_feedback(...)           what CDS Hooks feedback says of a card, in the same table
"""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from wardround.hospital.diagnosis.as_fhir import Judged, provenance, risk_assessment, suspected
from wardround.hospital.diagnosis.basis import basis_of
from wardround.hospital.diagnosis.errors import InputsChanged, NoSuchEstimate, ReasonMissing, VerdictError
from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.outcome import outcome_concept
from wardround.hospital.diagnosis.queries import reference_now
from wardround.hospital.diagnosis.reasons import IMPRESSIONS, REASONS
from wardround.hospital.diagnosis.reference import Reference
from wardround.hospital.diagnosis.standing import Standings, latest_answer
from wardround.hospital.diagnosis.storing import stored
from wardround.hospital.records.access import Patient, require
from wardround.hospital.records.actions.changing import Changing, Put, one_change
from wardround.hospital.records.actions.resources import new_id
from wardround.hospital.records.models import Fact, Resource, StandardValue, TokenIndex
from wardround.hospital.training.queries import AdoptedModel, adopted_models
from wardround.web.accounts.models import User
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction

LONGEST_WORDS = 500
_OF_THE_PATIENT = frozenset({Choice.AGREE, Choice.DISAGREE})
_GIVEN = _OF_THE_PATIENT | {Choice.HIDE, Choice.SHOW}  # these are about the page


def record_verdict(
    patient: Patient, *, model_sha256: str, inputs_sha256: str, choice: str, reason: str = "", words: str = ""
) -> Verdict:
    """Store an answer to the estimate that was made from exactly these inputs. The same answer again is the same verdict.

    Agreeing writes the problem as suspected, under the doctor's name; agreeing and disagreeing write a RiskAssessment and
    its Provenance. Hiding and showing say nothing about the patient, so they write no record.
    Raises `NotAllowed`, `InputsChanged`, `ReasonMissing`, `NoSuchEstimate`.
    """
    actor = require(patient.actor, "judge")
    if choice not in _GIVEN:
        raise VerdictError("A verdict is to agree, to disagree, to hide or to show again.")
    if choice == Choice.DISAGREE and reason not in REASONS:
        raise ReasonMissing("Say why you disagree: choose one of the reasons.")
    if choice != Choice.DISAGREE:
        reason = words = ""
    words = words.strip()[:LONGEST_WORDS]
    model = _in_use(model_sha256)
    with one_change(actor):
        reference = reference_now(patient, model=model)
        if choice in _OF_THE_PATIENT:
            _check_impression(patient, model=model)
            _check(reference, inputs_sha256=inputs_sha256)
            before = latest_answer(patient.id, username=actor.name, model_sha256=model_sha256)
            if before is not None and _says(before) == (inputs_sha256, choice, reason, words):
                return before
        verdict = _verdict(reference, patient=patient, model=model, choice=choice, reason=reason, words=words)
        if choice in _OF_THE_PATIENT:
            _write_records(verdict, reference=reference, patient=patient, model=model)
        return stored(verdict, actor=actor)


def record_impression(patient: Patient, *, model_sha256: str, impression: str) -> Verdict:
    """What a doctor thinks of this patient before they see the estimate; the estimate that was not seen is kept with it.

    It says nothing about the patient, so it writes no record, and counts for no agreement.
    Raises `NotAllowed`, `ReasonMissing`, `NoSuchEstimate`.
    """
    actor = require(patient.actor, "judge")
    if impression not in IMPRESSIONS:
        raise ReasonMissing("Say what you think yourself: choose one of the answers.")
    model = _in_use(model_sha256)
    with one_change(actor):
        reference = reference_now(patient, model=model)
        if reference.estimate is None:
            raise NoSuchEstimate(f"There is no estimate to judge now. {reference.withheld}")
        verdict = _verdict(
            reference, patient=patient, model=model, choice=Choice.IMPRESSION, reason=impression, words=""
        )
        return stored(verdict, actor=actor)


def record_feedback(
    *,
    card: uuid.UUID,
    by: Actor,
    study_name: str,
    model_sha256: str,
    inputs_sha256: str,
    outcome: str,
    at: datetime,
    user: str = "",
    patient_id: str = "",
    estimate: float | None = None,
    reason: str = "",
    words: str = "",
) -> Verdict:
    """What CDS Hooks feedback says of a card: accepted is agree, overridden is disagree. Writes no record: what the other
    record's doctor accepted is written there. A long comment stands whole with the feedback, and its beginning here.
    In the caller's transaction; the same report again is the same verdict.
    """
    must_be_in_transaction()
    choice = Choice.AGREE if outcome == "accepted" else Choice.DISAGREE
    known = Verdict.objects.filter(card=card, choice=choice, given=at).first()
    if known is not None:
        return known
    verdict = Verdict(
        patient_id=patient_id,
        study_name=study_name,
        model_sha256=model_sha256,
        inputs_sha256=inputs_sha256,
        estimate=estimate,
        choice=choice,
        reason=reason[:100],
        words=words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…",
        username=(user or by.name)[:150],
        role=by.role,
        given=at,
        asked_by=by.name,
        card=card,
    )
    return stored(verdict, actor=by)


def _in_use(model_sha256: str) -> AdoptedModel:
    model = next((model for model in adopted_models() if model.artifact.sha256 == model_sha256), None)
    if model is None:
        raise NoSuchEstimate("This model is not in use here any more, so its estimate cannot be judged.")
    return model


def _check_impression(patient: Patient, *, model: AdoptedModel) -> None:
    """A study that asks for the doctor's own impression first takes no verdict without one."""
    if not model.impression_first:
        return
    standings = Standings(patient, now=timezone.now())
    if standings.of(model_sha256=model.artifact.sha256, inputs_sha256="", impression_first=True).is_asked_first:
        raise VerdictError("This study asks what you think yourself before you see its estimate. Answer that first.")


def _check(reference: Reference, *, inputs_sha256: str) -> None:
    """Is this still the estimate that was on the page?"""
    if reference.estimate is None:
        raise NoSuchEstimate(f"There is no estimate to judge now. {reference.withheld}")
    if reference.inputs_sha256 != inputs_sha256:
        raise InputsChanged(
            "Nothing was stored, because something in this chart has changed since the page was drawn. "
            f"The estimate is now {reference.estimate.percent}% "
            f"(likely {reference.estimate.low} to {reference.estimate.high}%). Look again, then judge."
        )


def _says(verdict: Verdict) -> tuple[str, str, str, str]:
    return verdict.inputs_sha256, verdict.choice, verdict.reason, verdict.words


def _verdict(
    reference: Reference, *, patient: Patient, model: AdoptedModel, choice: str, reason: str, words: str
) -> Verdict:
    low, high = reference.interval or (None, None)
    return Verdict(
        patient_id=patient.id,
        study_name=model.study_name,
        study_version=str(model.study["version"]),
        model_sha256=model.artifact.sha256,
        inputs_sha256=reference.inputs_sha256,
        index_time=reference.index_time,
        estimate=reference.probability,
        low=low,
        high=high,
        choice=choice,
        reason=reason,
        words=words,
        username=patient.actor.name,
        role=patient.actor.role,
        given=timezone.now(),
    )


def _write_records(verdict: Verdict, *, reference: Reference, patient: Patient, model: AdoptedModel) -> None:
    """The suspected problem (unless it stands in the chart already), the estimate and its provenance: one write."""
    if reference.inputs is None or reference.probability is None or reference.interval is None:
        raise NoSuchEstimate("There is no estimate to judge now.")
    judged = Judged(
        patient_id=patient.id,
        given=timezone.localtime(verdict.given),
        username=verdict.username,
        full_name=_full_name(verdict.username),
        choice=verdict.choice,
        reason=verdict.reason,
        words=verdict.words,
        study=f"{model.study_title}, version {verdict.study_version}",
        model_sha256=verdict.model_sha256,
        inputs_sha256=verdict.inputs_sha256,
        index_time=reference.index_time,
        probability=reference.probability,
        low=reference.interval[0],
        high=reference.interval[1],
        outcome=outcome_concept(model.study),
        basis=basis_of(reference.inputs, patient=patient),
    )
    bodies: list[dict[str, Any]] = []
    if verdict.choice == Choice.AGREE:
        verdict.condition_id = _standing_condition(patient.id, outcome=judged.outcome, study_name=verdict.study_name)
        if not verdict.condition_id:
            verdict.condition_id = new_id()
            bodies.append(suspected(judged, condition_id=verdict.condition_id))
    verdict.assessment_id = new_id()
    bodies.append(risk_assessment(judged, assessment_id=verdict.assessment_id, condition_id=verdict.condition_id))
    targets = [f"{body['resourceType']}/{body['id']}" for body in bodies]
    bodies.append(provenance(judged, provenance_id=new_id(), targets=targets))
    Changing(patient.actor).put([Put(body, activity="create") for body in bodies])


def _standing_condition(patient_id: str, *, outcome: dict[str, Any], study_name: str) -> str:
    """The id of the problem that stands in the chart already: stated as a fact with this code, or suspected by an earlier
    verdict on this study; the same problem is not added twice."""
    codings = outcome.get("coding", ())
    facts = StandardValue.objects.filter(
        patient_id=patient_id,
        fact=Fact.CONDITION,
        is_current=True,
        resource__is_deleted=False,
        code__in=[coding["code"] for coding in codings],
    )
    known = facts.values_list("resource__logical_id", flat=True).first()
    if known:
        return str(known)
    earlier = Verdict.objects.filter(patient_id=patient_id, study_name=study_name).exclude(condition_id="")
    ids = list(earlier.order_by("-given").values_list("condition_id", flat=True))
    taken_back = TokenIndex.objects.filter(
        type="Condition", parameter="verification-status", code__in=("refuted", "entered-in-error")
    )
    here = Resource.objects.filter(type="Condition", logical_id__in=ids, patient_id=patient_id, is_deleted=False)
    here = here.exclude(pk__in=taken_back.values("resource"))
    return str(here.values_list("logical_id", flat=True).first() or "")


def _full_name(username: str) -> str:
    return str(User.objects.filter(username=username).first() or username)
