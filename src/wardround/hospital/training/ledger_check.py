"""The check of the whole ledger, as an act of its own: somebody asks for it, the worker looks at every signature, and
what it found is kept with the time and the name. It also pins the ledger: what is cut off later is missed by it."""

import logging
import threading
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from wardround.hospital.records.access import require
from wardround.hospital.training.ledger import Ledger, examine_ledger
from wardround.hospital.training.models import LedgerCheck
from wardround.web.audit.actor import system_actor
from wardround.web.audit.trail import record_one
from wardround.web.repeating import repeat_until_stopped

_LOOK_SECONDS = 0.5
_KEPT_PROBLEMS = 50
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LedgerStanding:
    """The check that is under way, the last that ended, and whether the ledger still begins with what that one saw."""

    under_way: LedgerCheck | None
    latest: LedgerCheck | None
    since: int  # receipts that came after the latest
    is_missed: bool  # what the latest saw is not there any more


def ask_check(*, by: object) -> LedgerCheck:
    """One check of every signature, for the worker to do; the one that is under way where there is one."""
    actor = require(by, "training")
    under_way = LedgerCheck.objects.filter(state__in=LedgerCheck.UNDER_WAY)
    if (found := under_way.first()) is not None:
        return found
    try:
        with transaction.atomic():
            record_one(actor, "ledger.check")
            return LedgerCheck.objects.create(asked=timezone.now(), asked_by=actor.name)
    except IntegrityError:  # somebody else asked in the same moment
        return under_way.get()


def check_waiting() -> int:
    """Do every check that waits; how many were done."""
    done = 0
    while (
        waiting := LedgerCheck.objects.filter(state=LedgerCheck.State.WAITING).order_by("asked").first()
    ) is not None:
        _check(waiting)
        done += 1
    return done


def check_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker. What a killed worker left is done again."""
    LedgerCheck.objects.filter(state=LedgerCheck.State.RUNNING).update(state=LedgerCheck.State.WAITING)
    repeat_until_stopped(stopping, check_waiting, seconds=_LOOK_SECONDS, what="A check of the ledger")


def standing_of(ledger: Ledger) -> LedgerStanding:
    """What is known of this ledger beyond its chain."""
    ended = LedgerCheck.objects.filter(state__in=(LedgerCheck.State.DONE, LedgerCheck.State.FAILED))
    latest = ended.order_by("-ended", "-id").first()
    seen = latest.receipts if latest else 0
    is_missed = bool(latest and seen) and (
        len(ledger.lines) < seen or ledger.lines[seen - 1].sha256 != (latest.head if latest else "")
    )
    return LedgerStanding(
        under_way=LedgerCheck.objects.filter(state__in=LedgerCheck.UNDER_WAY).first(),
        latest=latest,
        since=max(len(ledger.lines) - seen, 0),
        is_missed=is_missed,
    )


def _check(check: LedgerCheck) -> None:
    LedgerCheck.objects.filter(pk=check.pk).update(state=LedgerCheck.State.RUNNING)
    try:
        lines = examine_ledger(settings.HOME)
    except Exception as error:  # noqa: BLE001 - the worker goes on, and the page says that nothing was checked
        _log.error("The ledger could not be checked: %s", type(error).__name__)
        check.state, check.sentence = (
            LedgerCheck.State.FAILED,
            "The ledger could not be read; the worker's log says why.",
        )
    else:
        problems = [line.problem for line in lines if line.problem]
        check.state, check.receipts, check.wrong = LedgerCheck.State.DONE, len(lines), len(problems)
        check.problems, check.head = problems[:_KEPT_PROBLEMS], lines[-1].sha256 if lines else ""
    check.ended = timezone.now()
    with transaction.atomic():
        check.save()
        detail = {"asked_by": check.asked_by, "receipts": check.receipts, "wrong": check.wrong, "head": check.head}
        outcome = "done" if check.state == LedgerCheck.State.DONE and not check.wrong else "failed"
        record_one(system_actor("worker"), "ledger.checked", outcome=outcome, detail=detail)
