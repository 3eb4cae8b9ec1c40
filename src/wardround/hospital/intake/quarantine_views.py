"""The pages of the quarantine. Views translate HTTP and nothing else."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from wardround.clinical.errors import ClinicalError
from wardround.hospital.doors import through_the_door
from wardround.hospital.intake.errors import IntakeError, NoSuchBatch, NotInQuarantine
from wardround.hospital.intake.quarantine import Reason, content_of, quarantined, reasons
from wardround.hospital.intake.raw_text import bytes_of, text_of
from wardround.hospital.intake.replaying import replay, replay_all
from wardround.hospital.records.errors import RecordError
from wardround.interchange.errors import InterchangeError
from wardround.web.layout.said import said
from wardround.web.paging import number_in, paged

_AT_ONCE = 200  # messages that one request reads again
_REFUSALS = (ClinicalError, IntakeError, InterchangeError, RecordError)


@require_safe
@through_the_door(NoSuchBatch, NotInQuarantine)
def waiting(request: HttpRequest) -> HttpResponse:
    """Why messages wait, and the messages of one reason or of all."""
    batch, key = request.GET.get("batch", "")[:32], request.GET.get("reason", "")[:16]
    found = reasons(request.user, batch=batch)
    chosen = _chosen(found, key)
    items = quarantined(request.user, batch=batch)
    context: dict[str, Any] = {
        "reasons": found,
        "chosen": chosen,
        "batch": batch,
        "after": request.GET.get("after", "0"),
        "narrowed": urlencode({"batch": batch, "reason": key}),
        "page": paged([item for item in items if not chosen or item.reason == chosen.sentence], asked=request.GET),
    }
    return render(request, "intake/quarantine.html", context)


@require_safe
@through_the_door(NoSuchBatch, NotInQuarantine)
def message(request: HttpRequest, number: int) -> HttpResponse:
    """One message as it was read, to be corrected. That somebody looked is in the audit trail."""
    item, source = content_of(number, by=request.user)
    context = {"item": item, "file": source.file, "text": text_of(source.raw), "bytes": len(source.raw)}
    return render(request, "intake/message.html", context)


@require_safe
@through_the_door(NoSuchBatch, NotInQuarantine)
def raw(request: HttpRequest, number: int) -> HttpResponse:
    """The bytes of one message as a file. That somebody took them is in the audit trail."""
    item, source = content_of(number, by=request.user)
    answer = HttpResponse(source.raw, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="quarantine-{item.id}.bin"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@through_the_door(NoSuchBatch, NotInQuarantine)
def replay_one(request: HttpRequest, number: int) -> HttpResponse:
    """Read one message again, as it was typed."""
    typed = request.POST.get("text")
    try:
        corrected = None
        if typed is not None:
            _item, source = content_of(number, by=request.user)
            corrected = bytes_of(typed, like=source.raw)
        report = replay(number, by=request.user, corrected=corrected)
    except NotInQuarantine as error:
        messages.error(request, said(error))
        return redirect("quarantine")
    except _REFUSALS as error:
        messages.error(request, gettext("This could not be read again: %(why)s") % {"why": said(error)})
        return redirect("quarantine-message", number)
    if report.quarantined:
        again = gettext("It stays in quarantine: %(why)s") % {"why": " ".join(report.quarantined)}
        messages.error(request, again)
        return redirect("quarantine-message", number)
    messages.success(request, gettext("The message is stored and has left the quarantine."))
    return redirect("import", report.batch)


@require_POST
@through_the_door(NoSuchBatch, NotInQuarantine)
def replay_many(request: HttpRequest) -> HttpResponse:
    """Read again all messages of a reason or a batch, also under a mended mapping; two hundred at a time."""
    batch, key = request.POST.get("batch", "")[:32], request.POST.get("reason", "")[:16]
    chosen = _chosen(reasons(request.user, batch=batch), key)
    address = f"{reverse('quarantine')}?{urlencode({'batch': batch})}"
    if not batch and chosen is None:
        messages.error(request, gettext("Choose an import or a reason first."))
        return redirect(address)
    try:
        done = replay_all(
            by=request.user,
            batch=batch,
            reason=chosen.sentence if chosen else "",
            mapping_text=request.POST.get("mapping", "").strip() or None,
            after=number_in(request.POST, "after"),
            most=_AT_ONCE,
        )
    except _REFUSALS as error:
        messages.error(request, gettext("They could not be read again: %(why)s") % {"why": said(error)})
        return redirect(address)
    if done.stored:
        told = ngettext("%(many)d message is stored.", "%(many)d messages are stored.", done.stored)
        messages.success(request, told % {"many": done.stored})
    for why, many in done.reasons.items():
        messages.error(request, gettext("Stays in quarantine: %(many)d. %(why)s") % {"many": many, "why": why})
    if done.left:
        told = gettext("%(many)d more were not read yet. Replay again to go on with them.") % {"many": done.left}
        messages.warning(request, told)
        return redirect(f"{reverse('quarantine')}?{urlencode({'batch': batch, 'reason': key, 'after': done.last})}")
    return redirect(address)


def _chosen(found: list[Reason], key: str) -> Reason | None:
    return next((reason for reason in found if reason.key == key), None)
