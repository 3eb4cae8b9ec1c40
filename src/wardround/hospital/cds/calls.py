"""One call of a service: who asks, what was sent, the card, and what is kept of it. All of it in one transaction."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.hospital.cds.cards import Card, Places, card_of
from wardround.hospital.cds.errors import BadRequest, CdsError, DataMissing, NoSuchService
from wardround.hospital.cds.estimating import MOST_SECONDS, Estimated, estimate, inputs_hash, lacks
from wardround.hospital.cds.models import CardFeedback, CdsClient, IssuedCard
from wardround.hospital.cds.prefetch_templates import prefetch_templates
from wardround.hospital.diagnosis.actions import record_feedback
from wardround.hospital.diagnosis.queries import held_values, reference_for
from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.queries import standard_facts
from wardround.hospital.training.queries import AdoptedModel, adopted_models
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

HOOK = "patient-view"
_MOST_FEEDBACK = 100
_LONGEST_ID = 64


def services() -> list[dict[str, Any]]:
    """The discovery document's services: one for each model in use, named by its study, whatever version it has."""
    return [
        {
            "hook": HOOK,
            "id": model.study_name,
            "title": model.study_title,
            "description": str(model.study.get("question") or model.study_title),
            "usageRequirements": "Model output, not a diagnosis. Not for: " + " ".join(model.study.get("not_for", ())),
            "prefetch": prefetch_templates(model),
        }
        for model in adopted_models()
    ]


def called(
    service: str, body: Mapping[str, Any], *, client: CdsClient, places: Callable[[str, str], Places]
) -> dict[str, Any]:
    """The response of a service. `places(model_sha256, our_patient_id)` gives the links of a card."""
    model = _model(service)
    context = _checked(body)
    actor = actor_of_client(client)
    patient_id = context["patientId"]
    try:
        found, ours = _estimated(body.get("prefetch") or {}, patient_id=patient_id, model=model, client=client)
    except CdsError as error:
        record_one(actor, "cds.call", outcome="refused", what=f"cds-services/{service}", detail={"why": error.code})
        raise
    card = card_of(
        found,
        model=model,
        patient_id=patient_id,
        hospital=settings.HOME.name,
        places=places(model.artifact.sha256, ours),
    )
    with transaction.atomic():
        if card is not None:
            _keep(card, found, model=model, client=client, service=service, patient_id=ours, user=context["userId"])
        detail = {"model": model.artifact.sha256, "cards": int(card is not None), "inputs": found.inputs_sha256}
        record_one(actor, "cds.call", patient_id=ours, what=f"cds-services/{service}", detail=detail)
    return {"cards": [] if card is None else [card]}


def take_feedback(service: str, body: Mapping[str, Any], *, client: CdsClient) -> int:
    """Keep what people did with cards of this service; how many reports were new. All of them, or none."""
    reports = body.get("feedback")
    if not isinstance(reports, list) or not 0 < len(reports) <= _MOST_FEEDBACK:
        raise BadRequest(f'Feedback is {{"feedback": [...]}} with 1 to {_MOST_FEEDBACK} reports.')
    with transaction.atomic():
        new = sum(_reported(report, service=service, client=client) for report in reports)
        detail = {"reports": len(reports), "new": new}
        record_one(actor_of_client(client), "cds.feedback", what=f"cds-services/{service}", detail=detail)
    return new


def actor_of_client(client: CdsClient) -> Actor:
    """A registered client as whoever acts: a service, which may read charts only where it was allowed to."""
    scopes = ("system/*.rs",) if client.knows_our_patients else ()
    return Actor(kind="service", name=f"CDS Hooks {client.name}"[:150], role="service", scopes=scopes)


def _model(service: str) -> AdoptedModel:
    for model in adopted_models():
        if model.study_name == service:
            return model
    raise NoSuchService("There is no such service here now. GET /cds-services lists those that are.")


def _checked(body: Mapping[str, Any]) -> dict[str, str]:
    """The context of a well-formed request. Raises BadRequest."""
    if body.get("hook") != HOOK:
        raise BadRequest(f"This service answers the hook {HOOK}.")
    try:
        uuid.UUID(str(body.get("hookInstance")))
    except ValueError as error:
        raise BadRequest("hookInstance should be a UUID.") from error
    if body.get("fhirAuthorization") is not None and not body.get("fhirServer"):
        raise BadRequest("fhirServer is needed with fhirAuthorization.")
    if not isinstance(body.get("prefetch") or {}, dict):
        raise BadRequest("prefetch should be an object, key by key as the discovery document says.")
    context = body.get("context")
    if not isinstance(context, dict):
        raise BadRequest("context should be an object with userId and patientId.")
    for name in ("userId", "patientId"):
        text = context.get(name)
        if not isinstance(text, str) or not 0 < len(text) <= (_LONGEST_ID if name == "patientId" else 150):
            raise BadRequest(f"context.{name} should be a text, as {HOOK} asks.")
    return context


def _estimated(
    prefetch: Mapping[str, Any], *, patient_id: str, model: AdoptedModel, client: CdsClient
) -> tuple[Estimated, str]:
    """The estimate, and the patient's id where it was made from our own records; what was sent comes first."""
    now = timezone.now()
    missing = lacks(prefetch, model=model)
    if not missing or not client.knows_our_patients:
        deadline = time.monotonic() + MOST_SECONDS
        return estimate(prefetch, patient_id=patient_id, model=model, now=now, deadline=deadline), ""
    try:
        patient = patient_for(actor_of_client(client), patient_id)
    except NotThere as error:
        raise DataMissing(f"The estimate needs these prefetch keys, each whole: {', '.join(missing)}.") from error
    facts = standard_facts(patient)
    moment = now.astimezone(UTC).replace(tzinfo=None)
    reference = reference_for(facts, model=model, held=held_values(patient), now=moment)
    return Estimated(reference, inputs_sha256=inputs_hash(facts)), patient.id


def _keep(
    card: Card, found: Estimated, *, model: AdoptedModel, client: CdsClient, service: str, patient_id: str, user: str
) -> None:
    suggestions = card.get("suggestions", ())
    shown = found.reference.estimate
    IssuedCard.objects.create(
        card=uuid.UUID(card["uuid"]),
        suggestion=uuid.UUID(suggestions[0]["uuid"]) if suggestions else None,
        client=client,
        service=service,
        model_sha256=model.artifact.sha256,
        inputs_sha256=found.inputs_sha256,
        patient_id=patient_id,
        asked_for=user,
        percent=shown.percent if shown is not None else "",
        made=timezone.now(),
    )


def _reported(report: Any, *, service: str, client: CdsClient) -> bool:
    """Keep one report; False when it came before."""
    card = _card(report, service=service, client=client)
    outcome = report.get("outcome")
    if outcome not in CardFeedback.Outcome.values:
        raise BadRequest("outcome should be accepted or overridden.")
    if outcome == CardFeedback.Outcome.ACCEPTED:
        accepted = report.get("acceptedSuggestions")
        ids = [entry.get("id") for entry in accepted if isinstance(entry, dict)] if isinstance(accepted, list) else []
        if not ids or any(str(one) != str(card.suggestion) for one in ids):
            raise BadRequest("acceptedSuggestions should name the suggestion of this card by its uuid.")
    reason, comment = _reason(report)
    row, is_new = CardFeedback.objects.get_or_create(
        card=card,
        outcome=outcome,
        at=_instant(report.get("outcomeTimestamp")),
        defaults={
            "reason_system": str(reason.get("system", ""))[:200],
            "reason_code": str(reason.get("code", ""))[:100],
            "comment": comment,
            "received": timezone.now(),
        },
    )
    if is_new:
        _keep_as_verdict(row, by=actor_of_client(client))
    return is_new


def _keep_as_verdict(feedback: CardFeedback, *, by: Actor) -> None:
    """Beside what doctors answered in the chart: one table is what agreement and monitoring read."""
    card = feedback.card
    record_feedback(
        card=card.card,
        by=by,
        study_name=card.service,
        model_sha256=card.model_sha256,
        inputs_sha256=card.inputs_sha256,
        outcome=feedback.outcome,
        at=feedback.at,
        user=card.asked_for,
        patient_id=card.patient_id,
        estimate=int(card.percent) / 100 if card.percent.isdigit() else None,
        reason=feedback.reason_code,
        words=feedback.comment,
    )


def _card(report: Any, *, service: str, client: CdsClient) -> IssuedCard:
    try:
        key = uuid.UUID(str(report["card"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest("Each report should name its card by the card's uuid.") from error
    card = IssuedCard.objects.filter(card=key, service=service, client=client).first()
    if card is None:
        raise BadRequest("A report names a card that this service did not give to this client.")
    return card


def _reason(report: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The coded reason and the comment of an override; both may lack."""
    override = report.get("overrideReason")
    if override is None:
        return {}, ""
    if not isinstance(override, dict):
        raise BadRequest("overrideReason should be an object with reason or userComment.")
    reason = override.get("reason") or {}
    if not isinstance(reason, dict) or (reason and not isinstance(reason.get("code"), str)):
        raise BadRequest("overrideReason.reason should be a Coding with a code.")
    return reason, str(override.get("userComment") or "")[:500]


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadRequest("outcomeTimestamp should be a time of RFC 3339 in UTC, as 2026-11-26T10:05:31Z.") from error
    if at.tzinfo is None:
        raise BadRequest("outcomeTimestamp needs a time zone, as 2026-11-26T10:05:31Z.")
    return at
