"""Bundles sent to the base: a batch does each entry by itself, a transaction all of them or none."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.addresses import check_parameters
from wardround.hospital.fhir.bodies import body_of, json_of
from wardround.hospital.fhir.bundle_entries import BundleEntry, entries_of
from wardround.hospital.fhir.changes import check_no_provenance
from wardround.hospital.fhir.endpoint import refused_response
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.inner_requests import endpoint_of, inner_request
from wardround.hospital.fhir.limits import Busy
from wardround.hospital.fhir.preferences import preferred_return
from wardround.hospital.fhir.response_entries import entry_of
from wardround.hospital.fhir.responses import base_of, fhir_response
from wardround.hospital.fhir.transactions import transaction_entries
from wardround.web.audit.actor import Actor

JsonObject = dict[str, Any]


def transaction_or_batch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Answers a Bundle with one entry for each that was sent, in the same order."""
    check_parameters(request)
    check_no_provenance(request)
    bundle = json_of(body_of(request))
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise FhirError("Send a Bundle of type batch or transaction; other resources go to their own address.")
    kind = bundle.get("type")
    if kind not in {"batch", "transaction"}:
        raise FhirError(
            "Here a Bundle is a batch or a transaction. To store another one, POST it to Bundle.", path="Bundle.type"
        )
    entries = entries_of(bundle, base=base_of(request))
    prefer = preferred_return(request, default="minimal")
    if kind == "transaction":
        answers = transaction_entries(request, actor, entries, prefer=prefer)
    else:
        answers = [_answered(request, actor, entry, prefer=prefer) for entry in entries]
    return fhir_response(_response_bundle(f"{kind}-response", answers))


def _answered(request: HttpRequest, actor: Actor, entry: BundleEntry, *, prefer: str) -> JsonObject:
    """One entry of a batch, as if it had come alone; a refusal is its own."""
    try:
        inner = inner_request(request, entry, prefer=f"return={prefer}")
        endpoint, address = endpoint_of(inner)
        response = endpoint.answered(inner, actor, address)
    except OperationalError:
        response = refused_response(Busy("The database did not answer in time. Send this entry again by itself."))
    except Exception as error:  # noqa: BLE001 - one entry's failure is not another's
        response = refused_response(error)
    return entry_of(response, base=base_of(request), method=entry.method)


def _response_bundle(kind: str, entries: Sequence[JsonObject]) -> bytes:
    document: JsonObject = {"resourceType": "Bundle", "type": kind}
    if entries:
        document["entry"] = list(entries)
    return orjson.dumps(document)
