"""Which resources a conditional interaction means: the search of If-None-Exist or of a conditional address."""

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.searching.asked import Asked, pairs_of
from wardround.hospital.fhir.searching.conditions import ConditionReader
from wardround.hospital.records.search.pages import matching_resources
from wardround.hospital.records.search.query import SearchQuery
from wardround.web.audit.actor import Actor


def matching_ids(actor: Actor, type_name: str, search: str, *, limit: int = 2, base: str = "") -> list[str]:
    """The ids of the first `limit` resources that a query string means.

    It must say something: an empty search would mean every resource of the type. Raises `FhirError` for that and for
    what is not understood, `Forbidden` where the token's scopes do not include a search of the type.
    """
    require_scope(actor, type_name=type_name, letter="s")
    asked = Asked(pairs_of(search.removeprefix("?")), is_lenient=False)
    reader = ConditionReader(actor=actor, base=base)
    conditions = tuple(reader.read((type_name,), name, value) for name, value in asked.pairs if name != "_format")
    if not conditions:
        raise FhirError("A condition needs at least one search parameter, for example identifier=system|value.")
    return matching_resources(actor, SearchQuery((type_name,), conditions), limit=limit)
