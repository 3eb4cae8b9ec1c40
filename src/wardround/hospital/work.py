"""The hospital's worker: seals the audit trail, exports, imports uploads, measures quality, sweeps old drafts, tries studies out, checks the ledger, decides on arrived models."""

import logging
import signal
import subprocess
import sys
import threading

from django.conf import settings
from django.db import close_old_connections

from wardround.hospital.entry.work import sweep_until_stopped
from wardround.hospital.exports.work import export_until_stopped
from wardround.hospital.intake.upload_work import import_until_stopped
from wardround.hospital.quality.work import measure_until_stopped
from wardround.hospital.training.dry_run import wait_again
from wardround.hospital.training.ledger_check import check_until_stopped
from wardround.hospital.training.models import ApprovedStudy, DryRun, RunRecord
from wardround.hospital.training.vault import received_runs
from wardround.hospital.training.watch_work import watch_until_stopped
from wardround.web.audit.sealing import seal_pending

_SEAL_SECONDS = 1.0
_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 60.0


def work_until_stopped() -> None:
    """Runs in a process of its own until SIGTERM; Django is set up."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sealer = threading.Thread(target=_seal, args=(stopping,), name="sealer", daemon=True)
    exporter = threading.Thread(target=export_until_stopped, args=(stopping,), name="exporter", daemon=True)
    measurer = threading.Thread(target=measure_until_stopped, args=(stopping,), name="measurer", daemon=True)
    importer = threading.Thread(target=import_until_stopped, args=(stopping,), name="importer", daemon=True)
    sweeper = threading.Thread(target=sweep_until_stopped, args=(stopping,), name="sweeper", daemon=True)
    trier = threading.Thread(target=_try_out, args=(stopping,), name="dry runs", daemon=True)
    watcher = threading.Thread(target=watch_until_stopped, args=(stopping,), name="watcher", daemon=True)
    checker = threading.Thread(target=check_until_stopped, args=(stopping,), name="ledger checks", daemon=True)
    for thread in (sealer, exporter, measurer, importer, sweeper, trier, watcher, checker):
        thread.start()
    failed: set[str] = set()
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        waiting = _waiting() - failed
        if waiting and not _adopt():
            failed |= waiting  # it would fail again; a person looks at the log and says `models --adopt`
    sealer.join(timeout=2)
    exporter.join(timeout=2)


def _waiting() -> set[str]:
    arrived = {
        run_id for study in ApprovedStudy.objects.all() for run_id, _ in received_runs(settings.HOME, study.hash)
    }
    return arrived - set(RunRecord.objects.filter(run_id__in=arrived).values_list("run_id", flat=True))


def _try_out(stopping: threading.Event) -> None:
    wait_again()
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        if DryRun.objects.filter(state=DryRun.State.WAITING).exists() and not _run("dry-run", "--waiting"):
            logging.getLogger(__name__).error("A dry run could not be done; see above.")
            stopping.wait(_PAUSE_SECONDS)


def _adopt() -> bool:
    if _run("models", "--adopt"):
        return True
    logging.getLogger(__name__).error("A model that arrived could not be decided on; see above.")
    return False


def _run(*command: str) -> bool:
    # In a process of its own: what learning needs in memory is given back when it has ended.
    started = (sys.executable, "-m", "wardround.cli", "hospital", *command, "--json", "--home", str(settings.HOME.path))
    return subprocess.run(started, stdout=subprocess.DEVNULL, check=False).returncode == 0  # noqa: S603 - the product's own command


def _seal(stopping: threading.Event) -> None:
    while not stopping.wait(_SEAL_SECONDS):
        close_old_connections()
        seal_pending()
