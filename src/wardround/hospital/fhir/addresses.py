"""What the parts of an address may be: a type of R4, a version, and the parameters that an interaction knows."""

from collections.abc import Collection

from django.http import HttpRequest

from wardround.hospital.fhir.errors import FhirError, UnknownAddress
from wardround.hospital.fhir.searching.asked import asked_of
from wardround.interchange.fhir.definitions import resource_types

FORMAT_PARAMETERS = frozenset({"_format", "_pretty"})  # the endpoint reads these of every request


def check_type(type_name: str) -> None:
    """Raises `UnknownAddress` for what is no resource type of R4."""
    if type_name not in resource_types():
        raise UnknownAddress("There is no such type here. GET metadata lists those that there are.")


def version_number(text: str) -> int:
    """Raises `UnknownAddress` for what cannot be a version."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise UnknownAddress("A version is a whole number, for example 1.")
    return int(text)


def check_parameters(request: HttpRequest, *, known: Collection[str] = ()) -> None:
    """What is not known is refused, not passed over, unless the caller prefers handling=lenient."""
    asked = asked_of(request)
    if asked.is_lenient:
        return
    for name, _value in asked.pairs:
        if name not in FORMAT_PARAMETERS and name not in known:
            expected = ", ".join(sorted(known)) or "none but _format and _pretty"
            raise FhirError(f"This interaction does not know this parameter. It knows: {expected}.", path=name[:60])


def condition_of(request: HttpRequest) -> str:
    """The search of a conditional address, without what says the format of the answer."""
    query = request.META.get("QUERY_STRING", "")
    parts = [part for part in query.split("&") if part and part.partition("=")[0] not in FORMAT_PARAMETERS]
    return "&".join(parts)
