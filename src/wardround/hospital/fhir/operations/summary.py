"""Patient/$summary: the International Patient Summary of one chart, made when it is asked for and kept nowhere."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.operations.arguments import Arguments, arguments_of, readable_types
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.fhir.responses import base_of, fhir_response
from wardround.hospital.fhir.searching.matching import matching_ids
from wardround.hospital.records.access import NotThere, patient_for, require
from wardround.hospital.records.bodies import instant
from wardround.hospital.records.summaries import material_of
from wardround.interchange.fhir.json import dumps
from wardround.interchange.ips.document import Issue, summary_of
from wardround.interchange.ips.sections import TYPES
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_DEFINITION = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
_PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"


def summary(request: HttpRequest, actor: Actor, logical_id: str) -> HttpResponse:
    """The summary of the patient with this id."""
    require_scope(actor, type_name="Patient", letter="r")
    _check_profile(arguments_of(request, known=frozenset({"profile"})))
    return _summary(request, actor, logical_id)


def summary_by_identifier(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The summary of the one patient with this identifier."""
    require_scope(actor, type_name="Patient", letter="r")
    asked = arguments_of(request, known=frozenset({"identifier", "profile"}))
    _check_profile(asked)
    identifier = asked.text("identifier")
    if not identifier:
        raise FhirError("Say whose: identifier=system|value, or Patient/[id]/$summary.", path="identifier")
    found = matching_ids(actor, "Patient", urlencode({"identifier": identifier}))
    if len(found) > 1:
        raise FhirError(
            "More than one patient has this identifier. Name its system too: system|value.", path="identifier"
        )
    if not found:
        raise NotThere("There is no such patient.")
    return _summary(request, actor, found[0])


def _check_profile(asked: Arguments) -> None:
    if asked.text("profile").partition("|")[0] not in {"", _PROFILE}:
        raise FhirError(f"The one kind of summary made here is profile={_PROFILE}.", path="profile")


def _summary(request: HttpRequest, actor: Actor, logical_id: str) -> HttpResponse:
    require(actor, "charts")
    patient = patient_for(actor, logical_id)
    types = readable_types(actor, asked=())
    material = material_of(patient, types=types)
    issue = Issue(
        base=base_of(request),
        author=settings.HOME.name,
        instant=instant(timezone.now()),
        bundle_id=str(uuid.uuid4()),
        composition_id=str(uuid.uuid4()),
        author_id=str(uuid.uuid4()),
        closed=TYPES - types,
    )
    bundle = summary_of(material.patient, chart=material.chart, named=material.named, notes=material.notes, issue=issue)
    record_one(actor, "patient.summary", patient_id=patient.id, detail={"entries": len(bundle["entry"])})
    return fhir_response(dumps(bundle))


SUMMARY = Operation(
    name="summary",
    definition=_DEFINITION,
    type_name="Patient",
    address=r"^Patient/(?P<logical_id>[A-Za-z0-9\-.]{1,64})/\$summary$",
    handlers={"GET": summary, "POST": summary},
)
SUMMARY_BY_IDENTIFIER = Operation(
    name="summary",
    definition=_DEFINITION,
    type_name="Patient",
    address=r"^Patient/\$summary$",
    handlers={"GET": summary_by_identifier, "POST": summary_by_identifier},
)
