"""Everything that changes which global models are registered."""

import hashlib

from django.conf import settings
from django.utils import timezone

from wardround.coordinator.models.models import GlobalModel
from wardround.coordinator.models.vault import open_model
from wardround.coordinator.runs.models import Run
from wardround.web.audit.actor import system_actor
from wardround.web.audit.trail import must_be_in_transaction, record_one


def register_model(run: Run, *, rounds: int) -> GlobalModel:
    """Note the model of a finished run; in the caller's transaction."""
    must_be_in_transaction()
    artifact = open_model(settings.HOME, run_id=run.run_id)
    sha256 = hashlib.sha256(artifact).hexdigest()
    model = GlobalModel.objects.create(run=run, sha256=sha256, size=len(artifact), rounds=rounds, made=timezone.now())
    record_one(system_actor("dispatch"), "model.register", what=f"GlobalModel/{run.run_id}", detail={"sha256": sha256})
    return model
