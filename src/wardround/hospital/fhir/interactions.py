"""The table of interactions: what can be asked of which address. The addresses and the CapabilityStatement come from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse
from django.urls import URLPattern, re_path

from wardround.hospital.fhir import bundles, changes, histories, reading
from wardround.hospital.fhir.endpoint import Handler, endpoint
from wardround.hospital.fhir.searching import views as searching

Level = Literal["system", "type", "instance"]
_PARTS = {
    "{type}": r"(?P<type_name>[A-Z][A-Za-z]+)",
    "{type|*}": r"(?P<type_name>\*|[A-Z][A-Za-z]+)",
    "{id}": r"(?P<logical_id>[A-Za-z0-9\-.]{1,64})",
    "{vid}": r"(?P<version>[^/]+)",
}


@dataclass(frozen=True)
class Interaction:
    """One method at one address. `code` is FHIR's name for it; conditional ones share the code of the plain one."""

    code: str
    level: Level
    method: str
    address: str  # below the base, as people write it: "{type}/{id}"
    handler: Handler
    is_conditional: bool = False  # the resource is named by a search
    is_listed: bool = True  # stands in the CapabilityStatement by its code


INTERACTIONS: tuple[Interaction, ...] = (
    Interaction("read", "instance", "GET", "{type}/{id}", reading.read),
    Interaction("vread", "instance", "GET", "{type}/{id}/_history/{vid}", reading.vread),
    Interaction("update", "instance", "PUT", "{type}/{id}", changes.update),
    Interaction("update", "type", "PUT", "{type}", changes.update_conditional, is_conditional=True),
    Interaction("patch", "instance", "PATCH", "{type}/{id}", changes.patch),
    Interaction("patch", "type", "PATCH", "{type}", changes.patch_conditional, is_conditional=True),
    Interaction("delete", "instance", "DELETE", "{type}/{id}", changes.delete),
    Interaction("delete", "type", "DELETE", "{type}", changes.delete_conditional, is_conditional=True),
    Interaction("history-instance", "instance", "GET", "{type}/{id}/_history", histories.of_instance),
    Interaction("history-type", "type", "GET", "{type}/_history", histories.of_type),
    Interaction("create", "type", "POST", "{type}", changes.create),
    Interaction("search-type", "type", "GET", "{type}", searching.search_type),
    Interaction("search-type", "type", "POST", "{type}/_search", searching.search_type_by_form),
    Interaction(
        "search-compartment", "type", "GET", "Patient/{id}/{type|*}", searching.search_compartment, is_listed=False
    ),
    Interaction(
        "search-compartment",
        "type",
        "POST",
        "Patient/{id}/{type|*}/_search",
        searching.search_compartment_by_form,
        is_listed=False,
    ),
    Interaction("transaction", "system", "POST", "", bundles.transaction_or_batch),
    Interaction("batch", "system", "POST", "", bundles.transaction_or_batch),
    Interaction("search-system", "system", "GET", "", searching.search_system),
    Interaction("search-system", "system", "POST", "_search", searching.search_system_by_form),
    Interaction("history-system", "system", "GET", "_history", histories.of_system),
)


def codes_of(levels: Iterable[Level]) -> list[str]:
    """The codes of these levels, each once, in the order of the table."""
    wanted = set(levels)
    return list(dict.fromkeys(one.code for one in INTERACTIONS if one.level in wanted and one.is_listed))


def at_the_base() -> Callable[..., HttpResponse]:
    """The interactions of the whole system, for the base as many clients write it: without the slash at its end."""
    return endpoint({one.method: one.handler for one in INTERACTIONS if not one.address})


def interaction_addresses() -> list[URLPattern]:
    """One address for each line of the table that has its own."""
    handlers: dict[str, dict[str, Handler]] = {}
    for one in INTERACTIONS:
        handlers.setdefault(one.address, {})[one.method] = one.handler
    return [re_path(_pattern(address), endpoint(own), name=_name(address)) for address, own in handlers.items()]


def _pattern(address: str) -> str:
    for part, expression in _PARTS.items():
        address = address.replace(part, expression)
    return rf"^{address}\Z"


def _name(address: str) -> str:
    words = [word.strip("{}_|*").lower() for word in address.split("/") if word]
    return "-".join(["fhir", *words]) if words else "fhir-system"
