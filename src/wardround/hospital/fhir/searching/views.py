"""The search interactions: of one type, of a patient's compartment, of the whole system; by address and by form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError, UnknownAddress
from wardround.hospital.fhir.responses import fhir_response
from wardround.hospital.fhir.searching.asked import Asked, asked_of
from wardround.hospital.fhir.searching.links import PAGE, Place, checked_alone, place_of, token_of
from wardround.hospital.fhir.searching.reading import Search, read_search
from wardround.hospital.fhir.searching.subsetting import summarised, with_elements
from wardround.hospital.records.search.includes import MOST_INCLUDED
from wardround.hospital.records.search.pages import Hit, SearchPage, search_page
from wardround.hospital.records.search.query import InCompartment
from wardround.hospital.records.search.sorting import Position, restored
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import compartment_types
from wardround.web.accounts.scopes import allows
from wardround.web.audit.actor import Actor

EVERY_TYPE = "*"


@dataclass(frozen=True)
class Address:
    """What is searched: a type, or `*`, or nothing for the whole system; within a patient's compartment, or not."""

    type_name: str
    patient_id: str = ""

    def __str__(self) -> str:
        return f"Patient/{self.patient_id}/{self.type_name}" if self.patient_id else self.type_name


def search_type(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    return _answer(request, actor, Address(type_name), asked_of(request))


def search_type_by_form(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    return _answer(request, actor, Address(type_name), asked_of(request, by_form=True))


def search_system(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _answer(request, actor, Address(""), asked_of(request))


def search_system_by_form(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _answer(request, actor, Address(""), asked_of(request, by_form=True))


def search_compartment(request: HttpRequest, actor: Actor, logical_id: str, type_name: str) -> HttpResponse:
    return _answer(request, actor, Address(type_name, logical_id), asked_of(request))


def search_compartment_by_form(request: HttpRequest, actor: Actor, logical_id: str, type_name: str) -> HttpResponse:
    return _answer(request, actor, Address(type_name, logical_id), asked_of(request, by_form=True))


def search_bundle(actor: Actor, address: Address, asked: Asked, *, base: str) -> bytes:
    """The searchset Bundle of one search."""
    token = asked.values(PAGE)
    place = None
    if token:
        checked_alone([name for name, _value in asked.pairs])
        place = place_of(token[0], actor=actor)
        if place.address != str(address):
            raise FhirError("This page link belongs to another address. Follow it as it was given.", path=PAGE)
        asked = Asked(place.pairs, is_lenient=place.is_lenient)
    types, rest = _types(actor, address, asked)
    compartment = [InCompartment(address.patient_id)] if address.patient_id else []
    search = read_search(types, rest, actor=actor, base=base, conditions=compartment)
    page = search_page(
        actor, search.query, count=search.count, total=search.total, after=_position(place, search=search)
    )
    return _bundle(actor, address, asked=asked, search=search, page=page, base=base, token=token)


def _answer(request: HttpRequest, actor: Actor, address: Address, asked: Asked) -> HttpResponse:
    base = request.build_absolute_uri(reverse("fhir-metadata")).removesuffix("/metadata")
    return fhir_response(search_bundle(actor, address, asked, base=base))


def _types(actor: Actor, address: Address, asked: Asked) -> tuple[tuple[str, ...], Asked]:
    """The types that are searched, and what was asked besides. Without `_type`, those that the scopes open."""
    if address.type_name not in {"", EVERY_TYPE}:
        _check_type(address)
        return (address.type_name,), asked
    possible = sorted(compartment_types() if address.patient_id else resource_types())
    named = [part for value in asked.values("_type") for part in value.split(",")]
    if any(name not in possible for name in named):
        raise FhirError("_type names types that can be searched here; GET metadata lists them.", path="_type")
    rest = Asked(tuple(pair for pair in asked.pairs if pair[0] != "_type"), is_lenient=asked.is_lenient)
    if named:
        return tuple(sorted(set(named))), rest
    open_types = tuple(
        t for t in possible if actor.kind != "service" or allows(actor.scopes, resource_type=t, letter="s")
    )
    if not open_types:
        require_scope(actor, type_name=possible[0], letter="s")
    return open_types, rest


def _check_type(address: Address) -> None:
    if address.type_name not in resource_types():
        raise UnknownAddress("There is no such type here. GET metadata lists those that there are.")
    if address.patient_id and address.type_name not in {*compartment_types(), "Patient"}:
        raise UnknownAddress(f"{address.type_name} is in no patient's compartment. Search it at its own address.")


def _position(place: Place | None, *, search: Search) -> Position | None:
    if place is None:
        return None
    return Position(restored(place.values, sort=search.query.sort), place.pk, place.limit, place.total)


def _bundle(
    actor: Actor, address: Address, *, asked: Asked, search: Search, page: SearchPage, base: str, token: Sequence[str]
) -> bytes:
    own = f"{base}/{address}"
    query = urlencode([(PAGE, token[0])] if token else _understood(asked, search), safe=":|,$/*")
    links = [{"relation": "self", "url": f"{own}?{query}" if query else own}]
    if page.following is not None:
        at = page.following
        place = Place(str(address), asked.pairs, asked.is_lenient, at.values, at.pk, at.limit, at.total)
        links.append({"relation": "next", "url": f"{own}?{PAGE}={token_of(place, actor=actor)}"})
    document: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if page.total is not None:
        document["total"] = page.total
    document["link"] = links
    entries = [*_entries(page.hits, search=search, base=base, mode="match")]
    entries += _entries(page.included, search=search, base=base, mode="include")
    sentences = _sentences(search, page)
    if sentences:
        entries.append(_outcome(sentences))
    if entries:
        document["entry"] = entries
    return orjson.dumps(document)


def _understood(asked: Asked, search: Search) -> list[tuple[str, str]]:
    return [*(pair for pair in asked.pairs if pair[0] == "_type"), *search.understood]


def _entries(hits: Iterable[Hit], *, search: Search, base: str, mode: str) -> Iterable[dict[str, Any]]:
    for hit in hits:
        row = hit.version.resource
        yield {
            "fullUrl": f"{base}/{row.type}/{row.logical_id}",
            "resource": orjson.Fragment(_shown(hit, search=search, is_hit=mode == "match")),
            "search": {"mode": mode},
        }


def _shown(hit: Hit, *, search: Search, is_hit: bool) -> bytes:
    elements = search.elements.wanted(hit.version.resource.type, is_hit=is_hit)
    if elements is not None:
        return with_elements(hit.text, elements=elements)
    if search.summary in {"true", "text", "data"}:
        return summarised(hit.text, summary=search.summary)
    return hit.text


def _sentences(search: Search, page: SearchPage) -> list[tuple[str, str]]:
    """(issue code, sentence) of what the caller must know about the answer."""
    found = []
    if search.ignored:
        names = ", ".join(sorted(set(search.ignored)))
        found.append(("not-supported", f"These parameters are not known here and were left out: {names}."))
    if page.is_cut:
        found.append(("too-costly", f"More than {MOST_INCLUDED} resources would be included; the rest was left out."))
    return found


def _outcome(sentences: Sequence[tuple[str, str]]) -> dict[str, Any]:
    issues = [{"severity": "warning", "code": code, "diagnostics": sentence} for code, sentence in sentences]
    return {"resource": {"resourceType": "OperationOutcome", "issue": issues}, "search": {"mode": "outcome"}}
