"""URIs and canonical addresses: which rows of the URI index a criterion means."""

from collections.abc import Iterable

from django.db.models import Q


def uri_rows(urls: Iterable[str]) -> Q:
    """Equal as written; a canonical address with a version is in the index a second time without it."""
    return Q(value__in=sorted({url[:500] for url in urls}))
