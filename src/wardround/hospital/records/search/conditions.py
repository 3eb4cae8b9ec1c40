"""From typed conditions to conditions on resource rows: one question to an index table for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Q, QuerySet

from wardround.hospital.records.access import records_for
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.indexing import BIRTH
from wardround.hospital.records.models import ReferenceIndex, Resource, StringIndex
from wardround.hospital.records.search import dates, references, strings
from wardround.hospital.records.search.composites import has_text
from wardround.hospital.records.search.index_rows import Rows, all_rows, rows_of
from wardround.hospital.records.search.query import (
    Chain,
    Condition,
    Criterion,
    InCompartment,
    Moment,
    ReadableBy,
    ReverseChain,
    Text,
    Token,
    Value,
)
from wardround.interchange.fhir.search_parameters import compartment_parameters

# Whose conditions leave the fewest rows, so that a search begins with them.
_SELECTIVE = ("reference", "string", "token", "composite", "uri", "quantity", "number", "date")
_COARSE = frozenset({"status", "category", "gender", "active", "class", "clinical-status", "verification-status"})

_FEW_OWNERS = 100  # so many charts have fewer rows than most codes

MatchingIds = Callable[[str, Condition], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Index rows with which a search may begin; `is_all` says that they meet the condition and need no other rows."""

    condition: Condition
    rows: Rows
    is_all: bool


class Conditions:
    """Compiles the conditions of one search.

    `matching_ids` answers for a chain's end whose text must be verified after decryption: it is searched first.
    `readable` also holds at every end of a chain: a ward would else tell whether somebody else's patient lies in it.
    """

    def __init__(
        self,
        types: tuple[str, ...],
        *,
        blind: BlindIndex,
        now: datetime,
        matching_ids: MatchingIds,
        readable: Sequence[ReadableBy] = (),
    ) -> None:
        self._types = types
        self._blind = blind
        self._now = now
        self._matching_ids = matching_ids
        self._readable = tuple(readable)
        self._owners: dict[Chain, list[str] | None] = {}

    def on_resources(self, conditions: Sequence[Condition], *, first: bool) -> QuerySet[Resource]:
        """The present resources of the types that meet all conditions.

        With `first` the most selective condition is asked as a list of rows to begin with, and the others of each row
        (EXISTS); without it all are asked of each row, which suits reading in an order that an index gives.
        """
        hits = Resource.objects.filter(is_deleted=False)
        if self._types:
            hits = hits.filter(type=self._types[0]) if len(self._types) == 1 else hits.filter(type__in=self._types)
        ordered = sorted(conditions, key=_rank)
        for number, condition in enumerate(ordered):
            hits = hits.filter(self.asked_of(condition, outer="pk", as_list=first and number == 0))
        return hits

    def asked_of(self, condition: Condition, *, outer: str, path: str = "", as_list: bool = False) -> Q:
        """One condition on the rows of a query; `outer` names its column of resource rows, `path` leads to them."""
        match condition:
            case Criterion():
                return self._criterion(condition, outer=outer, path=path, as_list=as_list)
            case Chain():
                return self._chain(condition, outer=outer, path=path, as_list=as_list)
            case ReverseChain():
                return self._reverse(condition, path=path)
            case InCompartment():
                return self._compartment(condition, path=path)
            case ReadableBy():
                return records_for(condition.actor, path=path, types=self._types)

    def beginnings(self, conditions: Sequence[Condition]) -> list[Beginning]:
        """The conditions that one index table answers, the likely most selective first: a search may begin with each."""
        found = []
        for condition in sorted(conditions, key=_rank):
            if not isinstance(condition, Criterion) or condition.modifier in {"not", "not-in", "missing"}:
                continue
            if self._on_the_row(condition, path="") is not None:
                continue
            if condition.parameter.type == "string":
                if len(condition.values) == 1:
                    rows = self._text_rows(condition, condition.values[0])
                    found.append(Beginning(condition, rows[0], is_all=len(rows) == 1))
                continue
            several = rows_of(condition, blind=self._blind, now=self._now)
            if len(several) == 1:
                found.append(Beginning(condition, several[0], is_all=True))
        return found

    def names_rows(self, conditions: Sequence[Condition]) -> bool:
        """Does a condition name resources or a chart outright, which leaves few rows?"""
        return any(
            isinstance(condition, InCompartment)
            or (isinstance(condition, Chain) and self._few_owners(condition) is not None)
            or (
                isinstance(condition, Criterion)
                and condition.name != "_lastUpdated"
                and condition.modifier == ""
                and self._on_the_row(condition, path="") is not None
            )
            for condition in conditions
        )

    def _criterion(self, criterion: Criterion, *, outer: str, path: str, as_list: bool) -> Q:
        own = self._on_the_row(criterion, path=path)
        if own is not None:
            return own
        if criterion.modifier == "missing":
            present = self._any(all_rows(criterion), outer=outer, as_list=False)
            return ~present if criterion.is_missing else present
        negated = criterion.modifier in {"not", "not-in"}
        if criterion.parameter.type == "string":
            return self._texts(criterion, outer=outer, as_list=as_list)
        met = self._any(
            rows_of(criterion, blind=self._blind, now=self._now), outer=outer, as_list=as_list and not negated
        )
        return ~met if negated else met

    def _on_the_row(self, criterion: Criterion, *, path: str) -> Q | None:
        """What the resource row itself answers; None when an index must be asked."""
        if criterion.name == "_id":
            ids = [value.code for value in criterion.values if isinstance(value, Token)]
            if criterion.modifier == "missing":
                return Q(**{f"{path}pk__in": ()}) if criterion.is_missing else Q()
            met = Q(**{f"{path}logical_id__in": sorted(set(ids))})
            return ~met if criterion.modifier == "not" else met
        if criterion.name == "_lastUpdated":
            if criterion.modifier == "missing":
                return Q(**{f"{path}pk__in": ()}) if criterion.is_missing else Q()
            rows = Q(**{f"{path}pk__in": ()})
            for value in criterion.values:
                if isinstance(value, Moment):
                    rows |= _instants(value, column=f"{path}last_updated", now=self._now)
            return rows
        if criterion.parameter.type == "reference" and not criterion.modifier:
            patients = references.patients_in(criterion)
            if (
                patients is not None
                and self._types
                and all(references.lies_in_chart_of(type_name, criterion.name) for type_name in self._types)
            ):
                return Q(**{f"{path}patient_id__in": sorted(set(patients))})
        return None

    def _texts(self, criterion: Criterion, *, outer: str, as_list: bool) -> Q:
        met = Q(pk__in=())
        for value in criterion.values:
            one = Q()
            for number, rows in enumerate(self._text_rows(criterion, value)):
                one &= self._any([rows], outer=outer, as_list=as_list and number == 0)
            met |= one
        return met

    def _text_rows(self, criterion: Criterion, value: Value) -> list[Rows]:
        """A candidate has a row of each."""
        text = value.text if isinstance(value, Text) else ""
        hashes = strings.hashes_of(criterion, text=text, blind=self._blind)
        return [Rows(StringIndex, Q(kind=kind, value=hashed), criterion.name) for kind, hashed in hashes]

    def _chain(self, chain: Chain, *, outer: str, path: str, as_list: bool) -> Q:
        owners = self._few_owners(chain)
        if owners is not None:
            return Q(**{f"{path}patient_id__in": owners})
        met = Q(pk__in=())
        for type_name, inner in chain.branches:
            ids = self._hits_of(type_name, inner).values("logical_id")
            if self._is_by_chart(chain, type_name):
                met |= Q(**{f"{path}patient_id__in": ids})
                continue
            rows = Rows(ReferenceIndex, Q(target_type=type_name, target_id__in=ids), chain.name)
            met |= self._any([rows], outer=outer, as_list=as_list)
        return met

    def _is_by_chart(self, chain: Chain, type_name: str) -> bool:
        """Does the row itself say whether it refers to this end of the chain?"""
        return (
            type_name == references.PATIENT
            and bool(self._types)
            and all(references.lies_in_chart_of(own, chain.name) for own in self._types)
        )

    def _few_owners(self, chain: Chain) -> list[str] | None:
        """The patients at the end of a chain, where only charts are meant and they are few: their charts are looked up."""
        if not all(self._is_by_chart(chain, type_name) for type_name, _inner in chain.branches):
            return None
        if chain not in self._owners:
            ids: set[str] = set()
            for type_name, inner in chain.branches:
                ids.update(self._hits_of(type_name, inner).values_list("logical_id", flat=True)[: _FEW_OWNERS + 1])
            self._owners[chain] = sorted(ids) if len(ids) <= _FEW_OWNERS else None
        return self._owners[chain]

    def _reverse(self, reverse: ReverseChain, *, path: str) -> Q:
        hits = self._hits_of(reverse.source, reverse.condition)
        if self._types == (references.PATIENT,) and references.lies_in_chart_of(reverse.source, reverse.parameter.code):
            return Q(**{f"{path}logical_id__in": hits.values("patient_id")})
        met = Q(pk__in=())
        for type_name in self._types:
            referring = ReferenceIndex.objects.filter(
                type=reverse.source,
                parameter=reverse.parameter.code,
                target_type=type_name,
                resource__in=hits.values("pk"),
            )
            met |= Q(**{f"{path}type": type_name, f"{path}logical_id__in": referring.values("target_id")})
        return met

    def _hits_of(self, type_name: str, inner: Condition) -> QuerySet[Resource]:
        """The resources at the other end; where text had to be verified, those that were."""
        if must_be_verified(inner):
            ids = sorted(self._matching_ids(type_name, inner))
            return Resource.objects.filter(type=type_name, is_deleted=False, logical_id__in=ids)
        return self._for(type_name).on_resources([inner, *self._readable], first=True)

    def _compartment(self, condition: InCompartment, *, path: str) -> Q:
        naming = Q(pk__in=())
        for type_name in self._types:
            if names := compartment_parameters(type_name):
                naming |= Q(type=type_name, parameter__in=names)
        rows = ReferenceIndex.objects.filter(naming, target_type=references.PATIENT, target_id=condition.patient_id)
        own = Q(**{f"{path}type": references.PATIENT, f"{path}logical_id": condition.patient_id})
        return own | Q(**{f"{path}pk__in": rows.values("resource")})

    def _for(self, type_name: str) -> "Conditions":
        return Conditions(
            (type_name,),
            blind=self._blind,
            now=self._now,
            matching_ids=self._matching_ids,
            readable=self._readable,
        )

    def _any(self, several: Sequence[Rows], *, outer: str, as_list: bool) -> Q:
        met = Q()
        for rows in several:
            if as_list and len(self._types) == 1:
                met |= Q(**{f"{outer}__in": rows.of_type(self._types[0]).values("resource")})
            else:
                met |= Q(Exists(rows.of_resource(outer)))
        return met


def must_be_verified(condition: Condition) -> bool:
    """Is a hit on the index only a candidate, so that the decrypted resource has the last word?"""
    if not isinstance(condition, Criterion) or condition.modifier == "missing":
        return False
    if condition.parameter.type == "string" or has_text(condition):
        return True
    return condition.name == BIRTH and condition.parameter.type == "date" and not dates.is_hashed_day(condition)


def _instants(value: Moment, *, column: str, now: datetime) -> Q:
    """A stored instant is a stretch of no length."""
    match value.prefix:
        case "eq":
            return Q(**{f"{column}__gte": value.low, f"{column}__lt": value.high})
        case "ne":
            return ~Q(**{f"{column}__gte": value.low, f"{column}__lt": value.high})
        case "gt" | "sa":
            return Q(**{f"{column}__gte": value.high})
        case "lt" | "eb":
            return Q(**{f"{column}__lt": value.low})
        case "ge":
            return Q(**{f"{column}__gte": value.low})
        case "le":
            return Q(**{f"{column}__lt": value.high})
        case "ap":
            earliest, latest = dates.around(value, now=now)
            return Q(**{f"{column}__gte": earliest, f"{column}__lt": latest})


def _rank(condition: Condition) -> tuple[int, int]:
    if isinstance(condition, InCompartment):
        return (0, 0)
    if isinstance(condition, ReadableBy):
        return (10, 0)
    if isinstance(condition, Chain | ReverseChain):
        return (2, 0)
    if condition.name == "_id":
        return (0, 0)
    if condition.modifier in {"not", "not-in", "missing"} or condition.name == "_lastUpdated":
        return (9, 0)
    if condition.parameter.type == "reference" or condition.name == "identifier":
        return (1, 0)
    return (3, _SELECTIVE.index(condition.parameter.type) * 2 + (9 if condition.name in _COARSE else 0))
