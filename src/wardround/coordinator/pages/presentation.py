"""One run in the words and figures of its page; only what the coordinator may know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from wardround.coordinator.pages.round_chart import RoundChart, round_charts
from wardround.coordinator.pages.times import ago
from wardround.coordinator.pages.waiting import Situation, Watched, situation, why_late
from wardround.coordinator.runs.state import HospitalState, LogLine, RoundMetric, RunState
from wardround.coordinator.runs.steering import Command

FEWEST_SHOWN = 5

_CONDITIONS = {
    "waiting": (_("Not started"), ""),
    "working": (_("Working"), "working"),
    "answered": (_("Answered"), "good"),
    "silent": (_("Late"), "late"),
    "refused": (_("Refused"), "bad"),
    "away": (_("Left out"), "bad"),
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
    "ended": _("ended"),
}
_STEPS = {
    "advertise": _("keys"),
    "share": _("shares of keys"),
    "mask": _("masked numbers"),
    "consistency": _("signed list"),
    "unmask": _("opening the sum"),
}
_OTHER_STEPS = {"model": _("model")}


@dataclass(frozen=True)
class HospitalRow:
    """One hospital in the table of the present round."""

    name: str
    word: str
    tone: str  # class of the state: "", working, good, late, bad
    step: str
    since: datetime
    heard: datetime | None
    heard_ago: str
    reason: str
    messages: int
    size_up: str
    size_down: str


@dataclass(frozen=True)
class Step:
    """One phase of the secure sum: behind, at present, or still to come."""

    word: str
    place: str  # done, here, ahead


@dataclass(frozen=True)
class RunPage:
    """What the templates of the live page read."""

    state: RunState
    phase: str
    situation: Situation
    steps: tuple[Step, ...]
    hospitals: tuple[HospitalRow, ...]
    log: tuple[LogLine, ...]  # newest first
    latest: RoundMetric | None  # the last round that was evaluated
    charts: tuple[RoundChart, ...]
    patients: int | None  # None: not known yet, or under five
    patients_hidden: bool
    messages: int
    size_up: str
    size_down: str
    refusals: Mapping[Command, str]  # why an order cannot be given now; empty where it can


def run_page(watched: Watched, *, refusals: Mapping[Command, str]) -> RunPage:
    """The page of one run."""
    state = watched.state
    evaluated = [metric for metric in state.metrics if metric.auroc is not None]
    total = state.patients_total
    hidden = total is not None and total < FEWEST_SHOWN
    return RunPage(
        state=state,
        phase=str(_PHASES.get(state.phase, state.phase)),
        situation=situation(watched),
        steps=_steps(state),
        hospitals=tuple(_row(hospital, watched=watched) for hospital in state.hospitals),
        log=tuple(replace(line, who=watched.title(line.who)) for line in reversed(state.log)),
        latest=evaluated[-1] if evaluated else None,
        charts=round_charts(state.metrics),
        patients=None if hidden else total,
        patients_hidden=hidden,
        messages=sum(hospital.messages for hospital in state.hospitals),
        size_up=_size(sum(hospital.bytes_up for hospital in state.hospitals)),
        size_down=_size(sum(hospital.bytes_down for hospital in state.hospitals)),
        refusals=refusals,
    )


def _steps(state: RunState) -> tuple[Step, ...]:
    names = list(_STEPS)
    if state.finished or state.step not in names or state.phase not in ("statistics", "training"):
        return ()
    here = names.index(state.step)
    return tuple(
        Step(word=str(_STEPS[name]), place="here" if place == here else "done" if place < here else "ahead")
        for place, name in enumerate(names)
    )


def _row(hospital: HospitalState, *, watched: Watched) -> HospitalRow:
    word, tone = _CONDITIONS[hospital.state]
    heard = watched.heard(hospital)
    reason = hospital.reason
    if not reason and hospital.state == "silent":
        reason = why_late(hospital, watched=watched)
    return HospitalRow(
        name=watched.title(hospital.name),
        word=str(word),
        tone=tone,
        step=str((_STEPS | _OTHER_STEPS).get(hospital.step, "")),
        since=hospital.since,
        heard=heard,
        heard_ago=ago(heard, now=watched.now) if heard else "",
        reason=reason,
        messages=hospital.messages,
        size_up=_size(hospital.bytes_up),
        size_down=_size(hospital.bytes_down),
    )


def _size(count: int) -> str:
    return str(filesizeformat(count)).replace("\xa0", " ")
