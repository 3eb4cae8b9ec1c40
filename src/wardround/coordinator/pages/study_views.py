"""The studies' pages: what is published, one study in plain words, publish one, start a run of one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wardround.coordinator.members.queries import roster
from wardround.coordinator.pages.access import actor, for_those_who, require
from wardround.coordinator.pages.queries import page_of_study, study_lines
from wardround.coordinator.pages.study_text import Problem, problems
from wardround.coordinator.runs.actions import RunRefusedError, request_run
from wardround.coordinator.studies.actions import PublishRefusedError, publish_study
from wardround.coordinator.studies.queries import NoSuchStudyError, document_of, study_with_hash
from wardround.federation.errors import StudyError
from wardround.federation.study import Study
from wardround.federation.study_yaml import LARGEST, read_yaml
from wardround.web.audit.trail import record_one
from wardround.web.layout.said import said


@require_safe
@for_those_who("watch")
def study_list(request: HttpRequest) -> HttpResponse:
    """All published studies."""
    return render(request, "coordinator/studies.html", {"studies": study_lines()})


@require_safe
@for_those_who("watch")
def study(request: HttpRequest, hash_: str) -> HttpResponse:
    """One study: its document in plain words, its hospitals, its runs, and what changed since the version before."""
    try:
        page = page_of_study(hash_)
    except NoSuchStudyError as error:
        raise Http404 from error
    return render(request, "coordinator/study.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who("watch")
def publish(request: HttpRequest) -> HttpResponse:
    """Check a document by the rules of `wardround study check`, and publish one that has no problem."""
    by = require(request.user, "operate")
    chosen = request.POST.getlist("hospital")
    found: Study | None = None
    wrong: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            found = Study.from_document(read_yaml(_document(request)))
            if "publish" in request.POST:
                published = publish_study(found, hospitals=_chosen(request), by=by)
                messages.success(request, _("The study is signed and published. Its hospitals now decide on it."))
                return redirect("study", published.hash)
        except StudyError as error:
            wrong = problems(str(error))
        except PublishRefusedError as error:
            wrong = (Problem(place="", sentence=str(error)),)
    context = {
        "members": roster(),
        "chosen": chosen if request.method == "POST" else [peer.name for peer in roster()],
        "found": found if not wrong else None,
        "problems": wrong,
        "text": _text(request),
    }
    return render(request, "coordinator/publish.html", context, status=422 if wrong else 200)


@require_POST
@for_those_who("operate")
def start(request: HttpRequest, hash_: str) -> HttpResponse:
    """Ask for a run; refused for the same reasons as by the command."""
    try:
        run = request_run(study_with_hash(hash_), may_shrink="may_shrink" in request.POST, by=actor(request))
    except NoSuchStudyError as error:
        raise Http404 from error
    except RunRefusedError as refusal:
        messages.error(request, said(refusal))
        return redirect("study", hash_)
    return redirect("run", run.run_id)


@require_safe
@for_those_who("watch")
def document(request: HttpRequest, hash_: str) -> HttpResponse:
    """The study's canonical JSON: the SHA-256 of exactly these bytes is its hash."""
    try:
        found = document_of(study_with_hash(hash_))
    except NoSuchStudyError as error:
        raise Http404 from error
    record_one(actor(request), "study.download", what=f"Study/{hash_[:16]}")
    headers = {"Content-Disposition": f'attachment; filename="{found.name}-{found.version}.study.json"'}
    return HttpResponse(found.canonical(), content_type="application/json", headers=headers)


def _chosen(request: HttpRequest) -> tuple[str, ...]:
    chosen = tuple(request.POST.getlist("hospital"))
    if not chosen:
        raise PublishRefusedError(_("Choose the hospitals that are to take part."))
    return chosen


def _document(request: HttpRequest) -> bytes:
    file = request.FILES.get("document")
    if file is None:
        text = _text(request).encode()
        if not text.strip():
            raise StudyError(_("Choose a study document, a YAML file."))
        return text
    return bytes(file.read(LARGEST + 1))


def _text(request: HttpRequest) -> str:
    """The document as it was typed or uploaded, so that a second try need not choose the file again."""
    file = request.FILES.get("document")
    if file is None:
        return str(request.POST.get("text", ""))
    file.seek(0)
    return bytes(file.read(LARGEST + 1)).decode("utf-8", errors="replace")
