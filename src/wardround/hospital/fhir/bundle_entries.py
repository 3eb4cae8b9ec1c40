"""The entries of a batch or transaction as they were sent: what each asks of which address."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from wardround.hospital.fhir.errors import FhirError, TooLarge
from wardround.interchange.fhir.definitions import resource_types

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")  # in the order in which a transaction does them
_INSTANCE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_TYPE = re.compile(r"[A-Z][A-Za-z]+")


@dataclass(frozen=True)
class BundleEntry:
    """One entry. `path` and `query` are its address below the base."""

    number: int
    method: str
    path: str
    query: str
    full_url: str
    resource: Any
    request: dict[str, str]

    @property
    def place(self) -> str:
        return f"Bundle.entry[{self.number}]"

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    def refused(self, sentence: str, *, at: str = "request") -> FhirError:
        return FhirError(sentence, path=f"{self.place}.{at}")

    def target(self) -> tuple[str, str]:
        """(type, id) that a write names; the id is empty where it names a type, or a search. Raises `FhirError`."""
        instance = _INSTANCE.fullmatch(self.path)
        if instance and self.method != "POST" and not self.query:
            type_name, logical_id = instance[1], instance[2]
        elif _TYPE.fullmatch(self.path) and (not self.query if self.method == "POST" else self.query):
            type_name, logical_id = self.path, ""
        else:
            right = "Patient" if self.method == "POST" else "Patient/123 or Patient?identifier=system|value"
            raise self.refused(f"In a transaction, {self.method} names an address like {right}.", at="request.url")
        if type_name not in resource_types():
            raise self.refused("There is no such type here. GET metadata lists those that there are.", at="request.url")
        return type_name, logical_id

    def body(self, *, type_name: str) -> dict[str, Any]:
        """The resource to store. Raises `FhirError`."""
        if not isinstance(self.resource, dict):
            raise self.refused(f"{self.method} needs a resource.", at="resource")
        if self.resource.get("resourceType") != type_name:
            raise self.refused(f"The address says {type_name}; the resource must be one.", at="resource")
        return self.resource


def entries_of(bundle: dict[str, Any], *, base: str) -> list[BundleEntry]:
    """Raises `FhirError` for what is no entry, and `TooLarge`."""
    given = bundle.get("entry", [])
    if not isinstance(given, list):
        raise FhirError("entry is a list.", path="Bundle.entry")
    if len(given) > settings.FHIR_MOST_ENTRIES:
        raise TooLarge(
            f"A Bundle may have {settings.FHIR_MOST_ENTRIES} entries here. Send it in parts, or use the import command.",
            path="Bundle.entry",
        )
    return [_entry(one, number=number, base=base) for number, one in enumerate(given)]


def _entry(one: Any, *, number: int, base: str) -> BundleEntry:
    place = f"Bundle.entry[{number}]"
    if not isinstance(one, dict) or not isinstance(one.get("request"), dict):
        raise FhirError("Each entry of a batch or transaction has a request.", path=f"{place}.request")
    request = {name: value for name, value in one["request"].items() if isinstance(value, str)}
    if request.get("method") not in METHODS:
        raise FhirError(f"method is one of {', '.join(METHODS)}.", path=f"{place}.request.method")
    url = request.get("url", "").removeprefix(f"{base}/").removeprefix("/")
    path, _mark, query = url.partition("?")
    if not path and not query:
        raise FhirError("url says what is asked for, for example Patient/123.", path=f"{place}.request.url")
    full_url = one.get("fullUrl")
    return BundleEntry(
        number=number,
        method=request["method"],
        path=unquote(path),
        query=query,
        full_url=full_url if isinstance(full_url, str) else "",
        resource=one.get("resource"),
        request=request,
    )
