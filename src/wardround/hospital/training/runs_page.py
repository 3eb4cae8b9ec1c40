"""The runs this hospital takes part in: what its part is doing now, and how earlier ones ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from wardround.federation.receipts import Receipt
from wardround.hospital.records.access import require
from wardround.hospital.training.ledger import follow_ledger
from wardround.hospital.training.models import ApprovedStudy, LocalModel, RunRecord
from wardround.hospital.training.queries import federation, published
from wardround.hospital.training.run_now import RunNow, runs_now
from wardround.web.processes import running


@dataclass(frozen=True)
class LiveRun:
    """A run whose worker lives here. `others`: the hospitals that are awaited while this one waits, by their titles."""

    now: RunNow
    study: ApprovedStudy | None
    rounds: int | None  # at most
    others: tuple[str, ...]


@dataclass(frozen=True)
class PastRun:
    """A run that is over here; `model` is what this hospital made of it, `sentence` why it stopped, where it did."""

    run: str
    study: ApprovedStudy | None
    began: datetime | None
    ended: datetime | None
    rounds: int
    messages: int
    size: int
    model: LocalModel | None
    arrived: bool
    sentence: str
    state: str  # as its worker wrote it last; empty where it wrote nothing


@dataclass(frozen=True)
class RunsPage:
    """`is_served`: the hospital's engine client runs, so it waits for the coordinator."""

    is_joined: bool
    is_served: bool
    coordinator: str
    live: tuple[LiveRun, ...]
    past: tuple[PastRun, ...]


def runs_page(by: object) -> RunsPage:
    """Raises NotAllowed."""
    require(by, "training")
    studies = {study.hash: study for study in ApprovedStudy.objects.all()}
    written = runs_now(settings.HOME)
    live = [now for now in written if not now.is_over]
    found = federation()
    return RunsPage(
        is_joined=found is not None and found.joined is not None,
        is_served=running(settings.HOME, name="engine") is not None,
        coordinator=found.coordinator if found else "",
        live=tuple(_live(now, studies.get(now.study)) for now in live),
        past=_past(written, live={now.run for now in live}, studies=studies),
    )


def _live(now: RunNow, study: ApprovedStudy | None) -> LiveRun:
    if study is None:
        return LiveRun(now, None, None, now.roster)
    found = published(study)
    titles = {peer.name: peer.title for peer in found.roster}
    me = federation()
    others = tuple(titles.get(name, name) for name in now.roster or titles if me is None or name != me.hospital)
    return LiveRun(now, study, found.study.training.rounds, others)


def _past(written: Iterable[RunNow], *, live: set[str], studies: dict[str, ApprovedStudy]) -> tuple[PastRun, ...]:
    """What the ledger, the arrived models and the workers' own files say, put together by the run's name."""
    receipts: dict[str, list[Receipt]] = {}
    for line in follow_ledger(settings.HOME).lines:
        if line.receipt and line.receipt.run:
            receipts.setdefault(line.receipt.run, []).append(line.receipt)
    arrived = {record.run_id: record for record in RunRecord.objects.select_related("study")}
    models = {model.run.run_id: model for model in _models() if model.run}
    states = {now.run: now for now in written}
    names = {*receipts, *arrived, *states} - live
    runs = [
        _over(name, receipts.get(name, []), arrived.get(name), models.get(name), states.get(name), studies)
        for name in names
    ]
    return tuple(sorted(runs, key=lambda run: run.ended.isoformat() if run.ended else "", reverse=True))


def _over(
    name: str,
    left: list[Receipt],
    record: RunRecord | None,
    model: LocalModel | None,
    state: RunNow | None,
    studies: dict[str, ApprovedStudy],
) -> PastRun:
    study = record.study if record else studies.get(left[0].study if left else state.study if state else "")
    times = [datetime.fromisoformat(receipt.time) for receipt in left]
    return PastRun(
        run=name,
        study=study,
        began=min(times) if times else state.started_at if state else None,
        ended=max(times) if times else record.received if record else state.since_at if state else None,
        rounds=max((receipt.round or 0 for receipt in left), default=0),
        messages=len(left),
        size=sum(receipt.size for receipt in left),
        model=model,
        arrived=record is not None or any(receipt.kind == "model received" for receipt in left),
        sentence=state.sentence if state else "",
        state=state.state if state else "",
    )


def _models() -> Iterable[LocalModel]:
    """Of each run the one model that was chosen: in use ones last, so that they count."""
    return LocalModel.objects.exclude(run=None).select_related("run").order_by("is_current", "made")
