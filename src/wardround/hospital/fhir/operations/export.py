"""$export (Bulk Data Access 2.0): everything, all patients' charts, or a group's, written by the worker as NDJSON."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date

from wardround.hospital.exports.actions import Wish, ask_for_export, cancel_export
from wardround.hospital.exports.errors import NoSuchExport, TooManyExports
from wardround.hospital.exports.models import ExportJob
from wardround.hospital.exports.queries import content_of, export_of, file_of, types_here
from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.endpoint import Handler
from wardround.hospital.fhir.errors import FhirError, TooManyRequests, UnknownAddress
from wardround.hospital.fhir.operations.arguments import Arguments, arguments_of, readable_types
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.fhir.responses import base_of, fhir_response, outcome_response
from wardround.hospital.records.access import require
from wardround.hospital.records.addressed import present
from wardround.hospital.records.bodies import instant
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.search_parameters import compartment_parameters
from wardround.interchange.fhir.structure import Problem
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"_type", "_since", "_outputFormat"})
_OF_PATIENTS = _KNOWN | {"patient"}
_NDJSON = "application/fhir+ndjson"
_FORMATS = frozenset({"", _NDJSON, "application/ndjson", "ndjson"})
_MOST_PATIENTS = 10_000
_RETRY_SECONDS = "2"
_JOB = r"(?P<job_id>[0-9a-f]{32})"
_DEFINITION = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_Level = ExportJob.Level


def export_system(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every resource of the types that the caller may read."""
    return _asked(request, actor, level=_Level.SYSTEM, known=_KNOWN)


def export_patients(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What lies in patients' charts: all of them, or those that a POST names."""
    return _asked(request, actor, level=_Level.PATIENT, known=_OF_PATIENTS)


def export_group(request: HttpRequest, actor: Actor, logical_id: str) -> HttpResponse:
    """What lies in the charts of a group's members."""
    require(actor, "export")
    require_scope(actor, type_name="Group", letter="r")
    group = loads(present(actor, "Group", logical_id).text or b"{}")
    return _asked(request, actor, level=_Level.PATIENT, known=_OF_PATIENTS, members=_members(group))


def status(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    """202 while it is written, then the manifest."""
    job = _own(actor, job_id)
    if job.state == ExportJob.State.FAILED:
        return outcome_response([Problem("", job.sentence)], status=500, code="exception")
    if job.state != ExportJob.State.DONE:
        response = HttpResponse(status=202)
        response.headers["X-Progress"] = job.progress or "waiting"
        response.headers["Retry-After"] = _RETRY_SECONDS
        response.headers["Cache-Control"] = "no-store"
        return response
    response = fhir_response(orjson.dumps(_manifest(job, base=base_of(request))))
    response.headers["Content-Type"] = "application/json"
    if job.expires is not None:
        response.headers["Expires"] = http_date(job.expires.timestamp())
    return response


def cancel(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:  # noqa: ARG001 - every handler is called alike
    """Ends the export, or throws its files away."""
    cancel_export(actor, _own(actor, job_id))
    return _said("The export is ended; its files are gone.")


def file(request: HttpRequest, actor: Actor, job_id: str, number: str) -> HttpResponse:  # noqa: ARG001 - as above
    """One file, to the client whose export it is and who may still read its type."""
    try:
        found = file_of(actor, job_id, number=int(number))
    except NoSuchExport as error:
        raise UnknownAddress(str(error)) from None
    require_scope(actor, type_name=found.type, letter="r")
    content = content_of(actor, found)
    response = HttpResponse(content, content_type=_NDJSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.type}-{found.number}.ndjson"'
    return response


def _asked(
    request: HttpRequest,
    actor: Actor,
    *,
    level: ExportJob.Level,
    known: frozenset[str],
    members: frozenset[str] | None = None,
) -> HttpResponse:
    require(actor, "export")
    _check_prefer(request)
    asked = arguments_of(request, known=known)
    if asked.text("_outputFormat").replace(" ", "+") not in _FORMATS:
        raise FhirError(f"Exports are NDJSON: _outputFormat={_NDJSON}.", path="_outputFormat")
    wish = Wish(
        level=level,
        asked=request.build_absolute_uri(),
        types=_types(actor, asked, level=level),
        patients=_patients(asked, members=members),
        since=asked.since(),
    )
    try:
        job = ask_for_export(actor, wish)
    except TooManyExports as error:
        raise TooManyRequests(str(error), headers={"Retry-After": "60"}) from None
    response = _said("The export is being written. Ask at Content-Location how far it is.")
    response.headers["Content-Location"] = f"{base_of(request)}/$export-status/{job.pk}"
    return response


def _said(sentence: str) -> HttpResponse:
    problem = Problem("", sentence, severity="information", code="informational")
    return outcome_response([problem], status=202, code="informational")


def _check_prefer(request: HttpRequest) -> None:
    preferred = request.headers.get("Prefer", "").replace(";", ",").lower().split(",")
    if "respond-async" not in {part.strip() for part in preferred}:
        raise FhirError("An export takes time: send Prefer: respond-async.", path="Prefer")


def _types(actor: Actor, asked: Arguments, *, level: ExportJob.Level) -> tuple[str, ...]:
    """Those asked for, each by scope; else all that are here and that the scopes open."""
    wanted = asked.listed("_type")
    allowed = readable_types(actor, asked=wanted)
    if not wanted:
        allowed &= frozenset(types_here())
    if level == _Level.PATIENT:
        allowed = frozenset(name for name in allowed if name == "Patient" or compartment_parameters(name))
    return tuple(sorted(allowed))


def _patients(asked: Arguments, *, members: frozenset[str] | None) -> tuple[str, ...] | None:
    named = frozenset(text.removeprefix("Patient/") for text in asked.listed("patient"))
    if named and members is not None and not named <= members:
        raise FhirError("A patient that is named is no member of the group.", path="patient")
    wanted = named or members
    if wanted is not None and len(wanted) > _MOST_PATIENTS:
        raise FhirError(f"At most {_MOST_PATIENTS} patients are exported by name. Export in parts.", path="patient")
    return None if wanted is None else tuple(sorted(wanted))


def _members(group: dict[str, object]) -> frozenset[str]:
    """The patients who are in the group now: not inactive, and within the period of their membership."""
    given = group.get("member", [])
    found = set()
    for member in given if isinstance(given, list) else []:
        reference = str(member.get("entity", {}).get("reference", "")).split("/_history/")[0]
        type_name, _slash, logical_id = reference.rpartition("/")
        if member.get("inactive") is True or not _is_now(member.get("period", {})):
            continue
        if type_name == "Group":
            raise FhirError("A member of this group is a group itself. Export each group by itself.", path="member")
        if type_name == "Patient":
            found.add(logical_id)
    return frozenset(found)


def _is_now(period: dict[str, str]) -> bool:
    """An end that is not said is still to come; a day counts until it is over."""
    now = timezone.now()
    has_begun = "start" not in period or interval(period["start"]).low <= now
    return has_begun and ("end" not in period or interval(period["end"]).high > now)


def _own(actor: Actor, job_id: str) -> ExportJob:
    try:
        return export_of(actor, job_id)
    except NoSuchExport as error:
        raise UnknownAddress(str(error)) from None


def _manifest(job: ExportJob, *, base: str) -> dict[str, object]:
    manifest: dict[str, object] = {
        "transactionTime": instant(job.until),
        "request": job.asked,
        "requiresAccessToken": True,
        "output": [],
        "error": [],
    }
    output: list[dict[str, object]] = []
    deleted: list[dict[str, object]] = []
    for one in job.files.order_by("number"):
        entry = {"type": one.type, "url": f"{base}/$export-file/{job.pk}/{one.number}", "count": one.count}
        (deleted if one.is_deletions else output).append({**entry, "type": "Bundle"} if one.is_deletions else entry)
    return {**manifest, "output": output, **({"deleted": deleted} if job.since is not None else {})}


def _operation(name: str, *, type_name: str, definition: str, address: str, handler: Handler) -> Operation:
    return Operation(
        name=name,
        definition=f"{_DEFINITION}/{definition}",
        type_name=type_name,
        address=address,
        handlers={"GET": handler, "POST": handler},
        media_types=frozenset({_NDJSON}),
    )


EXPORT = _operation("export", type_name="", definition="export", address=r"^\$export$", handler=export_system)
EXPORT_PATIENTS = _operation(
    "export", type_name="Patient", definition="patient-export", address=r"^Patient/\$export$", handler=export_patients
)
EXPORT_GROUP = _operation(
    "export",
    type_name="Group",
    definition="group-export",
    address=r"^Group/(?P<logical_id>[A-Za-z0-9\-.]{1,64})/\$export$",
    handler=export_group,
)
# Where a client asks how far its export is, and fetches the files: no operations, only addresses.
EXPORT_STATUS_ADDRESS = rf"^\$export-status/{_JOB}$"
EXPORT_FILE_ADDRESS = rf"^\$export-file/{_JOB}/(?P<number>[1-9][0-9]{{0,5}})$"
EXPORT_FILE_TYPES = frozenset({_NDJSON, "application/ndjson"})
