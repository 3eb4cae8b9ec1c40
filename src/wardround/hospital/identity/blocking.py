"""The keys under which a patient is looked for among all others, so that not everybody is compared with everybody.

A key hashes several things that are stated together, in one spelling, so that few patients share it by chance and each kind of
slip leaves at least one key whole. A key that too many share (a frequent name on its own) is not followed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from django.db.models import Count

from wardround.clinical.person import Identity
from wardround.hospital.identity.models import BlockKey
from wardround.hospital.records.blind_index import BlindIndex
from wardround.web.many_rows import insert_many

MOST_SHARED = 60
_SLICE = 500
_MOST_NAMES = 4


def keys_of(identity: Identity, *, blind: BlindIndex) -> set[int]:
    """The keys of one patient, 63 bits each."""
    return {int.from_bytes(blind.digest("block", *parts)[:8], "big") >> 1 for parts in _parts(identity)}


def _parts(identity: Identity) -> Iterator[tuple[str, ...]]:
    family = list(dict.fromkeys(word for name in identity.family for word in name.split()))[:_MOST_NAMES]
    given = list(identity.given[:_MOST_NAMES])
    yield from _reached_by(identity)
    yield from _named(identity, family=family, given=given)
    yield from _at_home(identity, words={*family, *given})


def _reached_by(identity: Identity) -> Iterator[tuple[str, ...]]:
    for system, value in identity.numbers:
        # Without a system, "1" would be a number of half of the hospital.
        if system and len(value) > 4:
            yield "number", value
    yield from (("phone", phone) for phone in identity.phones)
    yield from (("email", email) for email in identity.emails)


def _named(identity: Identity, *, family: list[str], given: list[str]) -> Iterator[tuple[str, ...]]:
    year, day = identity.birth[:4], identity.birth[5:] if len(identity.birth) == 10 else ""
    if day:
        # Day and month swapped are one key; so that it stays small in a large hospital, with a name's first letter.
        together = (year, *sorted(day.split("-")))
        yield from (("birth", *together, letter) for letter in {word[0] for word in (*family, *given)})
    # In the order of the alphabet: a given name in the family's place gives the same key.
    for pair in {tuple(sorted(pair)) for pair in product(family, given) if pair[0] != pair[1]}:
        yield "names", *pair
        if year:
            yield "names and year", *pair, year
        if day:
            yield "names and day", *pair, day


def _at_home(identity: Identity, *, words: Collection[str]) -> Iterator[tuple[str, ...]]:
    for address in identity.addresses:
        place = address.postcode or address.city
        if place and address.street:
            yield "address", address.street, place
        if place and identity.birth:
            yield from (("name, place and year", word, place, identity.birth[:4]) for word in words)


def write_keys(keys: Mapping[int, Collection[int]], *, instead_of: Sequence[int] = ()) -> None:
    """Write the keys of these patients (by resource row); those of the patients `instead_of` go. In a transaction."""
    for start in range(0, len(instead_of), _SLICE):
        BlockKey.objects.filter(patient__in=instead_of[start : start + _SLICE]).delete()
    rows = [(key, pk) for pk, own in keys.items() for key in own]
    insert_many(BlockKey, columns=("key", "patient_id"), rows=rows)


def changed_among(keys: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """Those of these patients whose keys are not the ones that they have: a patient who says the same again is not looked for."""
    stored: dict[int, set[int]] = {}
    pks = list(keys)
    for start in range(0, len(pks), _SLICE):
        rows = BlockKey.objects.filter(patient__in=pks[start : start + _SLICE])
        for pk, key in rows.values_list("patient_id", "key"):
            stored.setdefault(pk, set()).add(key)
    return {pk: set(own) for pk, own in keys.items() if stored.get(pk) != set(own)}


def sharers_of(keys: Mapping[int, Collection[int]]) -> set[tuple[int, int]]:
    """Pairs of rows (the smaller first) of these patients and whoever shares a key with one; keys are written before."""
    holders: dict[int, list[int]] = {}
    for pk, own in keys.items():
        for key in own:
            holders.setdefault(key, []).append(pk)
    order = sorted(holders)
    pairs: set[tuple[int, int]] = set()
    for start in range(0, len(order), _SLICE):
        rows = BlockKey.objects.filter(key__in=order[start : start + _SLICE])
        counted = rows.values("key").annotate(many=Count("patient")).filter(many__gt=1, many__lte=MOST_SHARED)
        shared = list(counted.values_list("key", flat=True))
        for key, other in BlockKey.objects.filter(key__in=shared).values_list("key", "patient_id"):
            pairs.update((min(pk, other), max(pk, other)) for pk in holders[key] if pk != other)
    return pairs
