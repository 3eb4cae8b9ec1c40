"""URIs and canonical addresses: which rows of the URI index a criterion means."""

from collections.abc import Iterable

from django.db.models import Q


def uri_rows(urls: Iterable[str], *, canonical: bool = False) -> Q:
    """Equal as written; a canonical address without a version is meant in every version."""
    wanted = sorted({url[:500] for url in urls})
    rows = Q(value__in=wanted)
    if canonical:
        for url in wanted:
            if "|" not in url:
                rows |= Q(value__startswith=f"{url}|")
    return rows
