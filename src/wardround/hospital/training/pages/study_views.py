"""The pages of studies and of one study. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.records.access import require
from wardround.hospital.training import actions, queries
from wardround.hospital.training.dry_run import ask_dry_run
from wardround.hospital.training.pages.refusing import letter_of, says_why_not
from wardround.hospital.training.queries import NotKnownError
from wardround.hospital.training.study_page import study_page, study_with_hash


@require_safe
@through_the_door()
def studies(request: HttpRequest) -> HttpResponse:
    """Every study that was published to this hospital, with its standing."""
    require(request.user, "training")
    return render(request, "training/studies.html", {"studies": queries.studies(), "federation": queries.federation()})


@require_POST
@through_the_door()
@says_why_not("studies")
def fetch(request: HttpRequest) -> HttpResponse:
    """Ask the coordinator for new studies."""
    new = actions.receive_published(by=request.user)
    said = ngettext("%(many)d new study came.", "%(many)d new studies came.", new)
    messages.success(request, said % {"many": new} if new else gettext("The coordinator has no new study."))
    return redirect("studies")


@require_POST
@through_the_door()
@says_why_not("studies")
def upload(request: HttpRequest) -> HttpResponse:
    """A publication that came as a file."""
    found = actions.receive_publication(letter_of(request), by=request.user)
    return redirect("study", found.hash)


@require_safe
@through_the_door(NotKnownError)
def study(request: HttpRequest, study_hash: str) -> HttpResponse:
    """One study as it would run here, and what was decided about it."""
    return render(request, "training/study.html", {"page": study_page(study_hash, by=request.user)})


@require_safe
@through_the_door(NotKnownError)
def dry_run_state(request: HttpRequest, study_hash: str) -> HttpResponse:
    """How far the dry run is, for a page that looks again."""
    return render(request, "training/dry_run.html", {"page": study_page(study_hash, by=request.user)})


@require_POST
@through_the_door(NotKnownError)
@says_why_not("study", with_study=True)
def dry_run(request: HttpRequest, study_hash: str) -> HttpResponse:
    """Ask the worker for a dry run."""
    ask_dry_run(study_with_hash(study_hash, by=request.user, to="approve"), by=request.user)
    return redirect("study", study_hash)


@require_POST
@through_the_door(NotKnownError)
@says_why_not("study", with_study=True)
def confirm(request: HttpRequest, study_hash: str) -> HttpResponse:
    """A hospital's fingerprint, typed as its people told it."""
    found = study_with_hash(study_hash, by=request.user, to="approve")
    told = request.POST.get("fingerprint", "")
    member = actions.confirm_peer(found, name=request.POST.get("name", ""), fingerprint=told, by=request.user)
    messages.success(request, gettext("The key of %(name)s is confirmed.") % {"name": member.name})
    return redirect("study", study_hash)


@require_POST
@through_the_door(NotKnownError)
@says_why_not("study", with_study=True)
def approve(request: HttpRequest, study_hash: str) -> HttpResponse:
    """Approve exactly this document."""
    found = study_with_hash(study_hash, by=request.user, to="approve")
    asked = request.POST
    done = actions.approve_as_shown(
        found,
        last_characters=asked.get("characters", ""),
        dry_run=asked.get("dry_run", ""),
        decision=asked.get("decision", ""),
        by=request.user,
    )
    said = gettext("Approved. The cohort is frozen with %(patients)d patients; the engine may start this study.")
    messages.success(request, said % {"patients": done.patients or 0})
    return redirect("study", study_hash)


@require_POST
@through_the_door(NotKnownError)
@says_why_not("study", with_study=True)
def refuse(request: HttpRequest, study_hash: str) -> HttpResponse:
    """Take no part in the study."""
    actions.refuse(
        study_with_hash(study_hash, by=request.user, to="approve"),
        reason=request.POST.get("reason", ""),
        by=request.user,
    )
    messages.success(request, gettext("Refused. Nothing of this study runs here."))
    return redirect("study", study_hash)


@require_POST
@through_the_door(NotKnownError)
@says_why_not("study", with_study=True)
def withdraw(request: HttpRequest, study_hash: str) -> HttpResponse:
    """Take the approval back."""
    found = study_with_hash(study_hash, by=request.user, to="approve")
    actions.withdraw(found, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, gettext("The approval is withdrawn. The engine refuses this study here from now on."))
    return redirect("study", study_hash)
