"""Reading exports: a client's own jobs, their files, and what there is to export."""

from wardround.hospital.exports import files
from wardround.hospital.exports.errors import NoSuchExport
from wardround.hospital.exports.models import ExportFile, ExportJob
from wardround.hospital.records.access import require
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_GONE = (ExportJob.State.CANCELLED, ExportJob.State.EXPIRED)


def export_of(actor: Actor, job_id: str) -> ExportJob:
    """The client's own job. Raises `NoSuchExport`, also for a job that was cancelled or has expired."""
    require(actor, "export")
    own = ExportJob.objects.filter(pk=job_id, client_kind=actor.kind, client_name=actor.name)
    job = own.exclude(state__in=_GONE).first()
    if job is None:
        raise NoSuchExport("There is no such export here. It may have been cancelled, or its day is over.")
    return job


def file_of(actor: Actor, job_id: str, *, number: int) -> ExportFile:
    """One file of a finished export. Raises `NoSuchExport`."""
    job = export_of(actor, job_id)
    found = job.files.filter(number=number).first() if job.state == ExportJob.State.DONE else None
    if found is None:
        raise NoSuchExport("This export has no such file.")
    return found


def content_of(actor: Actor, file: ExportFile) -> bytes:
    """The NDJSON of a file; that it was fetched is in the audit trail. Raises `SealedFileError`."""
    content = files.fetch(file.job_id, file.number)
    detail = {"type": file.type, "resources": file.count}
    record_one(actor, "export.fetch", what=f"{file.job}/{file.number}", detail=detail)
    return content


def types_here() -> tuple[str, ...]:
    """The types of which something is, or was, stored."""
    return tuple(Resource.objects.order_by("type").values_list("type", flat=True).distinct())
