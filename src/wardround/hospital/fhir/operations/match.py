"""Patient/$match: who here may be this person, with a score and a grade for each."""

import orjson
from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.operations.arguments import arguments_of
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.fhir.responses import base_of, fhir_response
from wardround.hospital.records.matching import NothingToMatch, match
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"resource", "onlyCertainMatches", "count"})
_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def match_patient(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A Bundle of the likeliest patients first, each with its score and match-grade."""
    for letter in "rs":
        require_scope(actor, type_name="Patient", letter=letter)
    asked = arguments_of(request, known=_KNOWN)
    resources = asked.resources("resource")
    if len(resources) != 1 or resources[0].get("resourceType") != "Patient":
        raise FhirError("Send one Patient as the parameter `resource`.", path="resource")
    try:
        found = match(
            actor,
            resources[0],
            count=asked.number("count", default=10, most=50),
            only_certain=asked.truth("onlyCertainMatches", default=False),
        )
    except (AttributeError, KeyError, TypeError):
        # A description need not be a valid Patient, but its elements must have the shape of one.
        raise FhirError("An element does not have the shape that R4's Patient gives it.", path="resource") from None
    except NothingToMatch as error:
        raise FhirError(str(error), path="resource") from None
    base = base_of(request)
    entries = [
        {
            "fullUrl": f"{base}/{one.patient.version.resource}",
            "resource": orjson.Fragment(one.patient.text or b"null"),
            "search": {
                "extension": [{"url": _GRADE, "valueCode": one.likeness.grade}],
                "mode": "match",
                "score": round(one.likeness.score, 4),
            },
        }
        for one in found
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return fhir_response(orjson.dumps({**bundle, "entry": entries} if entries else bundle))


MATCH = Operation(
    name="match",
    definition="http://hl7.org/fhir/OperationDefinition/Patient-match",
    type_name="Patient",
    address=r"^Patient/\$match$",
    handlers={"POST": match_patient},
)
