"""What people did with cards, as the other record reports it (CDS Hooks 2.0, "Feedback"): all reports of a request, or none."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from wardround.hospital.cds.acting import actor_of_client
from wardround.hospital.cds.errors import BadRequest
from wardround.hospital.cds.models import CardFeedback, CdsClient, IssuedCard
from wardround.hospital.diagnosis.actions import record_feedback
from wardround.hospital.diagnosis.reasons import SYSTEM as REASONS_SYSTEM
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

MOST_REPORTS = 100
LONGEST_COMMENT = 4_000
_LONGEST_SYSTEM, _LONGEST_CODE = 200, 100


def take_feedback(service: str, body: Mapping[str, Any], *, client: CdsClient) -> int:
    """Keep what people did with cards of this service; how many reports were new. All of them, or none."""
    reports = body.get("feedback")
    if not isinstance(reports, list) or not 0 < len(reports) <= MOST_REPORTS:
        raise BadRequest(f'Feedback is {{"feedback": [...]}} with 1 to {MOST_REPORTS} reports.')
    with transaction.atomic():
        new = sum(_reported(report, service=service, client=client) for report in reports)
        detail = {"reports": len(reports), "new": new}
        record_one(actor_of_client(client), "cds.feedback", what=f"cds-services/{service}", detail=detail)
    return new


def _reported(report: Any, *, service: str, client: CdsClient) -> bool:
    """Keep one report; False when it came before."""
    card = _card(report, service=service, client=client)
    outcome = report.get("outcome")
    if outcome not in CardFeedback.Outcome.values:
        raise BadRequest("outcome should be accepted or overridden.")
    if outcome == CardFeedback.Outcome.ACCEPTED:
        _check_accepted(report.get("acceptedSuggestions"), card=card)
    system, code, comment = _reason(report)
    row, is_new = CardFeedback.objects.get_or_create(
        card=card,
        outcome=outcome,
        at=_instant(report.get("outcomeTimestamp")),
        defaults={"reason_system": system, "reason_code": code, "comment": comment, "received": timezone.now()},
    )
    if is_new:
        _keep_as_verdict(row, by=actor_of_client(client))
    return is_new


def _check_accepted(accepted: Any, *, card: IssuedCard) -> None:
    entries = accepted if isinstance(accepted, list) else []
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in entries]
    if not ids or any(str(one).lower() != str(card.suggestion) for one in ids):
        raise BadRequest("acceptedSuggestions should name the suggestion of this card by its uuid.")


def _keep_as_verdict(feedback: CardFeedback, *, by: Actor) -> None:
    """Beside what doctors answered in the chart: one table is what agreement and monitoring read.

    A reason of the other record's own carries its code system, so that it is not taken for one of ours.
    """
    card = feedback.card
    is_ours = feedback.reason_system in ("", REASONS_SYSTEM)
    reason = feedback.reason_code if is_ours else f"{feedback.reason_system}|{feedback.reason_code}"
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
        reason=reason,
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


def _reason(report: Mapping[str, Any]) -> tuple[str, str, str]:
    """System and code of the reason of an override, and its comment; each may lack."""
    override = report.get("overrideReason")
    if override is None:
        return "", "", ""
    if not isinstance(override, dict):
        raise BadRequest("overrideReason should be an object with reason or userComment.")
    comment = override.get("userComment") or ""
    if not isinstance(comment, str) or len(comment) > LONGEST_COMMENT:
        raise BadRequest(f"overrideReason.userComment should be a text of at most {LONGEST_COMMENT:,} characters.")
    reason = override.get("reason")
    if reason is None:
        return "", "", comment
    if not isinstance(reason, dict) or not _is_text(reason.get("code"), most=_LONGEST_CODE):
        raise BadRequest(f"overrideReason.reason should be a Coding with a code of at most {_LONGEST_CODE} characters.")
    if not _is_text(reason.get("system"), most=_LONGEST_SYSTEM):
        raise BadRequest(f"overrideReason.reason needs the system of its code, at most {_LONGEST_SYSTEM} characters.")
    return reason["system"], reason["code"], comment


def _is_text(value: Any, *, most: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= most


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadRequest("outcomeTimestamp should be a time of RFC 3339 in UTC, as 2026-11-26T10:05:31Z.") from error
    if at.tzinfo is None:
        raise BadRequest("outcomeTimestamp needs a time zone, as 2026-11-26T10:05:31Z.")
    return at
