"""One run in the words and figures of its page; only what the coordinator may know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from wardround.coordinator.runs.state import HospitalState, LogLine, RoundMetric, RunState

FEWEST_SHOWN = 5

_CONDITIONS = {
    "waiting": (_("Not started"), ""),
    "working": (_("Working"), "working"),
    "answered": (_("Answered"), "good"),
    "silent": (_("Late"), "late"),
    "refused": (_("Refused"), "bad"),
    "away": (_("Not connected"), "bad"),
    "finished": (_("Finished"), "good"),
}
_PHASES = {
    "waiting": _("waiting for hospitals"),
    "preparing": _("preparing"),
    "statistics": _("sums of counts and means"),
    "training": _("training"),
    "evaluation": _("evaluation"),
    "handing out": _("handing out the model"),
    "finished": _("finished"),
    "abandoned": _("abandoned"),
}


@dataclass(frozen=True)
class HospitalRow:
    """One hospital in the table of the present round."""

    name: str
    word: str
    tone: str  # class of the state: "", working, good, late, bad
    since: datetime
    reason: str


@dataclass(frozen=True)
class RunPage:
    """What the templates of the live page read."""

    state: RunState
    phase: str
    hospitals: tuple[HospitalRow, ...]
    waiting_for: str
    log: tuple[LogLine, ...]  # newest first
    latest: RoundMetric | None  # the last round that was evaluated
    patients: int | None  # None: not known yet, or under five
    patients_hidden: bool


def run_page(state: RunState, *, titles: Mapping[str, str]) -> RunPage:
    """The page of one run; `titles` has the hospitals' names as people know them, by their short names."""
    evaluated = [metric for metric in state.metrics if metric.auroc is not None]
    total = state.patients_total
    hidden = total is not None and total < FEWEST_SHOWN
    return RunPage(
        state=state,
        phase=str(_PHASES.get(state.phase, state.phase)),
        hospitals=tuple(_row(hospital, titles=titles) for hospital in state.hospitals),
        waiting_for=", ".join(titles.get(name, name) for name in (state.waiting_for or "").split(", ") if name),
        log=tuple(replace(line, who=titles.get(line.who, line.who)) for line in reversed(state.log)),
        latest=evaluated[-1] if evaluated else None,
        patients=None if hidden else total,
        patients_hidden=hidden,
    )


def _row(hospital: HospitalState, *, titles: Mapping[str, str]) -> HospitalRow:
    word, tone = _CONDITIONS[hospital.state]
    return HospitalRow(
        name=titles.get(hospital.name, hospital.name),
        word=str(word),
        tone=tone,
        since=hospital.since,
        reason=hospital.reason,
    )
