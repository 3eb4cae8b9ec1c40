"""The pages that take files in: upload, map, try, import. Views translate HTTP and nothing else."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from wardround.clinical.errors import ClinicalError
from wardround.hospital.doors import through_the_door
from wardround.hospital.intake import uploads
from wardround.hospital.intake.column_form import ColumnLine, column_lines, meanings, with_columns
from wardround.hospital.intake.errors import IntakeError, NoSuchUpload
from wardround.hospital.intake.formats import FORMATS
from wardround.hospital.intake.models import Upload
from wardround.hospital.intake.previewing import MOST, try_upload
from wardround.hospital.intake.upload_files import KeptFile, SealingHandler, forget
from wardround.hospital.records.access import require
from wardround.hospital.records.errors import RecordError
from wardround.interchange.errors import InterchangeError
from wardround.web.layout.said import said

_REFUSALS = (ClinicalError, IntakeError, InterchangeError, RecordError)
_UNDER_WAY = (Upload.State.WAITING, Upload.State.RUNNING)


@csrf_exempt  # the handlers must be chosen before the body is read; the check follows in `_new`
@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def new_import(request: HttpRequest) -> HttpResponse:
    """Choose files. They are sealed while they arrive."""
    require(request.user, "imports")
    upload_id = uploads.new_id()
    handler = SealingHandler(upload_id, most=settings.UPLOAD_MOST_BYTES)
    if request.method == "POST":
        request.upload_handlers = [handler]
    return _new(request, upload_id=upload_id, handler=handler)


@csrf_protect
def _new(request: HttpRequest, *, upload_id: str, handler: SealingHandler) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        kept = [file.kept for file in request.FILES.getlist("files") if isinstance(file, KeptFile)]
        if handler.is_too_large:
            refused = gettext(
                "These files are larger than %(most)s MiB together. Import them with: wardround hospital import"
            ) % {"most": settings.UPLOAD_MOST_BYTES // (1024 * 1024)}
        elif not kept:
            refused = gettext("Choose at least one file.")
        else:
            return redirect("upload", uploads.take_upload(upload_id, kept, by=request.user).pk)
        forget(upload_id)
    context = {"refused": refused, "waiting": uploads.uploads(request.user)}
    return render(request, "intake/new.html", context, status=400 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NoSuchUpload)
def upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """One upload on its way: what it is, what its columns mean, what a trial finds, and the import."""
    found = uploads.upload_named(upload_id, by=request.user)
    if found.state == Upload.State.DONE:
        done = reverse("import", args=[found.batch])
        return HttpResponseClientRedirect(done) if request.htmx else redirect(done)  # type: ignore[attr-defined]
    refused = ""
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("do", ""))
        try:
            answer = deed(request, found) if deed else None
        except _REFUSALS as error:
            refused = said(error)
        else:
            return answer or redirect("upload", upload_id)
    status = 409 if refused else 200
    if request.htmx and found.state in _UNDER_WAY:  # type: ignore[attr-defined]
        return render(request, "intake/upload_progress.html", {"upload": found})
    return render(request, "intake/upload.html", _context(request, found, refused=refused), status=status)


def _context(request: HttpRequest, found: Upload, *, refused: str) -> dict[str, object]:
    return {
        "upload": found,
        "files": uploads.files_of(found),
        "formats": FORMATS,
        "lines": _lines(found),
        "meanings": meanings() if found.columns else [],
        "earlier": uploads.earlier_mappings(request.user) if found.format == "csv" else [],
        "preview": uploads.preview_of(found),
        "most": MOST,
        "refused": refused,
        "is_under_way": found.state in _UNDER_WAY,
    }


def _lines(found: Upload) -> list[ColumnLine]:
    return column_lines(uploads.columns_of(found), text=found.mapping)


def _set_format(request: HttpRequest, found: Upload) -> None:
    uploads.set_format(found, request.POST.get("format", ""), by=request.user)


def _set_columns(request: HttpRequest, found: Upload) -> None:
    text = with_columns(found.mapping, lines=_lines(found), sent=request.POST.dict())
    uploads.set_mapping(found, text, by=request.user)
    _try(request, found)


def _set_text(request: HttpRequest, found: Upload) -> None:
    uploads.set_mapping(found, request.POST.get("mapping", ""), by=request.user)
    _try(request, found)


def _take_earlier(request: HttpRequest, found: Upload) -> None:
    text = uploads.mapping_text(request.POST.get("earlier", ""), by=request.user)
    uploads.set_mapping(found, text, by=request.user)


def _try(request: HttpRequest, found: Upload) -> None:
    try_upload(found, by=request.user)


def _import(request: HttpRequest, found: Upload) -> None:
    uploads.ask_for_import(found, by=request.user)


def _discard(request: HttpRequest, found: Upload) -> HttpResponse:
    uploads.discard(found, by=request.user)
    messages.success(request, gettext("The files are thrown away; nothing of them was stored."))
    return redirect("imports")


_DEEDS: dict[str, Callable[[HttpRequest, Upload], HttpResponse | None]] = {
    "format": _set_format,
    "columns": _set_columns,
    "text": _set_text,
    "earlier": _take_earlier,
    "try": _try,
    "import": _import,
    "discard": _discard,
}
