"""Which types the interface serves."""

from functools import cache

from wardround.interchange.fhir.definitions import resource_types

# These are said by the interface or kept otherwise; nobody stores them.
_NOT_STORED = frozenset({"AuditEvent", "Bundle", "OperationOutcome", "Parameters"})


@cache
def served_types() -> tuple[str, ...]:
    """Every type that can be stored and read."""
    return tuple(sorted(resource_types() - _NOT_STORED))
