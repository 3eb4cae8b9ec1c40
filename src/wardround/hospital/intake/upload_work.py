"""The uploads' part of the worker process: one import after the other, resumed after a kill; what nobody imports is thrown away."""

import threading

from django.db import transaction
from django.utils import timezone

from wardround.clinical.errors import ClinicalError
from wardround.hospital.intake import upload_files
from wardround.hospital.intake.errors import IntakeError
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.models import Upload
from wardround.hospital.intake.report import Report
from wardround.hospital.intake.upload_files import opened
from wardround.hospital.intake.uploads import KEPT, files_of
from wardround.hospital.records.errors import RecordError
from wardround.interchange.errors import InterchangeError
from wardround.web.audit.actor import Actor, system_actor
from wardround.web.audit.trail import record_one
from wardround.web.repeating import repeat_until_stopped, work_off

_LOOK_SECONDS = 0.5
_SAID_SECONDS = 1.0


def import_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker. An import that a killed worker left goes on where it stopped: what is stored is known."""
    upload_files.sweep()
    Upload.objects.filter(state=Upload.State.RUNNING).update(state=Upload.State.WAITING)

    def look() -> None:
        expire_uploads()
        work_off(stopping, import_next_upload)

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what="An import of uploaded files")


def import_next_upload() -> bool:
    """Import the upload that waits longest; False when none does."""
    upload = Upload.objects.filter(state=Upload.State.WAITING).order_by("uploaded").first()
    if upload is None:
        return False
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.RUNNING)
    actor = Actor(kind="user", name=upload.uploaded_by, role="steward")
    try:
        with opened(upload.pk, files_of(upload)) as paths:
            report = import_files(
                paths, by=actor, form=upload.format, mapping_text=upload.mapping, on_progress=_Said(upload)
            )
    except (IntakeError, InterchangeError, RecordError, ClinicalError) as error:
        _end(upload, state=Upload.State.FAILED, sentence=str(error))
        return True
    except Exception:
        sentence = (
            "The import failed on the server; its log says where. What it stored is known: ask for it again to go on."
        )
        _end(upload, state=Upload.State.FAILED, sentence=sentence)
        raise
    _end(upload, state=Upload.State.DONE, batch=report.batch)
    upload_files.forget(upload.pk)
    return True


def expire_uploads() -> None:
    """Throw away what nobody imported within a day."""
    for upload in Upload.objects.filter(uploaded__lte=timezone.now() - KEPT).exclude(
        state__in=(Upload.State.RUNNING, Upload.State.WAITING, Upload.State.DONE)
    ):
        with transaction.atomic():
            record_one(system_actor("worker"), "upload.expire", what=str(upload))
            upload_files.forget(upload.pk)
            upload.delete()


class _Said:
    """Writes down how far an import is, at most once a second."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._last = -_SAID_SECONDS

    def __call__(self, report: Report) -> None:
        if report.seconds - self._last < _SAID_SECONDS:
            return
        self._last = report.seconds
        share = min(report.bytes_read / report.bytes_expected, 1.0) if report.bytes_expected else None
        progress = {
            "messages": report.messages,
            "resources": report.resources,
            "quarantined": report.quarantined_messages,
            "per_second": round(report.resources_per_second),
            "percent": None if share is None else round(100 * share),
            "seconds_left": None if report.seconds_left is None else round(report.seconds_left),
        }
        Upload.objects.filter(pk=self._upload.pk).update(progress=progress)


def _end(upload: Upload, *, state: Upload.State, sentence: str = "", batch: str = "") -> None:
    Upload.objects.filter(pk=upload.pk).update(state=state, sentence=sentence[:1000], batch=batch)
