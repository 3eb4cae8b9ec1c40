"""The hospital's worker: seals the audit trail, exports, imports uploads, measures records and models, sweeps old drafts, tries studies out, checks the ledger, decides on arrived models."""

import logging
import signal
import threading

from django.conf import settings

from wardround.hospital.entry.work import sweep_until_stopped
from wardround.hospital.exports.work import export_until_stopped
from wardround.hospital.intake.upload_work import import_until_stopped
from wardround.hospital.quality.work import measure_until_stopped
from wardround.hospital.separately import run_separately
from wardround.hospital.training.dry_run_work import try_out_until_stopped
from wardround.hospital.training.ledger_check import check_until_stopped
from wardround.hospital.training.models import ApprovedStudy, RunRecord
from wardround.hospital.training.vault import received_runs
from wardround.hospital.training.watch_work import watch_until_stopped
from wardround.web.audit.sealing import seal_until_stopped
from wardround.web.repeating import repeat_until_stopped

_LOOK_SECONDS = 0.5
THREADS = {
    "sealer": seal_until_stopped,
    "exporter": export_until_stopped,
    "measurer": measure_until_stopped,
    "importer": import_until_stopped,
    "sweeper": sweep_until_stopped,
    "dry runs": try_out_until_stopped,
    "watcher": watch_until_stopped,
    "ledger checks": check_until_stopped,
}
_WAITED_FOR = ("sealer", "exporter")
_log = logging.getLogger(__name__)


def work_until_stopped() -> None:
    """Runs in a process of its own until SIGTERM; Django is set up."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threads = {
        name: threading.Thread(target=work, args=(stopping,), name=name, daemon=True) for name, work in THREADS.items()
    }
    for thread in threads.values():
        thread.start()
    decide_until_stopped(stopping)
    for name in _WAITED_FOR:
        threads[name].join(timeout=2)


def decide_until_stopped(stopping: threading.Event) -> None:
    """Decide on models that arrive. One that could not be decided on would fail again: a person looks at the log and says
    `models --adopt`."""
    failed: set[str] = set()

    def look() -> None:
        waiting = _waiting() - failed
        if waiting and not run_separately("models", "--adopt"):
            _log.error("A model that arrived could not be decided on; see above.")
            failed.update(waiting)

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what="A decision on a model that arrived")


def _waiting() -> set[str]:
    arrived = {
        run_id for study in ApprovedStudy.objects.all() for run_id, _ in received_runs(settings.HOME, study.hash)
    }
    return arrived - set(RunRecord.objects.filter(run_id__in=arrived).values_list("run_id", flat=True))
