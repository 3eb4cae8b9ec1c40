"""One call of a service: who asks, what was sent, the card, and what is kept of it. All of it in one transaction."""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wardround.hospital.cds.acting import actor_of_client
from wardround.hospital.cds.cards import Card, Places, card_of
from wardround.hospital.cds.errors import BadRequest, CdsError, DataMissing, NoSuchService
from wardround.hospital.cds.estimating import MOST_SECONDS, Estimated, estimate, inputs_hash, lacks
from wardround.hospital.cds.models import CdsClient, IssuedCard
from wardround.hospital.cds.prefetch_templates import prefetch_templates
from wardround.hospital.cds.prefetched import without_remarks
from wardround.hospital.diagnosis.queries import held_values, reference_for
from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.queries import standard_facts
from wardround.hospital.training.queries import AdoptedModel, adopted_models
from wardround.web.audit.trail import record_one

HOOK = "patient-view"
_NOT_STAFF = frozenset({"Patient", "RelatedPerson"})
# The context of patient-view, and the form of FHIR's ids.
_CONTEXT = {
    "userId": re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}"),
    "patientId": re.compile(r"[A-Za-z0-9.-]{1,64}"),
}
_CONTEXT_SAID = {
    "userId": "a Practitioner, PractitionerRole, Patient or RelatedPerson with its id, as Practitioner/abc",
    "patientId": "the id of a FHIR Patient",
}


def services() -> list[dict[str, Any]]:
    """The discovery document's services: one for each model that may answer, named by its study, whatever version it has."""
    return [
        {
            "hook": HOOK,
            "id": model.study_name,
            "title": model.study_title,
            "description": str(model.study.get("question") or model.study_title),
            "usageRequirements": _usage_requirements(model),
            "prefetch": prefetch_templates(model),
        }
        for model in _models()
    ]


def _models() -> list[AdoptedModel]:
    """Those in use, but for studies that ask for the doctor's own impression first: another record would not ask."""
    return [model for model in adopted_models() if not model.impression_first]


def _usage_requirements(model: AdoptedModel) -> str:
    said = [
        _("Model output, not a diagnosis."),
        _("For members of staff. All prefetch keys are needed: the service calls no FHIR server."),
    ]
    if not_for := " ".join(model.study.get("not_for", ())):
        said.append(_("Not for: %(whom)s") % {"whom": not_for})
    return " ".join(said)


def called(
    service: str, body: Mapping[str, Any], *, client: CdsClient, places: Callable[[str, str], Places]
) -> dict[str, Any]:
    """The response of a service. `places(model_sha256, our_patient_id)` gives the links of a card.

    An estimate is for those who look after patients: where a patient or a relative looks (patient-view allows that), there
    is no card.
    """
    model = _model(service)
    context = _checked(body)
    actor = actor_of_client(client)
    patient_id = context["patientId"]
    if context["userId"].partition("/")[0] in _NOT_STAFF:
        detail = {"model": model.artifact.sha256, "cards": 0, "why": "no member of staff looks"}
        record_one(actor, "cds.call", what=f"cds-services/{service}", detail=detail)
        return {"cards": []}
    try:
        sent = without_remarks(body.get("prefetch") or {})
        found, ours = _estimated(sent, patient_id=patient_id, model=model, client=client)
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


def _model(service: str) -> AdoptedModel:
    for model in _models():
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
    for name, wanted in _CONTEXT.items():
        text = context.get(name)
        if not isinstance(text, str) or not wanted.fullmatch(text):
            raise BadRequest(f"context.{name} should be a text, as {HOOK} asks: {_CONTEXT_SAID[name]}.")
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
