"""An answer to a request as an entry of a response Bundle."""

from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.http import parse_http_date_safe

JsonObject = dict[str, Any]


def entry_of(response: HttpResponse, *, base: str, method: str) -> JsonObject:
    """An answer as an entry of the response Bundle."""
    said: JsonObject = {"status": str(response.status_code)}
    location = response.headers.get("Location", "")
    if location:
        said["location"] = location.removeprefix(f"{base}/")
    if "ETag" in response.headers:
        said["etag"] = response.headers["ETag"]
    modified = parse_http_date_safe(response.headers.get("Last-Modified", ""))
    if modified is not None:
        said["lastModified"] = datetime.fromtimestamp(modified, UTC).isoformat().replace("+00:00", "Z")
    entry: JsonObject = {"response": said}
    if response.content and method != "HEAD":
        body = orjson.Fragment(response.content)
        is_outcome = response.content.startswith(b'{"resourceType":"OperationOutcome"')
        if is_outcome and (response.status_code >= 400 or method != "GET"):
            said["outcome"] = body
        else:
            entry["resource"] = body
    return entry
