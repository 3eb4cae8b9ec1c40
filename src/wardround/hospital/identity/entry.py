"""At entry: a patient who was stored just now is looked for among all others, and a pair that looks alike waits for a steward."""

import logging
from collections.abc import Iterable, Sequence

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from wardround.hospital.identity.finding import Compared, Finder
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.models import Resource
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one

# At entry and in batches alike; what is less likely is worth nobody's time.
KEPT = frozenset({"certain", "probable"})


def look_for_duplicates(stored: Iterable[Stored], *, by: Actor) -> int:
    """Note which of these patients may be here under another id too; how many pairs are new. Nothing is merged.

    In the transaction that stored them, or after it. What it costs is bounded: a few keys for each patient, a key that many
    share is not followed, and a patient who states the same again is not looked for.
    """
    versions = {
        one.logical_id: one.version for one in stored if one.type == "Patient" and one.change in {"created", "updated"}
    }
    if not versions:
        return 0
    with transaction.atomic():
        hold_other_writers()
        rows = Resource.objects.filter(type="Patient", logical_id__in=versions, is_deleted=False)
        ids = dict(rows.values_list("pk", "logical_id"))
        finder = Finder()
        keys = finder.index(list(ids), new={pk for pk, logical_id in ids.items() if versions[logical_id] == 1})
        if not keys:
            return 0
        alike = [pair for pair in finder.pairs(keys) if pair.likeness.grade in KEPT]
        new = keep_pairs(alike, about={ids[pk] for pk in keys})
        if new:
            record_one(by, "identity.found", detail={"pairs": new})
    return new


def look_after_storing(stored: Stored, *, by: Actor) -> None:
    """The same for one patient whose transaction is over. Where the database is busy, the next search finds the pair."""
    try:
        look_for_duplicates([stored], by=by)
    except OperationalError:
        logging.getLogger(__name__).warning("The database was busy; a patient is compared at the next search.")


def keep_pairs(alike: Sequence[Compared], *, about: set[str]) -> int:
    """Open these pairs; an open pair with one of the patients `about` that is not among them looks alike no more."""
    must_be_in_transaction()
    now = timezone.now()
    concerned = CandidatePair.objects.filter(Q(one__in=about) | Q(other__in=about))
    known = {(pair.one, pair.other): pair for pair in concerned}
    found = {(pair.one, pair.other): pair for pair in alike}
    gone = [pair.pk for key, pair in known.items() if key not in found and pair.state == CandidatePair.State.OPEN]
    if gone:
        CandidatePair.objects.filter(pk__in=gone).delete()
    changed = []
    for key, pair in known.items():
        if key in found and pair.state == CandidatePair.State.OPEN:
            pair.score, pair.grade = found[key].likeness.score, found[key].likeness.grade
            changed.append(pair)
    CandidatePair.objects.bulk_update(changed, ["score", "grade"])
    new = [
        CandidatePair(one=key[0], other=key[1], score=pair.likeness.score, grade=pair.likeness.grade, found=now)
        for key, pair in found.items()
        if key not in known
    ]
    CandidatePair.objects.bulk_create(new)
    return len(new)
