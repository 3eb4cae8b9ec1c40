"""What left this hospital: every message with its receipt; what the page says was checked was checked, and nothing else."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from wardround.federation import receipts as receipts_of
from wardround.federation.messages import encode
from wardround.federation.receipts import Receipts
from wardround.hospital.training.ledger import ledger_path
from wardround.hospital.training.ledger_check import check_waiting
from wardround.hospital.training.models import LedgerCheck
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(settings):
    path = ledger_path(settings.HOME)
    path.unlink(missing_ok=True)
    receipts, identity = Receipts(path, identity=settings.HOME.identity_key()), settings.HOME.identity_key()

    def leave(kind: str, **fields: object) -> None:
        which = {"study": "a" * 64, "run": "run-1", **fields}
        receipts.record(encode(kind, which, identity=identity), time=datetime(2026, 11, 24, 9, 30, tzinfo=UTC))

    yield leave
    path.unlink(missing_ok=True)


@pytest.fixture
def verified(monkeypatch) -> list[int]:
    """The numbers of the receipts whose signatures were looked at."""
    numbers: list[int] = []
    verify = receipts_of._verified

    def counting(line, *, number, identity):
        numbers.append(number)
        return verify(line, number=number, identity=identity)

    monkeypatch.setattr(receipts_of, "_verified", counting)
    return numbers


def masked(leave, *, words: bytes = b"\x11\x22" * 16) -> None:
    leave(
        "masked", purpose="fit", round=1, attempt=0, session="b" * 64, participants=["budapest", "zurich"], words=words
    )


def altered(path, *, place: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    lines[place - 1] = lines[place - 1].replace(b'"round":1', b'"round":2')
    path.write_bytes(b"".join(lines))


def forged(path, *, place: int, settings) -> None:
    """A receipt of another key in the middle, and a chain that was made anew behind it by whoever has this hospital's key."""
    lines = path.read_bytes().splitlines(keepends=True)
    identity = settings.HOME.identity_key()
    document = json.loads(lines[place - 1])
    document["signature"] = "00" * 64
    lines[place - 1] = receipts_of.canonical(document) + b"\n"
    for at in range(place, len(lines)):
        body = json.loads(lines[at])["receipt"]
        body["previous"] = receipts_of.hashlib.sha256(lines[at - 1]).hexdigest()
        signature = identity.sign(receipts_of._LABEL + receipts_of.canonical(body)).hex()
        lines[at] = receipts_of.canonical({"receipt": body, "signature": signature}) + b"\n"
    path.write_bytes(b"".join(lines))


class TestThePage:
    def test_masked_numbers_are_shown_as_what_they_are(self, administrator, ledger):
        masked(ledger)
        text = administrator.get(reverse("what-left")).content.decode()

        assert "4 words, masked" in text
        assert "1122 1122" in text
        assert "the chain is whole" in text

    def test_the_sentence_of_a_refusal_is_shown(self, administrator, ledger):
        ledger("refusal", sentence="This hospital has too few patients.")

        assert "This hospital has too few patients." in administrator.get(reverse("what-left")).content.decode()

    def test_it_is_narrowed_by_kind_and_exported_as_json_lines(self, administrator, ledger):
        masked(ledger)
        ledger("refusal", sentence="No.")
        asked = urlencode({"kind": "refusal"})
        lines = administrator.get(f"{reverse('what-left-export')}?{asked}").content.decode().splitlines()

        assert [json.loads(line)["receipt"]["kind"] for line in lines] == ["refusal"]
        assert AuditEvent.objects.filter(action="ledger.export").count() == 1

    def test_a_tampered_receipt_is_shown_as_such_also_after_the_ledger_was_examined(
        self, administrator, ledger, settings
    ):
        for _ in range(3):
            masked(ledger)
        assert "Tampered with" not in administrator.get(reverse("what-left")).content.decode()
        path = ledger_path(settings.HOME)
        lines = path.read_bytes().splitlines(keepends=True)
        lines[1] = lines[1].replace(b'"round":1', b'"round":2')
        path.write_bytes(b"".join(lines))

        text = administrator.get(reverse("what-left")).content.decode()

        assert "The ledger was tampered with: 1 receipt cannot be relied on." in text
        assert "Receipt 2 was altered after this hospital signed it." in text
        assert text.count("Signed, in its place") == 2

    def test_a_removed_receipt_is_told(self, administrator, ledger, settings):
        for _ in range(3):
            masked(ledger)
        path = ledger_path(settings.HOME)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(lines[0] + lines[2])

        assert "a line was removed, added or moved" in administrator.get(reverse("what-left")).content.decode()

    def test_a_long_ledger_is_paged(self, administrator, ledger):
        for _ in range(60):
            masked(ledger)
        text = administrator.get(reverse("what-left")).content.decode()

        assert text.count("<details>") >= 50
        assert "Next page" in text
        assert text.count("Signed, in its place") == 50


class TestOnlyWhatIsShownIsChecked:
    def test_a_view_looks_at_the_signatures_of_its_rows_and_of_the_last_line(self, administrator, ledger, verified):
        for _ in range(120):
            masked(ledger)

        text = administrator.get(reverse("what-left") + "?start=50").content.decode()

        assert sorted(verified) == [*range(21, 71), 120]
        assert "In this view the signatures of the 50 receipts shown were checked." in text
        assert "120 receipts: the chain is whole, and this hospital's signature closes it." in text

    def test_a_line_that_is_not_shown_cannot_be_altered_unseen(self, administrator, ledger, settings):
        for _ in range(60):
            masked(ledger)
        altered(ledger_path(settings.HOME), place=3)

        text = administrator.get(reverse("what-left")).content.decode()

        assert "The ledger was tampered with: 1 receipt cannot be relied on." in text
        assert "Receipt 3 was altered after this hospital signed it." in text

    def test_nor_can_the_last_one(self, administrator, ledger, settings):
        for _ in range(3):
            masked(ledger)
        altered(ledger_path(settings.HOME), place=3)

        assert "Receipt 3 was altered" in administrator.get(reverse("what-left")).content.decode()

    def test_a_receipt_that_was_never_rightly_signed_is_found_where_it_is_shown_and_by_the_whole_check(
        self, administrator, ledger, settings
    ):
        for _ in range(60):
            masked(ledger)
        forged(ledger_path(settings.HOME), place=4, settings=settings)

        first = administrator.get(reverse("what-left")).content.decode()
        second = administrator.get(reverse("what-left") + "?start=50").content.decode()
        administrator.post(reverse("what-left-check"))
        check_waiting()
        after = administrator.get(reverse("what-left")).content.decode()

        assert "Receipt 4" not in first
        assert "every signature" not in first.lower().replace(">every signature<", "")
        assert "Receipt 4 was altered after this hospital signed it." in second
        assert second.count("Tampered with") == 1
        assert "1 of 60 receipts cannot be relied on." in after

    def test_an_export_is_checked_line_by_line(self, administrator, ledger, settings, verified):
        for _ in range(60):
            masked(ledger)

        administrator.get(reverse("what-left-export"))

        assert sorted(verified) == list(range(1, 61))


class TestTheWholeCheck:
    def test_it_is_asked_for_once_done_by_the_worker_and_kept_with_time_and_name(
        self, administrator, stranger, ledger, verified
    ):
        for _ in range(3):
            masked(ledger)
        for _ in range(2):
            administrator.post(reverse("what-left-check"))
        text = administrator.get(reverse("what-left")).content.decode()
        assert "It waits for the worker." in text
        assert "Check all" not in text
        verified.clear()

        assert check_waiting() == 1

        assert verified == [1, 2, 3]
        found = LedgerCheck.objects.get()
        assert (found.state, found.receipts, found.wrong, found.asked_by) == ("done", 3, 0, stranger.username)
        text = administrator.get(reverse("what-left-check-state")).content.decode()
        assert "3 receipts, every signature this hospital's" in text
        assert f"asked for by {stranger.username}" in text
        assert AuditEvent.objects.filter(action="ledger.check", actor_name=stranger.username).count() == 1
        assert AuditEvent.objects.get(action="ledger.checked").detail["receipts"] == 3

    def test_what_came_since_is_not_in_it(self, administrator, ledger):
        masked(ledger)
        administrator.post(reverse("what-left-check"))
        check_waiting()
        masked(ledger)

        assert "1 receipt came since and is not in it." in administrator.get(reverse("what-left")).content.decode()

    def test_receipts_that_are_cut_off_after_it_are_missed(self, administrator, ledger, settings):
        for _ in range(3):
            masked(ledger)
        administrator.post(reverse("what-left-check"))
        check_waiting()
        path = ledger_path(settings.HOME)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))

        text = administrator.get(reverse("what-left")).content.decode()

        assert "The ledger does not begin any more with the 3 receipts that were checked" in text
        assert "the chain is whole" not in text

    def test_a_worker_that_was_killed_does_it_again(self, ledger, db):
        import threading

        from wardround.hospital.training.ledger_check import check_until_stopped

        LedgerCheck.objects.create(state="running", asked=datetime(2026, 11, 24, tzinfo=UTC), asked_by="a.novak")
        stopped = threading.Event()
        stopped.set()

        check_until_stopped(stopped)

        assert LedgerCheck.objects.get().state == "waiting"
