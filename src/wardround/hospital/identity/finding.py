"""Which of the stored patients may be one person: their keys, the pairs that share one, and how alike each pair is."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from django.db.models import Count, F

from wardround.clinical.identity import Likeness, Population, compare
from wardround.clinical.identity_odds import STARTING, Model
from wardround.clinical.person import Identity
from wardround.hospital.identity.blocking import changed_among, keys_of, sharers_of, write_keys
from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.identifying import identity_of
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion, StringIndex
from wardround.interchange.fhir.json import loads

EXPECTED = 0.05  # one patient in twenty is here twice: what registries without a common number report
_SLICE = 500
_MOST_KEPT = 20_000


@dataclass(frozen=True)
class Compared:
    """Two patients who share a key. `one` and `other` are ids, in their order."""

    one: str
    other: str
    likeness: Likeness


@dataclass(frozen=True)
class _Known:
    id: str
    identity: Identity


@dataclass
class Finder:
    """Finds pairs; make one for a task: it keeps what it opened, up to a bound, and how frequent a name is."""

    model: Model = field(default_factory=lambda: STARTING)
    compared: int = 0

    def __post_init__(self) -> None:
        self._blind, self._keyring = BlindIndex(), Keyring()
        self._known: dict[int, _Known] = {}
        self._names: dict[tuple[str, str], int] = {}

    @cached_property
    def _patients(self) -> int:
        return Resource.objects.filter(type="Patient", is_deleted=False).count()

    def index(self, pks: Sequence[int], *, new: Collection[int] = ()) -> dict[int, set[int]]:
        """Write the keys of these patients (resource rows), and return those that changed. In a transaction.

        `new` are those of them who cannot have any yet.
        """
        self._open(pks, anew=True)
        keys = self.keys(pks)
        changed = changed_among({pk: own for pk, own in keys.items() if pk not in new})
        write_keys(changed, instead_of=list(changed))
        first = {pk: own for pk, own in keys.items() if pk in new}
        write_keys(first)
        return changed | first

    def keys(self, pks: Sequence[int]) -> dict[int, set[int]]:
        """The keys of these patients, which were written before."""
        self._open(pks)
        return {pk: keys_of(self._known[pk].identity, blind=self._blind) for pk in pks if pk in self._known}

    def pairs(self, keys: dict[int, set[int]]) -> Iterator[Compared]:
        """Every pair of one of these patients and somebody who shares a key, compared; retired records are left out."""
        return self._compared(sorted(sharers_of(keys)))

    def by_chance(self, pks: Sequence[int]) -> Iterator[Compared]:
        """Pairs that nothing brought together: neighbours in an order that has to do with nothing that they state."""
        self._open(pks)
        here = [pk for pk in pks if pk in self._known]
        here.sort(key=lambda pk: self._blind.digest("by chance", self._known[pk].id))
        return self._compared(list(pairwise(here)))

    def _compared(self, pairs: Sequence[tuple[int, int]]) -> Iterator[Compared]:
        self._open({pk for pair in pairs for pk in pair})
        known = [(self._known[a], self._known[b]) for a, b in pairs if a in self._known and b in self._known]
        retired = survivors_of({one.id for pair in known for one in pair})
        known = [(a, b) for a, b in known if a.id not in retired and b.id not in retired]
        self._count_names(known)
        population = Population(max(self._patients, 2), expected=EXPECTED, names=self._names)
        for a, b in known:
            self.compared += 1
            one, other = sorted((a.id, b.id))
            yield Compared(one, other, compare(a.identity, b.identity, population=population, model=self.model))

    def _open(self, pks: Iterable[int], *, anew: bool = False) -> None:
        wanted = [pk for pk in dict.fromkeys(pks) if anew or pk not in self._known]
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
            wanted = list(dict.fromkeys(pks))
        for start in range(0, len(wanted), _SLICE):
            versions = ResourceVersion.objects.filter(
                resource__in=wanted[start : start + _SLICE], number=F("resource__version"), resource__is_deleted=False
            )
            for version in versions.select_related("resource__data_key"):
                resource = loads(open_body(version, keyring=self._keyring))
                self._known[version.resource_id] = _Known(version.resource.logical_id, identity_of(resource))

    def _usual(self, kind: str) -> int:
        return 1 + round(self.model[kind]["same"].u * self._patients)

    def _count_names(self, pairs: Iterable[tuple[_Known, _Known]]) -> None:
        """How many patients have the names in which these pairs agree; of a compound name, its rarest word."""
        asked: dict[tuple[str, str], list[str]] = {}
        for a, b in pairs:
            for kind, left, right in (
                ("family", a.identity.family, b.identity.family),
                ("given", a.identity.given[:1], b.identity.given[:1]),
            ):
                for name in set(left) & set(right):
                    if (kind, name) not in self._names:
                        asked[kind, name] = name.split()
        words = {(kind, word) for (kind, _name), own in asked.items() for word in own}
        hashes = {self._blind.hashed(kind, "whole", word): (kind, word) for kind, word in words}
        counts: Counter[tuple[str, str]] = Counter()
        order = sorted(hashes)
        for start in range(0, len(order), _SLICE):
            rows = StringIndex.objects.filter(
                type="Patient",
                parameter__in=["family", "given"],
                kind="whole",
                value__in=order[start : start + _SLICE],
            )
            for value, many in rows.values_list("value").annotate(many=Count("resource")):
                counts[hashes[value]] += many
        for (kind, name), own in asked.items():
            # A name that the index spells otherwise (O'Malley) counts as a usual one.
            self._names[kind, name] = min((counts[kind, word] for word in own), default=0) or self._usual(kind)
