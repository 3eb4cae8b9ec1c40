"""Searching resources by typed criteria over the index tables; identifying values by keyed hash, then verified."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import F, Q, QuerySet

from wardround.hospital.records.blind_index import BlindIndex, normalised, trigrams, words
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import RecordError
from wardround.hospital.records.identities import identifiers_of
from wardround.hospital.records.indexing import HASHED_TOKENS, texts_of
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import (
    DateIndex,
    ReferenceIndex,
    Resource,
    ResourceVersion,
    StringIndex,
    TokenIndex,
)
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.json import loads

Kind = Literal["id", "token", "string", "date", "birthdate", "reference"]
MAX_CANDIDATES = 10_000
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


class BadSearch(RecordError):
    """A criterion cannot be understood; the message shows one that can."""


class TooManyCandidates(RecordError):
    """More candidates than may be decrypted for one search."""


@dataclass(frozen=True)
class Criterion:
    """One condition. Several `values` mean one of them; several criteria mean all of them."""

    parameter: str
    kind: Kind
    values: tuple[str, ...]
    modifier: str = ""  # "", "exact", "contains" for strings; "not" for tokens
    target_type: str = ""  # of a reference given without its type


@dataclass(frozen=True)
class Found:
    """One page of hits, newest version of each."""

    versions: tuple[ResourceVersion, ...]
    total: int


def find(type_name: str, *, criteria: Sequence[Criterion], count: int, offset: int) -> Found:
    """The present versions that meet all criteria, in the order in which they were first stored.

    Raises `BadSearch` for what cannot be understood and `TooManyCandidates` beyond MAX_CANDIDATES to verify.
    """
    blind = BlindIndex()
    hits = Resource.objects.filter(type=type_name, is_deleted=False)
    for criterion in criteria:
        hits = hits.filter(_condition(type_name, criterion=criterion, blind=blind))
    to_verify = [c for c in criteria if c.kind == "string" or (c.kind == "birthdate" and not _is_hashed_day(c))]
    if to_verify:
        matching = _verified(hits, criteria=to_verify)
        page, total = matching[offset : offset + count], len(matching)
    else:
        total = hits.count()
        page = list(hits.order_by("pk").values_list("pk", flat=True)[offset : offset + count])
    by_pk = {version.resource_id: version for version in _present(page)}
    return Found(versions=tuple(by_pk[pk] for pk in page), total=total)


def find_patients(text: str) -> list[tuple[str, dict[str, Any]]]:
    """(id, resource) of every patient whose name, number or birth year answers each word; at most MAX_CANDIDATES.

    A word answers by the beginning of a name, by being a whole number of the patient, or by the year of birth.
    """
    blind = BlindIndex()
    hits = Resource.objects.filter(type="Patient", is_deleted=False)
    asked = text.split()
    for word in asked:
        hits = hits.filter(_word_condition(word, blind=blind))
    pks = list(hits.order_by("pk").values_list("pk", flat=True)[: MAX_CANDIDATES + 1])
    _check_number(pks)
    keyring = Keyring()
    opened = ((v.resource.logical_id, loads(open_body(v, keyring=keyring))) for v in _present(pks))
    return [(logical_id, body) for logical_id, body in opened if all(_answers(body, word=word) for word in asked)]


def _word_condition(word: str, *, blind: BlindIndex) -> Q:
    condition = _by_token("Patient", criterion=Criterion("identifier", "token", (word,)), value=word, blind=blind)
    if words(word):
        condition |= _by_string("Patient", criterion=Criterion("name", "string", (word,)), value=word, blind=blind)
    if len(word) == 4 and word.isdecimal() and word != "0000":
        condition |= _by_birthdate(
            "Patient", criterion=Criterion("birthdate", "birthdate", (word,)), value=word, blind=blind
        )
    return condition


def _answers(resource: dict[str, Any], *, word: str) -> bool:
    if any(value == word for _system, value in identifiers_of(resource)):
        return True
    if str(resource.get("birthDate", ""))[:4] == word:
        return True
    return _is_value_met(resource, criterion=Criterion("name", "string", (word,)), value=word) if words(word) else False


def _check_number(pks: Sequence[int]) -> None:
    if len(pks) > MAX_CANDIDATES:
        raise TooManyCandidates(
            f"More than {MAX_CANDIDATES} resources may match, and each would have to be decrypted. "
            "Search for more letters, or add another criterion."
        )


def _present(pks: Sequence[int]) -> QuerySet[ResourceVersion]:
    return ResourceVersion.objects.filter(resource__in=pks, number=F("resource__version")).select_related(
        "resource__data_key"
    )


def _condition(type_name: str, *, criterion: Criterion, blind: BlindIndex) -> Q:
    builder: Callable[..., Q] = {
        "id": _by_id,
        "token": _by_token,
        "string": _by_string,
        "date": _by_date,
        "birthdate": _by_birthdate,
        "reference": _by_reference,
    }[criterion.kind]
    condition = Q()
    for value in criterion.values:
        condition |= builder(type_name, criterion=criterion, value=value, blind=blind)
    return condition


def _within(rows: QuerySet[Any]) -> Q:
    return Q(pk__in=rows.values("resource"))


def _by_id(_type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:  # noqa: ARG001
    return Q(logical_id=value)


def _by_token(type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:
    system, bar, code = value.rpartition("|") if "|" in value else ("", "", value)
    rows = TokenIndex.objects.filter(type=type_name, parameter=criterion.parameter)
    if bar:
        rows = rows.filter(system=system)
    if code:
        hashed = criterion.parameter in HASHED_TOKENS
        rows = rows.filter(code=blind.hashed(criterion.parameter, code) if hashed else code)
    elif not system:
        raise BadSearch(f"{criterion.parameter} needs a code, for example {criterion.parameter}=system|code.")
    return ~_within(rows) if criterion.modifier == "not" else _within(rows)


def _by_reference(type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:  # noqa: ARG001
    target_type, slash, target_id = value.rpartition("/")
    rows = ReferenceIndex.objects.filter(type=type_name, parameter=criterion.parameter, target_id=target_id)
    target_type = target_type.rpartition("/")[2] if slash else criterion.target_type
    return _within(rows.filter(target_type=target_type) if target_type else rows)


def _by_date(type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:  # noqa: ARG001
    prefix, low, high = _date_of(criterion.parameter, value=value)
    rows = DateIndex.objects.filter(type=type_name, parameter=criterion.parameter)
    match prefix:
        case "eq":
            return _within(rows.filter(low__gte=low, high__lte=high))
        case "ne":
            return _within(rows.exclude(low__gte=low, high__lte=high))
        case "gt":
            return _within(rows.filter(high__gt=high))
        case "lt":
            return _within(rows.filter(low__lt=low))
        case "ge":
            return _within(rows.filter(Q(high__gt=high) | Q(low__gte=low, high__lte=high)))
        case "le":
            return _within(rows.filter(Q(low__lt=low) | Q(low__gte=low, high__lte=high)))
        case "sa":
            return _within(rows.filter(low__gte=high))
        case "eb":
            return _within(rows.filter(high__lte=low))
    margin = max((high - low) / 10, timedelta(days=1))
    return _within(rows.filter(low__lt=high + margin, high__gt=low - margin))


def _by_birthdate(type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:
    if _is_hashed_day(criterion):
        code = blind.hashed(criterion.parameter, value.removeprefix("eq"))
        return _within(TokenIndex.objects.filter(type=type_name, parameter=criterion.parameter, code=code))
    prefix, low, high = _date_of(criterion.parameter, value=value)
    rows = DateIndex.objects.filter(type=type_name, parameter=criterion.parameter)
    # Only years are stored in clear, so these are candidates; the exact comparison follows after decryption.
    match prefix:
        case "gt" | "ge" | "sa":
            return _within(rows.filter(high__gte=low))
        case "lt" | "le" | "eb":
            return _within(rows.filter(low__lte=high))
        case "ne":
            return _within(rows)
    return _within(rows.filter(low__lt=high, high__gt=low))


def _by_string(type_name: str, *, criterion: Criterion, value: str, blind: BlindIndex) -> Q:
    searched = words(value)
    if not searched:
        raise BadSearch(f"{criterion.parameter} needs letters or digits, for example {criterion.parameter}=kov.")
    condition = Q()
    for word in searched:
        for kind, hashed in _hashes(criterion, word=word, blind=blind):
            rows = StringIndex.objects.filter(type=type_name, parameter=criterion.parameter, kind=kind, value=hashed)
            condition &= _within(rows)
    return condition


def _hashes(criterion: Criterion, *, word: str, blind: BlindIndex) -> Iterator[tuple[str, str]]:
    parameter = criterion.parameter
    match criterion.modifier:
        case "exact":
            yield "whole", blind.hashed(parameter, "whole", word)
        case "contains":
            if len(word) < 3:
                raise BadSearch(f"{parameter}:contains needs at least three letters.")
            yield from (("trigram", blind.hashed(parameter, "trigram", t)) for t in trigrams(word))
        case _:
            yield blind.prefix_hash(parameter, word)


def _verified(hits: QuerySet[Resource], *, criteria: Sequence[Criterion]) -> list[int]:
    pks = list(hits.order_by("pk").values_list("pk", flat=True)[: MAX_CANDIDATES + 1])
    _check_number(pks)
    keyring = Keyring()
    matching = {
        version.resource_id
        for version in _present(pks)
        if _is_met(loads(open_body(version, keyring=keyring)), criteria=criteria)
    }
    return [pk for pk in pks if pk in matching]


def _is_met(resource: dict[str, Any], *, criteria: Sequence[Criterion]) -> bool:
    return all(any(_is_value_met(resource, criterion=c, value=v) for v in c.values) for c in criteria)


def _is_value_met(resource: dict[str, Any], *, criterion: Criterion, value: str) -> bool:
    if criterion.kind == "birthdate":
        return _is_birth_met(str(resource.get("birthDate", "")), criterion=criterion, value=value)
    texts = texts_of(resource, parameter=criterion.parameter)
    if criterion.modifier == "exact":
        return value in texts
    present = [word for text in texts for word in words(text)]
    if criterion.modifier == "contains":
        return any(normalised(value) in normalised(text) for text in texts)
    return all(any(word.startswith(searched) for word in present) for searched in words(value))


def _is_birth_met(birth: str, *, criterion: Criterion, value: str) -> bool:
    prefix, low, high = _date_of(criterion.parameter, value=value)
    own = interval(birth)
    own_low, own_high = own.low, own.high
    inside = low <= own_low and own_high <= high
    return {
        "eq": inside,
        "ne": not inside,
        "gt": own_high > high,
        "lt": own_low < low,
        "ge": inside or own_high > high,
        "le": inside or own_low < low,
        "sa": own_low >= high,
        "eb": own_high <= low,
        "ap": own_low < high and own_high > low,
    }[prefix]


def _is_hashed_day(criterion: Criterion) -> bool:
    """Whole days of birth, asked for as equal, are found by their hash alone."""
    return all(len(value.removeprefix("eq")) == 10 for value in criterion.values)


def _date_of(parameter: str, *, value: str) -> tuple[str, datetime, datetime]:
    prefix = value[:2] if value[:2] in _PREFIXES else "eq"
    try:
        stretch = interval(value.removeprefix(prefix) if value[:2] == prefix else value)
    except NotADate as error:
        raise BadSearch(f"{parameter}: {error} For example {parameter}=ge2026-01-31.") from None
    return prefix, stretch.low, stretch.high
