"""The page that corrects one record, or marks it entered-in-error."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wardround.hospital.doors import through_the_door
from wardround.hospital.entry import correcting, drafts
from wardround.hospital.entry.correcting import as_correction, correction_form, how_sure, judged_correction
from wardround.hospital.entry.draft_views import keep_refused
from wardround.hospital.entry.drafts import RestoredDraft
from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.statement_form import Context, JudgedStatement, StatementForm, blank, searching
from wardround.hospital.entry.statement_saving import save_statement
from wardround.hospital.entry.statement_views import back_to, shown, typed_in, with_problem
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.errors import NotDecidable, NotHere, RecordError, VersionConflict
from wardround.web.layout.said import said

_NOTHING = StatementForm(
    name="correct", type="", title="", save_title="", boxes=lambda _c: (), written=lambda _r, _c: [], places={}
)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NotHere)
def correct(request: HttpRequest, patient_id: str, type_name: str, rid: str) -> HttpResponse:
    """What stands, the boxes for what is right, and the reason; below it, "Entered in error"."""
    patient = patient_for(request.user, patient_id, to="write")
    if patient.id != patient_id and request.method != "POST":
        return redirect("correct", patient.id, type_name, rid)
    record = correcting.record_of_chart(patient, type_name=type_name, logical_id=rid)
    context = Context(patient, request.user, without=rid)  # type: ignore[arg-type]
    form = correction_form(record, context)
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdrawn(request, record, form=form, context=context)
    if form is None:
        return _page(request, blank(_NOTHING, context=context), record, form=None, context=context)
    if request.method == "POST":
        return _corrected(request, record, form=form, context=context)
    return _opened(request, record, form=form, context=context)


def _opened(request: HttpRequest, record: PresentRecord, *, form: StatementForm, context: Context) -> HttpResponse:
    """With what stands, or with what was typed before; that may have been about a version that stands no more."""
    draft = drafts.restored(context.by, _draft_key(record, context=context))
    if draft is None:
        stands = form.typed_of(record.body) if form.typed_of is not None else {}
        return _page(request, blank(form, context=context, typed=stands), record, form=form, context=context)
    typed = {name: values[-1] for name, values in draft.typed.items()}
    page = replace(blank(form, context=context, typed=typed), reason=typed.get("why", ""))
    if typed.get("version", "") != str(record.version):
        page = with_problem(page, _changed_meanwhile())
    return _page(request, page, record, form=form, context=context, draft=draft)


def _corrected(request: HttpRequest, record: PresentRecord, *, form: StatementForm, context: Context) -> HttpResponse:
    typed, key = typed_in(request), _draft_key(record, context=context)
    if "find" in request.POST:
        keep_refused(request, key)
        return _page(request, searching(form, context=context, typed=typed), record, form=form, context=context)
    entered = judged_correction(form, record, typed=typed, context=context)
    if not _is_of(request, record):
        entered = with_problem(entered, _changed_meanwhile())
    if not entered.may_be_saved:
        keep_refused(request, key)
        return _page(request, entered, record, form=form, context=context)
    token = request.POST.get("form_token", "")
    try:
        save_statement(
            as_correction(entered, record, context=context),
            context=context, draft_key=key, token=token, is_meant=True,
            said_before=how_sure(record.body),
        )  # fmt: skip
    except AlreadySaved as error:
        messages.info(request, said(error))
    except (SavedBefore, VersionConflict):
        keep_refused(request, key)
        return _page(request, with_problem(entered, _changed_meanwhile()), record, form=form, context=context)
    except RecordError as error:
        keep_refused(request, key)
        why = gettext("This could not be stored: %(why)s") % {"why": said(error)}
        return _page(request, with_problem(entered, why), record, form=form, context=context)
    else:
        messages.success(request, gettext("Corrected. What stood before is kept in the change history."))
    return redirect(back_to(request, context.patient, route=form.list_route))


def _withdrawn(
    request: HttpRequest, record: PresentRecord, *, form: StatementForm | None, context: Context
) -> HttpResponse:
    shown_form = form or _NOTHING
    stands = form.typed_of(record.body) if form is not None and form.typed_of is not None else {}
    page = blank(shown_form, context=context, typed=stands)
    reason = request.POST.get("why_error", "").strip()
    if not _is_of(request, record):
        return _page(request, with_problem(page, _changed_meanwhile()), record, form=form, context=context)
    try:
        correcting.withdraw(record, version=record.version, reason=reason, context=context)
    except NotDecidable as error:
        page = replace(page, problems={"": said(error)})
        return _page(request, page, record, form=form, context=context, error_problem=said(error))
    except RecordError as error:
        why = gettext("This could not be stored: %(why)s") % {"why": said(error)}
        return _page(request, with_problem(page, why), record, form=form, context=context)
    drafts.forget(context.by, _draft_key(record, context=context), is_saved=True)
    messages.success(request, gettext("Marked as entered in error. It stays in the change history."))
    return redirect(back_to(request, context.patient, route=shown_form.list_route))


def _page(
    request: HttpRequest,
    page: JudgedStatement,
    record: PresentRecord,
    *,
    form: StatementForm | None,
    context: Context,
    error_problem: str = "",
    draft: RestoredDraft | None = None,
) -> HttpResponse:
    return shown(
        request,
        page,
        context=context,
        draft=draft,
        template="entry/correct.html",
        draft_key=_draft_key(record, context=context),
        record=record,
        record_title=correcting.title_of(record),
        versions=correcting.versions_of(record, form=form),
        is_error=correcting.is_error(record.body),
        can_be_corrected=form is not None,
        can_be_withdrawn=correcting.can_be_withdrawn(record),
        why_problem=page.problems.get("why", ""),
        error_problem=error_problem,
        why_error=request.POST.get("why_error", ""),
    )


def _draft_key(record: PresentRecord, *, context: Context) -> str:
    return drafts.key_of_correction(record.type, record.id, patient_id=context.patient.id)


def _is_of(request: HttpRequest, record: PresentRecord) -> bool:
    """Was the form made of the version that stands?"""
    return request.POST.get("version", "") == str(record.version)


def _changed_meanwhile() -> str:
    return gettext("Somebody changed this meanwhile. Look at what stands now; what you typed is still here.")
