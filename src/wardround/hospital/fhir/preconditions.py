"""The conditions of a request's headers: If-Match, If-None-Match, If-Modified-Since."""

import re
from datetime import datetime

from django.http import HttpRequest
from django.utils.http import parse_http_date_safe

from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.responses import etag
from wardround.hospital.records.actions.changing import Precondition

_IF_MATCH = re.compile(r'(?:W/)?"(\d{1,9})"', re.ASCII)


def precondition_of(request: HttpRequest) -> Precondition:
    """What a write may rely on. Raises `FhirError` for what is no ETag of this server."""
    none_match = request.headers.get("If-None-Match", "").strip()
    if none_match not in {"", "*"}:
        raise FhirError("With a write, If-None-Match may only be *: store it if it is not there.", path="If-None-Match")
    version = version_of(request.headers.get("If-Match", ""))
    is_any = request.headers.get("If-Match", "").strip() == "*"
    return Precondition(version=version, must_be_there=is_any, must_be_absent=bool(none_match))


def version_of(if_match: str) -> int | None:
    """The version that an If-Match names; None for none, or any (`*`)."""
    text = if_match.strip()
    if text in {"", "*"}:
        return None
    match = _IF_MATCH.fullmatch(text)
    if match is None:
        raise FhirError('If-Match is the ETag that a read gave, for example W/"3".', path="If-Match")
    return int(match[1])


def is_known(request: HttpRequest, *, version: int, recorded: datetime) -> bool:
    """Does the caller have this version already? If-Modified-Since counts only without If-None-Match (RFC 9110)."""
    none_match = request.headers.get("If-None-Match", "").strip()
    if none_match:
        tags = {tag.strip().removeprefix("W/") for tag in none_match.split(",")}
        return "*" in tags or etag(version).removeprefix("W/") in tags
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and int(recorded.timestamp()) <= since
