"""Whatever is done to the audit trail after the fact is seen."""

import pytest

from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent, AuditHead, AuditLink
from wardround.web.audit.sealing import seal_pending
from wardround.web.audit.trail import record_one
from wardround.web.audit.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail():
    for number in range(1, 7):
        record_one(system_actor("tests"), "patient.open", patient_id=f"p{number}")
        if number == 3:
            seal_pending()
    seal_pending()
    return list(AuditEvent.objects.order_by("id"))


def test_an_untouched_trail_is_whole(trail):
    verdict = verify()

    assert verdict.is_whole, verdict.problems
    assert (verdict.events, verdict.sealed) == (6, 6)


def test_an_unsealed_event_counts_and_is_authenticated(trail):
    record_one(system_actor("tests"), "patient.open", patient_id="p7")
    assert verify().is_whole

    AuditEvent.objects.filter(patient_id="p7").update(patient_id="p8")

    assert any("not yet sealed, was edited" in problem for problem in verify().problems)


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor_name", "somebody else"), ("patient_id", "p9"), ("outcome", "refused"), ("detail", {"to": "write"})],
)
def test_an_edited_event_is_named(trail, field, value):
    AuditEvent.objects.filter(pk=trail[1].pk).update(**{field: value})

    assert any(f"Event {trail[1].pk}, at place 2 of the chain, was edited" in problem for problem in verify().problems)


def test_a_deleted_event_is_named(trail):
    AuditEvent.objects.filter(pk=trail[2].pk).delete()

    assert any(f"Event {trail[2].pk}, at place 3" in problem and "deleted" in problem for problem in verify().problems)


def test_an_event_deleted_with_its_link_is_seen(trail):
    AuditEvent.objects.filter(pk=trail[2].pk).delete()
    AuditLink.objects.filter(position=3).delete()

    assert any("links were deleted" in problem for problem in verify().problems)


def test_two_events_that_changed_places_are_seen(trail):
    AuditLink.objects.filter(position=2).update(event_id=-1)
    AuditLink.objects.filter(position=4).update(event_id=trail[1].pk)
    AuditLink.objects.filter(position=2).update(event_id=trail[3].pk)

    assert any("reordered" in problem for problem in verify().problems)


def test_a_cut_off_end_is_seen_even_when_its_head_went_too(trail):
    AuditEvent.objects.filter(pk__gte=trail[3].pk).delete()
    AuditLink.objects.filter(position__gte=4).delete()
    AuditHead.objects.filter(position__gte=4).delete()

    assert any("cut off" in problem for problem in verify().problems)


def test_a_chain_that_was_rebuilt_is_not_the_one_that_was_signed(trail):
    AuditHead.objects.filter(position=6).update(hash=b"\x01" * 32)

    problems = verify().problems

    assert any("signature" in problem for problem in problems)
    assert any("not the one that was signed" in problem for problem in problems)


def test_a_lost_heads_file_is_seen(trail, settings):
    settings.HOME.receipts.joinpath("audit-heads.jsonl").unlink()

    assert any("is gone" in problem for problem in verify().problems)
