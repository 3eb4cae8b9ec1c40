"""Patient/$everything: all that is kept about one patient, in pages that stay whole while data change."""

from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.operations.arguments import Arguments, arguments_of, readable_types
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.fhir.responses import Link, base_of, bundle, fhir_response, match_entry
from wardround.hospital.records.access import patient_for, require
from wardround.hospital.records.compartment import Cursor, Wanted, compartment_page
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"_since", "_type", "_count", "start", "end", "_page"})
_DEFAULT_COUNT, _MOST = 100, 500
_PAGE = "fhir-everything-page"


def everything(request: HttpRequest, actor: Actor, logical_id: str) -> HttpResponse:
    """One page; `next` leads to the following one. Opening the patient and reading them are audited."""
    require_scope(actor, type_name="Patient", letter="r")
    require(actor, "charts")
    asked = arguments_of(request, known=_KNOWN)
    wanted = _wanted(actor, asked=asked)
    patient = patient_for(actor, logical_id)
    cursor = _cursor(asked.text("_page"), patient_id=patient.id)
    count = asked.number("_count", default=_DEFAULT_COUNT, most=_MOST)
    page = compartment_page(patient, wanted=wanted, count=count, cursor=cursor)
    base = base_of(request)
    links: list[Link] = [("self", _address(base, patient.id, asked=asked, page=asked.text("_page")))]
    if page.following is not None:
        token = signing.dumps([patient.id, page.following.after, page.following.limit], salt=_PAGE)
        links.append(("next", _address(base, patient.id, asked=asked, page=token)))
    entries = [match_entry(base, resource=hit.version.resource, text=hit.text or b"null") for hit in page.hits]
    return fhir_response(bundle("searchset", total=page.total, links=links, entries=entries))


def _wanted(actor: Actor, *, asked: Arguments) -> Wanted:
    start, end = asked.moment("start"), asked.moment("end")
    if start and end and start.low >= end.high:
        raise FhirError("start lies after end; swap them.", path="start")
    return Wanted(
        types=readable_types(actor, asked=asked.listed("_type")),
        since=asked.since(),
        start=start.low if start else None,
        end=end.high if end else None,
    )


def _cursor(token: str, *, patient_id: str) -> Cursor | None:
    if not token:
        return None
    try:
        owner, after, limit = signing.loads(token, salt=_PAGE)
    except (signing.BadSignature, ValueError):
        owner, after, limit = "", 0, 0
    if owner != patient_id:
        raise FhirError("This page link is not one that the server gave. Start again without _page.", path="_page")
    return Cursor(after=after, limit=limit)


def _address(base: str, patient_id: str, *, asked: Arguments, page: str) -> str:
    given = [(name, value) for name, values in asked.values.items() if name != "_page" for value in values]
    query = urlencode([*given, *([("_page", page)] if page else [])])
    return f"{base}/Patient/{patient_id}/$everything" + (f"?{query}" if query else "")


EVERYTHING = Operation(
    name="everything",
    definition="http://hl7.org/fhir/OperationDefinition/Patient-everything",
    type_name="Patient",
    address=r"^Patient/(?P<logical_id>[A-Za-z0-9\-.]{1,64})/\$everything$",
    handlers={"GET": everything, "POST": everything},
)
