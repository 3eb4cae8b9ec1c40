"""The body of a request as JSON: its media type, its size and its characters, each with its refusal."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from wardround.hospital.fhir.errors import FhirError, TooLarge, UnsupportedMediaType
from wardround.hospital.fhir.responses import MEDIA_TYPE
from wardround.interchange.fhir.json import loads

JSON_TYPES = frozenset({MEDIA_TYPE, "application/json", "text/json", "json"})
JSON_PATCH = "application/json-patch+json"
FHIR_VERSIONS = frozenset({"4.0", "4.0.1"})
_MIB = 1024 * 1024


def body_of(request: HttpRequest, *, types: Collection[str] = JSON_TYPES) -> bytes:
    """The JSON text that was sent."""
    if (request.content_type or "").lower() not in types:
        raise UnsupportedMediaType(f"Send JSON: Content-Type: {MEDIA_TYPE}.")
    parameters = {name.lower(): value for name, value in (request.content_params or {}).items()}
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType("FHIR JSON is written in UTF-8: send it so, or leave the charset out.")
    if parameters.get("fhirversion", "4.0") not in FHIR_VERSIONS:
        raise UnsupportedMediaType("Only FHIR R4 is spoken here: fhirVersion=4.0.")
    try:
        return request.body
    except RequestDataTooBig as error:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // _MIB
        raise TooLarge(f"A request may have {limit} MiB. Import larger files with the import command.") from error


def json_of(text: bytes) -> Any:
    """The JSON that was sent. Raises `NotJSON`, and `FhirError` for a character that FHIR does not allow."""
    value = loads(text)
    if (b"\\u0000" in text or b"\0" in text) and _has_nul(value):
        raise FhirError("FHIR texts cannot contain the character NUL; leave it out.")
    return value


def _has_nul(value: Any) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str) and "\0" in item:
            return True
    return False
