"""A verdict's row is written once, with its audit event."""

import uuid

from django.db import transaction

from wardround.hospital.diagnosis.models import Verdict
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


def stored(verdict: Verdict, *, actor: Actor) -> Verdict:
    """The same verdict, now in the database."""
    with transaction.atomic():
        verdict.uid = uuid.uuid4()
        verdict.save(force_insert=True)
        detail = {
            "choice": verdict.choice,
            "model": verdict.model_sha256,
            "inputs": verdict.inputs_sha256,
        }
        record_one(actor, "verdict.give", patient_id=verdict.patient_id, what=str(verdict), detail=detail)
    return verdict
