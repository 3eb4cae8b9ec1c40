"""Asking for an export, cancelling it, running it, and letting it expire: each with its audit event."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.utils import timezone

from wardround.hospital.exports import files
from wardround.hospital.exports.errors import TooManyExports
from wardround.hospital.exports.models import ExportFile, ExportJob
from wardround.hospital.records.access import require
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.sweep import Swept, count_of, sweep
from wardround.web.audit.actor import Actor, system_actor
from wardround.web.audit.trail import record_one

MOST_AT_ONCE = 3  # of one client
KEPT = timedelta(hours=24)
PER_FILE = 10_000  # resources: a file is encrypted and answered whole
_UNDER_WAY = (ExportJob.State.WAITING, ExportJob.State.RUNNING)


@dataclass(frozen=True)
class Wish:
    """What is to be exported. `patients` None at the level "patient" means every patient's chart."""

    level: ExportJob.Level
    asked: str
    types: tuple[str, ...]
    patients: tuple[str, ...] | None = None
    since: datetime | None = None


class Cancelled(Exception):
    """The job was cancelled while it ran."""


@transaction.atomic
def ask_for_export(somebody: object, wish: Wish) -> ExportJob:
    """A job for the worker. What it exports is the state of now. Raises `NotAllowed` and `TooManyExports`."""
    actor = require(somebody, "export")
    own = ExportJob.objects.filter(client_kind=actor.kind, client_name=actor.name, state__in=_UNDER_WAY)
    if own.count() >= MOST_AT_ONCE:
        raise TooManyExports(f"{MOST_AT_ONCE} exports of yours are under way. Wait for one, or cancel it.")
    # Nobody writes while the instant is taken, so that nothing before it is still on its way into the records.
    hold_other_writers()
    now = timezone.now()
    job = ExportJob.objects.create(
        id=uuid.uuid4().hex,
        level=wish.level,
        asked=wish.asked,
        types=list(wish.types),
        patients=None if wish.patients is None else list(wish.patients),
        since=wish.since,
        until=now,
        client_kind=actor.kind,
        client_name=actor.name,
        created=now,
    )
    detail = {"level": job.level, "types": len(wish.types), "patients": len(wish.patients or ())}
    record_one(actor, "export.ask", what=str(job), detail=detail)
    return job


@transaction.atomic
def cancel_export(actor: Actor, job: ExportJob) -> None:
    """End a job or throw its files away."""
    ExportJob.objects.filter(pk=job.pk).update(state=ExportJob.State.CANCELLED, finished=timezone.now())
    ExportFile.objects.filter(job=job).delete()
    record_one(actor, "export.cancel", what=str(job))
    transaction.on_commit(lambda: files.forget(job.pk))


def start_anew() -> None:
    """What a worker does first: jobs that one before it left unfinished begin again, with the same instant."""
    for job in ExportJob.objects.filter(state=ExportJob.State.RUNNING):
        _clear(job, state=ExportJob.State.WAITING)


def expire_exports() -> None:
    """Throw away what nobody may fetch any more."""
    for job in ExportJob.objects.filter(state=ExportJob.State.DONE, expires__lte=timezone.now()):
        _clear(job, state=ExportJob.State.EXPIRED)
        record_one(system_actor("worker"), "export.expire", what=str(job))


def run_next_export() -> bool:
    """Run the job that waits longest; False when none does."""
    job = ExportJob.objects.filter(state=ExportJob.State.WAITING).order_by("created").first()
    if job is None:
        return False
    if not ExportJob.objects.filter(pk=job.pk, state=ExportJob.State.WAITING).update(state=ExportJob.State.RUNNING):
        return True  # it was cancelled in between
    try:
        counts = _write(job)
    except Cancelled:
        files.forget(job.pk)
        return True
    except Exception:
        sentence = "The export failed on the server; its log says where. Ask for it again, or tell whoever runs it."
        _clear(job, state=ExportJob.State.FAILED, sentence=sentence)
        record_one(system_actor("worker"), "export.fail", what=str(job), outcome="failed")
        raise
    now = timezone.now()
    done = ExportJob.objects.filter(pk=job.pk, state=ExportJob.State.RUNNING)
    if not done.update(state=ExportJob.State.DONE, finished=now, expires=now + KEPT, progress=""):
        files.forget(job.pk)
        return True
    client = Actor(job.client_kind, job.client_name, "")  # type: ignore[arg-type]
    record_one(client, "export.done", what=str(job), detail=counts)
    return True


def _write(job: ExportJob) -> dict[str, int]:
    """All files of the job; how many resources of each type."""
    wishes = [(type_name, _swept(job, type_name)) for type_name in job.types]
    total = sum(count_of(swept) for _type_name, swept in wishes)
    shelf = _Shelf(job, total=total)
    for type_name, swept in wishes:
        shelf.begin(type_name)
        for part in sweep(swept):
            for found in part:
                if found.text is not None:
                    shelf.put(found.text)
                elif job.since is not None:
                    shelf.put_deletion(found.version.resource.logical_id)
            shelf.report(len(part))
        shelf.end()
    return shelf.counts


def _swept(job: ExportJob, type_name: str) -> Swept:
    return Swept(
        type_name,
        until=job.until,
        since=job.since,
        patients=None if job.patients is None else frozenset(job.patients),
        charts_only=job.level == ExportJob.Level.PATIENT,
    )


class _Shelf:
    """Collects the lines of one type at a time and writes them away file by file."""

    def __init__(self, job: ExportJob, *, total: int) -> None:
        self.counts: dict[str, int] = {}
        self._job = job
        self._total = total
        self._seen = 0
        self._number = 0
        self._type = ""
        self._lines: list[bytes] = []
        self._deletions: list[bytes] = []

    def begin(self, type_name: str) -> None:
        self._type = type_name

    def put(self, text: bytes) -> None:
        self._lines.append(text)
        self.counts[self._type] = self.counts.get(self._type, 0) + 1
        if len(self._lines) >= PER_FILE:
            self._keep(self._lines, is_deletions=False)

    def put_deletion(self, logical_id: str) -> None:
        request = {"method": "DELETE", "url": f"{self._type}/{logical_id}"}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}
        self._deletions.append(orjson.dumps(bundle))
        if len(self._deletions) >= PER_FILE:
            self._keep(self._deletions, is_deletions=True)

    def report(self, seen: int) -> None:
        """Say how far it is; raises `Cancelled` when somebody ended the job."""
        self._seen += seen
        progress = f"{self._type}: {self._seen} of {self._total} resources"
        under_way = ExportJob.objects.filter(pk=self._job.pk, state=ExportJob.State.RUNNING)
        if not under_way.update(progress=progress):
            raise Cancelled

    def end(self) -> None:
        self._keep(self._lines, is_deletions=False)
        self._keep(self._deletions, is_deletions=True)

    def _keep(self, lines: list[bytes], *, is_deletions: bool) -> None:
        if not lines:
            return
        self._number += 1
        files.keep(self._job.pk, self._number, b"\n".join(lines) + b"\n")
        ExportFile.objects.create(
            job=self._job, number=self._number, type=self._type, is_deletions=is_deletions, count=len(lines)
        )
        lines.clear()


def _clear(job: ExportJob, *, state: ExportJob.State, sentence: str = "") -> None:
    with transaction.atomic():
        ExportFile.objects.filter(job=job).delete()
        ExportJob.objects.filter(pk=job.pk).update(state=state, sentence=sentence, progress="")
    files.forget(job.pk)


def lines_of(
    somebody: object, *, types: tuple[str, ...], since: datetime | None, counts: dict[str, int]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(type, its NDJSON lines) of the records as they are now; `counts` fills as the lines are read.

    One event at the end says how many of each were read. Raises `NotAllowed`.
    """
    actor = require(somebody, "export")
    until = timezone.now()

    def lines(type_name: str) -> Iterator[bytes]:
        for part in sweep(Swept(type_name, until=until, since=since)):
            for found in part:
                if found.text is not None:
                    counts[type_name] = counts.get(type_name, 0) + 1
                    yield found.text + b"\n"

    try:
        for type_name in types:
            yield type_name, lines(type_name)
    finally:
        record_one(actor, "export.done", what="files", detail=dict(counts))
