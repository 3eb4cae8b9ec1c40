"""ViewDefinition/$run (SQL on FHIR v2): a view over the records here, or over the resources that come with it."""

from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError, TooLarge
from wardround.hospital.fhir.operations.arguments import Arguments, arguments_of
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.records.access import require
from wardround.hospital.records.errors import Refused
from wardround.hospital.records.viewing import rows_for
from wardround.interchange.errors import FHIRPathError
from wardround.interchange.sql_on_fhir.errors import ViewFailed, ViewRefused
from wardround.interchange.sql_on_fhir.reading import read_view
from wardround.interchange.sql_on_fhir.running import Row, rows_of
from wardround.interchange.sql_on_fhir.view import View
from wardround.interchange.sql_on_fhir.writing import MEDIA_TYPES, Format, written
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"viewResource", "resource", "patient", "_since", "_limit"})
MOST_ROWS = 100_000
_FORMATS: dict[str, Format] = {
    **{form: form for form in MEDIA_TYPES},
    **{media_type: form for form, media_type in MEDIA_TYPES.items()},
    "application/fhir+json": "json",
    "": "ndjson",
    "*/*": "ndjson",
}


def run_view(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The rows as NDJSON, or as `_format` or Accept say. One audit event says which view read how many resources."""
    require(actor, "charts")
    asked = arguments_of(request, known=_KNOWN)
    form = _form(request, asked)
    view = _view(asked)
    for letter in "rs":
        require_scope(actor, type_name=view.resource_type, letter=letter)
    limit = asked.number("_limit", default=MOST_ROWS, most=MOST_ROWS)
    given = asked.resources("resource")
    with closing(_given(view, given) if given else _stored(actor, view, asked)) as rows:
        try:
            shown = list(islice(rows, limit))
            is_more = next(rows, None) is not None
        except (ViewFailed, FHIRPathError) as error:
            raise FhirError(str(error), path="viewResource") from None
    if is_more and not asked.text("_limit"):
        raise TooLarge(
            f"The view has more than {MOST_ROWS} rows. Narrow it by patient, _since or where, take the first with "
            "_limit, or run it with the command `wardround hospital view`."
        )
    body = b"".join(written(view, shown, form=form))
    response = HttpResponse(body, content_type=f"{MEDIA_TYPES[form]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _view(asked: Arguments) -> View:
    definitions = asked.resources("viewResource")
    if len(definitions) != 1:
        raise FhirError("Send one ViewDefinition as the parameter `viewResource`.", path="viewResource")
    try:
        return read_view(definitions[0])
    except ViewRefused as error:
        raise Refused(error.problems) from None


def _form(request: HttpRequest, asked: Arguments) -> Format:
    wanted = asked.text("_format") or request.headers.get("Accept", "")
    # A plus sign in an address arrives as a blank.
    media_type = wanted.partition(";")[0].strip().replace(" ", "+").lower()
    if media_type not in _FORMATS:
        raise FhirError("_format is ndjson, json or csv.", path="_format")
    return _FORMATS[media_type]


def _stored(actor: Actor, view: View, asked: Arguments) -> Generator[Row]:
    patient = asked.text("patient").removeprefix("Patient/")
    return rows_for(actor, view, patient_id=patient, since=asked.since())


def _given(view: View, resources: Iterable[dict[str, Any]]) -> Generator[Row]:
    for resource in resources:
        yield from rows_of(view, resource)


RUN_VIEW = Operation(
    name="run",
    definition="http://sql-on-fhir.org/OperationDefinition/$run",
    type_name="",
    address=r"^ViewDefinition/\$run$",
    handlers={"POST": run_view},
    media_types=frozenset(MEDIA_TYPES) | frozenset(MEDIA_TYPES.values()),
)
