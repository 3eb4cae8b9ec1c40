"""What a client sent as prefetch, without its server's remarks: a search result may hold them as OperationOutcome."""

from collections.abc import Mapping
from typing import Any

# FHIR R4, issue-type: that something could not be reached now, so what came may not be all there is.
_NOT_ALL = frozenset({"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"})


def without_remarks(prefetch: Mapping[str, Any]) -> dict[str, Any]:
    """The same, but that a searchset holds no OperationOutcome of mere information and warnings beside what was found.

    Servers send them with results that are whole ("the request returned no results"). An error stays, and so does a
    warning that not everything could be reached: with either, the key does not count as answered.
    """
    return {key: _cleaned(value) if _is_bundle(value) else value for key, value in prefetch.items()}


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle" and isinstance(value.get("entry"), list)


def _cleaned(bundle: Mapping[str, Any]) -> dict[str, Any]:
    return {**bundle, "entry": [entry for entry in bundle["entry"] if not _is_remark(entry)]}


def _is_remark(entry: Any) -> bool:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or resource.get("resourceType") != "OperationOutcome":
        return False
    issues = resource.get("issue")
    return isinstance(issues, list) and bool(issues) and all(_is_harmless(issue) for issue in issues)


def _is_harmless(issue: Any) -> bool:
    return (
        isinstance(issue, dict)
        and issue.get("severity") in ("information", "warning")
        and issue.get("code") not in _NOT_ALL
    )
