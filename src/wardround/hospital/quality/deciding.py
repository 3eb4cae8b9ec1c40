"""What a person may decide about something that is held, the same on every page: the deed, and what is said of it."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.quality.actions import correct_as_typed, correct_record_as_typed
from wardround.hospital.records.actions.decisions import accept_suggestion, confirm_value, withdraw_value
from wardround.hospital.records.actions.record_decisions import (
    accept_record,
    confirm_record,
    withdraw_record,
)
from wardround.hospital.records.errors import NotDecidable, NotHere, RecordError
from wardround.web.layout.said import said

Deeds = Mapping[str, Callable[[], object]]
_SAID = {
    "accept": gettext_lazy("The suggestion is accepted. What stood there before stays in the change history."),
    "confirm": gettext_lazy("It is confirmed as it stands and may be used."),
    "correct": gettext_lazy("It is corrected. What stood there before stays in the change history."),
    "withdraw": gettext_lazy("The record is marked as entered in error. It stays in the change history."),
}


def decide_on_value(request: HttpRequest, value_id: int) -> HttpResponse | None:
    """A held value: take the suggestion, confirm it, correct it, or mark its record entered in error.

    None when it was decided or the person was told why not; else the answer to a request that names no decision.
    Raises `NotHere`.
    """
    asked, by = request.POST, request.user
    reason = asked.get("reason", "").strip()
    typed, unit = asked.get("value", ""), asked.get("unit", "")
    deeds: Deeds = {
        "accept": lambda: accept_suggestion(value_id, by=by, reason=reason),
        "confirm": lambda: confirm_value(value_id, by=by, reason=reason),
        "correct": lambda: correct_as_typed(value_id, by=by, typed=typed, unit=unit, reason=reason),
        "withdraw": lambda: withdraw_value(value_id, by=by, reason=reason),
    }
    return _decide(request, deeds)


def decide_on_record(request: HttpRequest, finding_id: int) -> HttpResponse | None:
    """A held record: take the suggestion, confirm it, correct its date or code, or mark it entered in error; as above."""
    asked, by = request.POST, request.user
    reason = asked.get("reason", "").strip()
    path, typed = asked.get("path", ""), asked.get("text", "")
    deeds: Deeds = {
        "accept": lambda: accept_record(finding_id, by=by, reason=reason),
        "confirm": lambda: confirm_record(finding_id, by=by, reason=reason),
        "correct": lambda: correct_record_as_typed(finding_id, by=by, path=path, typed=typed, reason=reason),
        "withdraw": lambda: withdraw_record(finding_id, by=by, reason=reason),
    }
    return _decide(request, deeds)


def _decide(request: HttpRequest, deeds: Deeds) -> HttpResponse | None:
    decision = request.POST.get("decision", "")
    if decision not in deeds:
        wrong = gettext("A decision is accept, confirm, correct or withdraw.")
        return HttpResponseBadRequest(wrong, content_type="text/plain")
    try:
        deeds[decision]()
    except NotHere:
        raise
    except NotDecidable as error:
        messages.error(request, said(error))
    except RecordError as error:
        messages.error(request, gettext("This could not be stored: %(why)s") % {"why": said(error)})
    else:
        messages.success(request, str(_SAID[decision]))
    return None
