"""The names and values of a search request, from its address and its form, before they are understood."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from wardround.hospital.fhir.errors import FhirError, TooLarge, UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 500
_LENIENT = re.compile(r"(?:^|[,;])\s*handling\s*=\s*\"?lenient\"?\s*(?:$|[,;])", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What was asked, in the order in which it was written."""

    pairs: tuple[tuple[str, str], ...]
    is_lenient: bool  # Prefer: handling=lenient

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.pairs if given == name]


def asked_of(request: HttpRequest, *, by_form: bool = False) -> Asked:
    """Raises `FhirError` for what is no query."""
    texts = [_written(request.META.get("QUERY_STRING", ""))]
    if by_form:
        texts.append(_form_of(request))
    pairs = [pair for text in texts for pair in _pairs(text)]
    return Asked(tuple(pairs), is_lenient=bool(_LENIENT.search(request.headers.get("Prefer", ""))))


def pairs_of(search: str) -> tuple[tuple[str, str], ...]:
    """The names and values of a query string that stands in a header or a Bundle."""
    return tuple(_pairs(search))


def _written(query: str) -> str:
    """The address as it was sent: a WSGI server hands over its bytes as Latin-1."""
    try:
        return query.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return query


def _form_of(request: HttpRequest) -> str:
    if (request.content_type or "").lower() not in {FORM, ""}:
        raise UnsupportedMediaType(f"Send the search as a form: Content-Type: {FORM}.")
    try:
        return request.body.decode("ascii")
    except UnicodeDecodeError:
        raise FhirError("A form is written in ASCII, with every other character percent-encoded.") from None
    except RequestDataTooBig as error:
        raise TooLarge("The search is too large. Search by fewer values at once.") from error


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise FhirError("The search is not UTF-8; percent-encode it as UTF-8.") from None
    except ValueError:
        raise FhirError(f"A search has at most {MOST_FIELDS} parameters.") from None
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise FhirError("A search cannot contain the character NUL; leave it out.")
    return pairs
