"""Everything that changes which runs there are."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.coordinator.members.queries import roster
from wardround.coordinator.runs.board import PUBLICATION, run_folder, write_options
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.studies.models import Study
from wardround.coordinator.studies.queries import peers_of
from wardround.federation.durable import write_whole
from wardround.federation.secure_sum.context import MINIMUM_HOSPITALS, required_threshold
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


class RunRefusedError(Exception):
    """The run cannot be started; the message says what would be right."""


_RUNNING = "This study is already running; follow that run to its end first."


def why_no_run(study: Study) -> str:
    """Why no run of this study can be started now; empty where one can."""
    peers = peers_of(study)
    members = {peer.name: peer for peer in roster()}
    gone = [peer.name for peer in peers if members.get(peer.name) != peer]
    if gone:
        return f"{gone[0]} is no member any more. Publish the study anew, with those who are."
    if len(peers) < MINIMUM_HOSPITALS:
        return f"A run needs at least {MINIMUM_HOSPITALS} hospitals; this study has {len(peers)}."
    return _RUNNING if _is_running(study) else ""


def request_run(study: Study, *, may_shrink: bool = False, by: Actor) -> Run:
    """Ask for a run of a published study; the dispatcher brings it to the engine.

    `may_shrink`: go on without a hospital that left for good, where the hospitals' own policies allow it too
    (federation/exposure.py says what that costs the hospital that left).
    """
    peers = peers_of(study)
    if sentence := why_no_run(study):
        raise RunRefusedError(sentence)
    with transaction.atomic():
        if _is_running(study):
            raise RunRefusedError(_RUNNING)
        number = Run.objects.filter(study=study).count() + 1
        run = Run.objects.create(
            run_id=f"{study.name[:40]}-{study.hash[:8]}-{number}",
            study=study,
            requested=timezone.now(),
            requested_by=by.name,
            hospitals=[peer.name for peer in peers],
            minimum=required_threshold(len(peers)),
            may_shrink=may_shrink,
        )
        folder = run_folder(settings.HOME, run.run_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / PUBLICATION, bytes(study.publication))
        write_options(folder, may_shrink=may_shrink)
        record_one(by, "run.request", what=f"Run/{run.run_id}", detail={"study": study.hash})
    return run


def _is_running(study: Study) -> bool:
    return Run.objects.filter(study=study, standing__in=(Standing.REQUESTED, Standing.RUNNING)).exists()
