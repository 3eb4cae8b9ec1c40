"""Through the whole store: every patient's keys made anew, and every pair that looks alike opened for a steward."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction

from wardround.clinical.identity_estimation import Seen, estimate
from wardround.clinical.identity_odds import STARTING, Model
from wardround.hospital.identity.entry import KEPT, keep_pairs
from wardround.hospital.identity.finding import Compared, Finder
from wardround.hospital.records.access import require
from wardround.hospital.records.models import Resource
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.web.audit.trail import record_one

SLICE = 500
_STRENGTH = 1_000  # so many pairs' worth of evidence the starting weights are beside a hospital's own


@dataclass(frozen=True)
class Searched:
    """What a search through the store did."""

    patients: int
    compared: int
    found: int  # pairs that look alike, also those that were known or are decided
    new: int
    estimated: bool


def search_everybody(
    by: object, *, estimating: bool = False, on_progress: Callable[[int, int], None] | None = None
) -> Searched:
    """Find every pair. Slice by slice, each whole or not at all; what was interrupted is found again when repeated.

    `estimating`: the weights are first fitted to this hospital's own pairs. Raises `NotAllowed`.
    """
    actor = require(by, "quality")
    total = Resource.objects.filter(type="Patient", is_deleted=False).count()
    finder = Finder()
    for done, pks in _slices():
        with transaction.atomic():
            hold_other_writers()
            finder.index(pks)
        if on_progress:
            on_progress(done, 2 * total)
    if estimating:
        finder.model = _estimated(finder)
    compared = found = new = 0
    for done, pks in _slices():
        with transaction.atomic():
            hold_other_writers()
            ids = set(Resource.objects.filter(pk__in=pks).values_list("logical_id", flat=True))
            pairs = list(finder.pairs(finder.keys(pks)))
            alike = [pair for pair in pairs if pair.likeness.grade in KEPT]
            new += keep_pairs(alike, about=ids)
        # A pair stands in the slices of both of its patients; it counts in that of its first.
        compared += sum(pair.one in ids for pair in pairs)
        found += sum(pair.one in ids for pair in alike)
        if on_progress:
            on_progress(total + done, 2 * total)
    with transaction.atomic():
        record_one(actor, "identity.search", detail={"patients": total, "found": found, "new": new})
    return Searched(patients=total, compared=compared, found=found, new=new, estimated=estimating)


def _slices() -> Iterator[tuple[int, list[int]]]:
    after = done = 0
    while True:
        rows = Resource.objects.filter(type="Patient", is_deleted=False, pk__gt=after).order_by("pk")
        pks = list(rows.values_list("pk", flat=True)[:SLICE])
        if not pks:
            return
        after, done = pks[-1], done + len(pks)
        yield done, pks


def _estimated(finder: Finder) -> Model:
    """The weights of this hospital's own pairs, near the starting ones where it has few."""
    blocked: Counter[Seen] = Counter()
    chance: Counter[Seen] = Counter()
    for _done, pks in _slices():
        for pair in finder.pairs(finder.keys(pks)):
            # A namesake with another given name is mostly a relative: not what independent fields can tell from one person.
            if pair.likeness.pattern.get("given") != "different":
                blocked[_seen(pair)] += 1
        for pair in finder.by_chance(pks):
            chance[_seen(pair)] += 1
    return estimate(blocked, start=STARTING, random=chance, strength=_STRENGTH)[0]


def _seen(pair: Compared) -> Seen:
    return frozenset(pair.likeness.pattern.items())
