"""From one value of a FHIR type to search entries: FHIR R4 "Search", the tables of types by kind of parameter."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_entries import (
    DateEntry,
    NumberEntry,
    QuantityEntry,
    ReferenceEntry,
    SearchEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)

Entries = list[SearchEntry]
Extractor = Callable[[Any, Entries], None]
Codes = Sequence[str]  # codes of the parameters that take the same value

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
CURRENCIES = "urn:iso:std:iso:4217"
_ADDRESSES = ("http://", "https://", "urn:", "#")
_BY_IDENTIFIER = "?identifier="
_ABSOLUTE = re.compile(
    r"https?://.*/(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"
)
_NAME_PARTS = ("family", "text", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


def extractor_of(kind: str, type_name: str, codes: Codes) -> Extractor | None:
    """How values of this FHIR type become entries of these parameters; None where such a parameter finds nothing.

    A string that stands where R4 allows a date or a string ("about Easter") is no date, for example.
    """
    make = _MAKERS.get((kind, type_name))
    return None if make is None else make(tuple(codes))


def reference_extractor(codes: Codes, by_target: Mapping[str, Codes]) -> Extractor:
    """Of References: under these parameters, and under those that want one type of target where it has that type."""
    plain = tuple(codes)
    typed = {name: (*plain, *codes) for name, codes in by_target.items()}

    def extract(value: Any, entries: Entries) -> None:
        type_name, logical_id, url, system, code = _target(value)
        if logical_id or url or code:
            for parameter in typed.get(type_name, plain):
                entries.append(ReferenceEntry(parameter, type_name, logical_id, url, system, code))

    return extract


def bounds(text: str) -> tuple[datetime, datetime]:
    """The stretch of time that a FHIR date or time names; raises NotADate."""
    found = interval(text)
    return found.low, found.high


def _target(reference: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """(type, id, address, identifier's system, identifier's value); what is not said is ""."""
    identifier = reference.get("identifier")
    system, code = (identifier.get("system", ""), identifier.get("value", "")) if identifier else ("", "")
    literal = reference.get("reference")
    if literal is None:
        return reference.get("type", ""), "", "", system, code
    parts = literal.split("/")
    if len(parts) == 2 and parts[0] in resource_types() and parts[1]:
        return parts[0], parts[1], "", system, code
    if len(parts) == 4 and parts[0] in resource_types() and parts[2] == "_history":
        return parts[0], parts[1], "", system, code
    if _BY_IDENTIFIER in literal:
        type_name, _, query = literal.partition(_BY_IDENTIFIER)
        system, bar, code = unquote(query).partition("|")
        return (type_name, "", "", system, code) if bar else (type_name, "", "", "", system)
    match = _ABSOLUTE.fullmatch(literal)
    if match is not None and match["type"] in resource_types():
        return match["type"], "", literal, system, code
    # Other words where an address belongs ("the patient Kovács") are no address, and may name somebody.
    return reference.get("type", ""), "", literal if literal.startswith(_ADDRESSES) else "", system, code


def _references(codes: Codes) -> Extractor:
    return reference_extractor(codes, {})


def _canonical(codes: Codes) -> Extractor:
    """A canonical in a reference parameter: of a resource here where it says so ("Questionnaire/q1"), else an address."""
    uris = _uri(codes)

    def extract(value: Any, entries: Entries) -> None:
        type_name, slash, logical_id = value.partition("/")
        if slash and type_name in resource_types() and "/" not in logical_id:
            entries.extend(ReferenceEntry(code, type_name, logical_id.partition("|")[0]) for code in codes)
        else:
            uris(value, entries)

    return extract


def _resource(codes: Codes) -> Extractor:
    """The resource itself stands where others have a reference to it (a document's Composition)."""

    def extract(value: Any, entries: Entries) -> None:
        if "id" in value:
            entries.extend(ReferenceEntry(code, value["resourceType"], value["id"]) for code in codes)

    return extract


def _coding(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        system, code, text = value.get("system", ""), value.get("code", ""), value.get("display", "")
        if system or code or text:
            for parameter in codes:
                entries.append(TokenEntry(parameter, system, code, text))

    return extract


def _concept(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        text = value.get("text", "")
        for coding in value.get("coding", ()):
            system, code = coding.get("system", ""), coding.get("code", "")
            shown = text or coding.get("display", "")
            if system or code or shown:
                for parameter in codes:
                    entries.append(TokenEntry(parameter, system, code, shown))
        if text and "coding" not in value:
            for parameter in codes:
                entries.append(TokenEntry(parameter, "", "", text))

    return extract


def _identifier(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        code = value.get("value")
        if code is not None:
            entries.extend(TokenEntry(parameter, value.get("system", ""), code) for parameter in codes)

    return extract


def _contact(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        code = value.get("value")
        if code is not None:
            entries.extend(TokenEntry(parameter, "", code) for parameter in codes)

    return extract


def _code(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        for parameter in codes:
            entries.append(TokenEntry(parameter, "", value))

    return extract


def _flag(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        entries.extend(TokenEntry(parameter, "", "true" if value else "false") for parameter in codes)

    return extract


def _string(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        entries.extend(StringEntry(parameter, value) for parameter in codes)

    return extract


def _texts_under(names: tuple[str, ...]) -> Callable[[Codes], Extractor]:
    def make(codes: Codes) -> Extractor:
        def extract(value: Any, entries: Entries) -> None:
            for name in names:
                found = value.get(name)
                if found is None:
                    continue
                for text in found if type(found) is list else (found,):
                    if text is not None:
                        entries.extend(StringEntry(parameter, text) for parameter in codes)

        return extract

    return make


def _date(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        low, high = bounds(value)
        for parameter in codes:
            entries.append(DateEntry(parameter, low, high))

    return extract


def _period(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        start, end = value.get("start"), value.get("end")
        if start is None and end is None:
            return
        low = BEGINNING if start is None else bounds(start)[0]
        high = END if end is None else bounds(end)[1]
        for parameter in codes:
            entries.append(DateEntry(parameter, low, high))

    return extract


def _timing(codes: Codes) -> Extractor:
    """By its outer limits: the first and last event, and the bounds of its repeats (R4 "Search", dates)."""

    def extract(value: Any, entries: Entries) -> None:
        limits = [bounds(event) for event in value.get("event", ()) if event is not None]
        period = value.get("repeat", {}).get("boundsPeriod", {})
        if period:
            start, end = period.get("start"), period.get("end")
            low = BEGINNING if start is None else bounds(start)[0]
            limits.append((low, END if end is None else bounds(end)[1]))
        if limits:
            low, high = min(low for low, _ in limits), max(high for _, high in limits)
            entries.extend(DateEntry(parameter, low, high) for parameter in codes)

    return extract


def _quantity(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        number = _decimal(value.get("value"))
        if number is None:
            return
        comparator = value.get("comparator", "")
        low = None if comparator.startswith("<") else number
        high = None if comparator.startswith(">") else number
        unit = (value.get("system", ""), value.get("code", ""), value.get("unit", ""))
        for parameter in codes:
            entries.append(QuantityEntry(parameter, low, high, *unit))

    return extract


def _money(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        number, currency = _decimal(value.get("value")), value.get("currency", "")
        if number is not None:
            system = CURRENCIES if currency else ""
            entries.extend(QuantityEntry(code, number, number, system, currency, currency) for code in codes)

    return extract


def _range(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        low, high = value.get("low", {}), value.get("high", {})
        least, greatest = _decimal(low.get("value")), _decimal(high.get("value"))
        if least is not None or greatest is not None:
            unit = tuple(low.get(name) or high.get(name, "") for name in ("system", "code", "unit"))
            entries.extend(QuantityEntry(parameter, least, greatest, *unit) for parameter in codes)

    return extract


def _sampled(codes: Codes) -> Extractor:
    """From the least to the greatest sample; one below or above the detection limit leaves that end open."""

    def extract(value: Any, entries: Entries) -> None:
        origin = value.get("origin", {})
        samples = value.get("data", "").split()
        zero, factor = _decimal(origin.get("value")) or Decimal(0), _decimal(value.get("factor")) or Decimal(1)
        try:
            numbers = [zero + factor * Decimal(sample) for sample in samples if sample not in {"E", "U", "L"}]
        except ArithmeticError:  # a sample that is no number, or beyond all numbers
            return
        if not numbers:
            return
        low = None if "L" in samples else min(numbers)
        high = None if "U" in samples else max(numbers)
        unit = tuple(origin.get(name, "") for name in ("system", "code", "unit"))
        entries.extend(QuantityEntry(parameter, low, high, *unit) for parameter in codes)

    return extract


def _number(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        number = _decimal(value)
        entries.extend(NumberEntry(parameter, number, number) for parameter in codes)

    return extract


def _number_range(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        least, greatest = (_decimal(value.get(end, {}).get("value")) for end in ("low", "high"))
        if least is not None or greatest is not None:
            entries.extend(NumberEntry(parameter, least, greatest) for parameter in codes)

    return extract


def _uri(codes: Codes) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        for uri in _with_and_without_version(value):
            entries.extend(UriEntry(parameter, uri) for parameter in codes)

    return extract


def _with_and_without_version(uri: str) -> Iterator[str]:
    yield uri
    if "|" in uri:
        yield uri.partition("|")[0]


def _decimal(number: Any) -> Decimal | None:
    if number is None or isinstance(number, Decimal):
        return number
    return Decimal(str(number))


_MAKERS: dict[tuple[str, str], Callable[[Codes], Extractor]] = {
    ("token", "Coding"): _coding,
    ("token", "CodeableConcept"): _concept,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact,
    ("token", "boolean"): _flag,
    **{("token", name): _code for name in ("code", "id", "string", "uri")},
    **{("string", name): _string for name in ("string", "markdown")},
    ("string", "HumanName"): _texts_under(_NAME_PARTS),
    ("string", "Address"): _texts_under(_ADDRESS_PARTS),
    **{("date", name): _date for name in ("date", "dateTime", "instant")},
    ("date", "Period"): _period,
    ("date", "Timing"): _timing,
    ("reference", "Reference"): _references,
    ("reference", "Resource"): _resource,
    **{("reference", name): _canonical for name in ("canonical", "uri")},
    **{("quantity", name): _quantity for name in ("Quantity", "Age", "Duration")},
    ("quantity", "Money"): _money,
    ("quantity", "Range"): _range,
    ("quantity", "SampledData"): _sampled,
    **{("number", name): _number for name in ("decimal", "integer")},
    ("number", "Range"): _number_range,
    **{("uri", name): _uri for name in ("uri", "url", "canonical")},
}
