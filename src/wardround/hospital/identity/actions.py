"""What a steward decides about two records: one person, two people, or that a merge was wrong. Each is in the audit trail."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.merges.models import Merge
from wardround.hospital.merges.queries import standing
from wardround.hospital.records.access import is_in_care_teams, patient_for, require
from wardround.hospital.records.actions.merging import merge_patients
from wardround.hospital.records.actions.unmerging import Separated, separate_patients
from wardround.hospital.records.errors import RecordError
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one


class NoSuchPair(RecordError):
    """There is no such pair, or it does not wait for this decision."""


def merge_pair(number: int, *, keep: str, by: object, reason: str = "") -> Merge:
    """Make the two one; `keep` is the id that stays. Raises `NotAllowed`, `NoSuchPair`, `NotMergeable`, `NotHere`."""
    actor = require(by, "quality")
    with transaction.atomic():
        hold_other_writers()
        pair = _waiting(number, by=actor)
        if keep not in {pair.one, pair.other}:
            raise NoSuchPair(f"Pair {number} is of {pair.one} and {pair.other}. Keep one of the two.")
        retired = pair.other if keep == pair.one else pair.one
        merge = merge_patients(retired, into=keep, by=actor, reason=reason)
        _decide(pair, state=CandidatePair.State.MERGED, by=actor, reason=reason, merge=merge)
        _follow(retired, keep)
    return merge


def tell_apart(number: int, *, by: object, reason: str = "") -> None:
    """These are two people; the pair is not shown again. Raises `NotAllowed` and `NoSuchPair`."""
    actor = require(by, "quality")
    with transaction.atomic():
        hold_other_writers()
        pair = _waiting(number, by=actor)
        _decide(pair, state=CandidatePair.State.DIFFERENT, by=actor, reason=reason)
        record_one(actor, "identity.different", what=str(pair), detail={"one": pair.one, "other": pair.other})


def undo_merge(number: int, *, by: object, reason: str = "") -> Separated:
    """Take the merge of this pair apart; the pair waits for a decision again.

    Raises `NotAllowed`, `NoSuchPair`, `NotHere`, `NotSeparable`.
    """
    actor = require(by, "quality")
    with transaction.atomic():
        hold_other_writers()
        pair = CandidatePair.objects.filter(pk=number).first()
        if pair is None or pair.merge_id is None:
            raise NoSuchPair(f"Pair {number} was not merged. `duplicates list --all` shows which were.")
        _pass_the_doors(pair, by=actor)
        return _separated(pair.merge_id, by=actor, reason=reason)


def undo_merges_of(batch: str, *, by: Actor) -> int:
    """Take apart what the messages of an import had merged, the last first. In the transaction that undoes the import."""
    must_be_in_transaction()
    merges = list(standing().filter(batch=batch).order_by("-merged", "-id").values_list("pk", flat=True))
    for merge_id in merges:
        _separated(merge_id, by=by, reason=f"Batch {batch} was undone.")
    return len(merges)


def note_merges(merges: Iterable[Merge], *, by: Actor) -> None:
    """Beside what messages merged: the pair as decided, so that a steward sees it and can take it apart."""
    must_be_in_transaction()
    for merge in merges:
        one, other = sorted((merge.retired, merge.survivor))
        pair, _is_new = CandidatePair.objects.get_or_create(
            one=one, other=other, defaults={"score": 1.0, "grade": "certain", "found": merge.merged}
        )
        _decide(pair, state=CandidatePair.State.MERGED, by=by, reason=merge.reason, merge=merge)
        _follow(merge.retired, merge.survivor)


def _separated(merge_id: str, *, by: Actor, reason: str) -> Separated:
    done = separate_patients(merge_id, by=by, reason=reason)
    pairs = CandidatePair.objects.filter(merge=merge_id)
    pairs.update(state=CandidatePair.State.OPEN, merge=None, decided=None, decided_by="", reason="")
    return done


def _waiting(number: int, *, by: Actor) -> CandidatePair:
    pair = CandidatePair.objects.filter(pk=number).first()
    if pair is None:
        raise NoSuchPair(f"There is no pair {number}. `duplicates list` shows those that wait.")
    _pass_the_doors(pair, by=by)
    if pair.state != CandidatePair.State.OPEN:
        raise NoSuchPair(f"Pair {number} was decided already: {pair.state}.")
    return pair


def _pass_the_doors(pair: CandidatePair, *, by: Actor) -> None:
    """Raises `NotThere` for a person who does not have both patients. Who acts for the hospital saw both side by side."""
    if is_in_care_teams(by):
        for patient_id in (pair.one, pair.other):
            patient_for(by, patient_id)


def _decide(pair: CandidatePair, *, state: str, by: Actor, reason: str, merge: Merge | None = None) -> None:
    pair.state, pair.merge = state, merge
    pair.decided, pair.decided_by, pair.reason = timezone.now(), by.name[:150], reason[:500]
    pair.save(update_fields=["state", "merge", "decided", "decided_by", "reason"])


def _follow(retired: str, survivor: str) -> None:
    """Who may be the retired one may be the survivor; the open pairs of a record that is no patient any more close."""
    for pair in CandidatePair.objects.filter(
        state=CandidatePair.State.OPEN, one=retired
    ) | CandidatePair.objects.filter(state=CandidatePair.State.OPEN, other=retired):
        third = pair.other if pair.one == retired else pair.one
        one, other = sorted((third, survivor))
        if not CandidatePair.objects.filter(one=one, other=other).exists() and one != other:
            CandidatePair.objects.create(one=one, other=other, score=pair.score, grade=pair.grade, found=pair.found)
        pair.delete()
