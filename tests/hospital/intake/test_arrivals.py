"""A message that arrives alone is stored by the intake, or lies in quarantine, before anybody is told so."""

import random
from datetime import date

import pytest
from django.db import OperationalError

from wardround.hospital.intake import importing
from wardround.hospital.intake.errors import NeedsMapping
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.replaying import replay, undo_batch
from wardround.hospital.mllp import arrivals as arriving
from wardround.hospital.mllp.arrivals import Arrivals
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")


def admission(*, control="1", number="4711", family="Kovács"):
    header = f"MSH|^~\\&|LAB|A|EMR|B|20260203083000||ADT^A04|{control}|P|2.5.1|||||||UNICODE UTF-8"
    return f"{header}\rPID|1||{number}^^^^MR||{family}^Ilona||19630101|F\r".encode()


@pytest.fixture
def arrivals(db):
    return Arrivals(mapping_text="", by=BY)


def take(arrivals, content):
    return arrivals.take(content, file="MLLP from 127.0.0.1", position="connection 1, message 1")


def test_a_message_is_stored_and_audited_as_an_import_of_it_would_be(arrivals):
    result = take(arrivals, admission())
    arrivals.finish()

    assert result.verdict == "accepted"
    assert Resource.objects.filter(type="Patient").count() == 1
    batch = Batch.objects.get()
    assert (batch.format, batch.counts["messages"], batch.counts["created"]) == ("hl7v2", 1, 1)
    events = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"batch.start", "batch.finish"} <= events


def test_the_same_bytes_again_change_nothing_even_after_a_later_message(arrivals):
    for content in (admission(), admission(control="2", family="Nagy"), admission()):
        assert take(arrivals, content).verdict == "accepted"

    assert ResourceVersion.objects.filter(resource__type="Patient").count() == 2


def test_the_same_bytes_are_known_after_a_restart_too(arrivals):
    take(arrivals, admission())
    assert take(Arrivals(mapping_text="", by=BY), admission()).verdict == "accepted"

    assert ResourceVersion.objects.filter(resource__type="Patient").count() == 1


def test_a_refused_message_is_answered_with_its_number_in_quarantine_each_time(arrivals):
    first = take(arrivals, admission(number=""))
    again = take(arrivals, admission(number=""))

    item = QuarantineItem.objects.get()
    assert first == again
    assert first.verdict == "error"
    assert first.sentence == (
        f"Refused, and kept as number {item.pk} in quarantine. "
        "The message cannot be read: PID-3 holds no hospital number."
    )


def test_a_training_message_is_sent_back_and_not_kept(arrivals):
    result = take(arrivals, admission().replace(b"|P|2.5", b"|T|2.5"))

    assert (result.verdict, result.error) == ("rejected", "202")
    assert "training" in result.sentence
    assert not QuarantineItem.objects.exists()
    assert not Resource.objects.exists()


def test_what_a_steward_has_replayed_is_accepted_when_it_comes_again(arrivals):
    take(arrivals, admission(number=""))
    replay(QuarantineItem.objects.get().pk, by=BY, corrected=admission())

    assert take(arrivals, admission(number="")).verdict == "accepted"
    assert Resource.objects.filter(type="Patient").count() == 1


def test_a_frame_with_two_messages_or_none_lies_in_quarantine_whole(arrivals):
    for content in (admission() + admission(control="2"), b"no message"):
        assert take(arrivals, content).verdict == "error"

    assert QuarantineItem.objects.count() == 2
    assert not Resource.objects.exists()


@pytest.mark.parametrize("fault", [OperationalError("database is locked"), RuntimeError("Kovács")])
def test_what_could_not_be_committed_is_never_accepted_and_can_come_again(arrivals, monkeypatch, caplog, fault):
    def fail(*args, **options):
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(importing, "store_drafts", fail)
        result = take(arrivals, admission())

    assert (result.verdict, result.error) == ("rejected", "206" if isinstance(fault, OperationalError) else "207")
    assert "Kovács" not in caplog.text
    assert not Resource.objects.exists()
    assert take(arrivals, admission()).verdict == "accepted"
    arrivals.finish()
    assert Batch.objects.get().counts["messages"] == 1


def test_after_the_batch_was_undone_what_arrives_is_in_a_new_one(arrivals):
    take(arrivals, admission())
    undo_batch(Batch.objects.get().pk, by=BY)

    assert take(arrivals, admission()).verdict == "accepted"
    assert Batch.objects.filter(undone__isnull=True).count() == 1
    assert Resource.objects.filter(type="Patient", is_deleted=False).count() == 1


def test_each_day_has_a_batch_of_its_own(arrivals, monkeypatch):
    take(arrivals, admission())
    monkeypatch.setattr(arriving.timezone, "localdate", lambda: date(2030, 1, 1))
    take(arrivals, admission(control="2"))

    assert Batch.objects.count() == 2
    assert Batch.objects.filter(finished__isnull=False).count() == 1


def test_a_mapping_of_another_format_is_refused(db):
    with pytest.raises(NeedsMapping, match="hl7v2"):
        Arrivals(mapping_text='[source]\nname = "S"\nslug = "s"\nformat = "fhir"\n', by=BY)


def test_any_mutant_of_a_message_is_stored_or_in_quarantine(arrivals):
    dice = random.Random(20260203)
    bits = [
        b"|",
        b"^",
        b"~",
        b"\\",
        b"&",
        b"\r",
        b"\x00",
        b"\xff",
        b"MSH|",
        b"OBX|1|NM|",
        b'""',
        b"\\X",
        b"9" * 40,
        b"\x0b",
    ]
    for number in range(120):
        content = bytearray(admission(control=str(number)) + b"OBR|1\rOBX|1|NM|718-7^^LN||13.5|g/dL|||||F\r")
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(content))
            content[place : place + dice.choice([0, 0, 1, 9])] = dice.choice(bits)
        raw = bytes(content).replace(b"ADT^A04", dice.choice([b"ADT^A04", b"ORU^R01"]))
        assert take(arrivals, raw).verdict in ("accepted", "error"), raw
