"""The one plain sentence of a run: what it waits for, which hospital is the problem and why, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wardround.coordinator.members.state import MemberLine
from wardround.coordinator.pages.times import ago, at
from wardround.coordinator.runs.orders import Order, RunOrders
from wardround.coordinator.runs.state import HospitalState, RunState
from wardround.federation.secure_sum.context import MINIMUM_HOSPITALS, required_threshold
from wardround.federation.summation import PATIENCE
from wardround.web.layout.said import said

# Phases of a sum that lack a hospital when it is late; the later ones need only as many as must stay.
_OF_ALL = frozenset({"", "advertise", "share", "mask"})
# A run that was asked for starts after this without hospitals that are not connected (leading/dispatch.py).
GATHER = timedelta(seconds=15)
_FRESH = timedelta(seconds=45)


@dataclass(frozen=True)
class Situation:
    """`headline` changes only when the matter changes, so it may be read aloud; `detail` may change with the clock."""

    tone: Literal["good", "caution", "stop", "plain"]
    headline: str
    detail: str = ""


@dataclass(frozen=True)
class Watched:
    """All that the sentence is made of."""

    state: RunState
    orders: RunOrders
    members: Mapping[str, MemberLine]
    waits_to_start: bool  # asked for, and not yet brought to the engine
    requested: datetime
    minimum: int
    now: datetime

    def title(self, name: str) -> str:
        return self.members[name].title if name in self.members else name

    def heard(self, hospital: HospitalState) -> datetime | None:
        """The last sign of life: an answer in this run, the engine's heartbeat, a signed request."""
        member = self.members.get(hospital.name)
        moments = [moment for moment in (hospital.heard, member.last_seen if member else None) if moment]
        return max(moments, default=None)


def situation(watched: Watched) -> Situation:
    """What the run waits for. The first that applies, the gravest first."""
    state, orders = watched.state, watched.orders
    if state.finished:
        return _ended(state)
    if orders.stop is not None:
        return Situation(
            "caution",
            _("%(who)s has ordered a stop.") % {"who": orders.stop.by},
            _("The run ends at its next safe point. Reason: %(reason)s") % {"reason": orders.stop.reason},
        )
    if orders.pause is not None:
        return _paused(watched, pause=orders.pause)
    if watched.waits_to_start:
        return _gathering(watched)
    if state.waiting_for:
        return _late(watched)
    if not state.led:
        return Situation("caution", _("Waiting for the engine."), _("The run is being started again."))
    return _at_work(watched)


def _ended(state: RunState) -> Situation:
    if state.succeeded:
        return Situation("good", _("The run is finished. Nothing is waited for."), said(state.outcome))
    return Situation("stop", _("The run ended without a model."), said(state.outcome))


def _paused(watched: Watched, *, pause: Order) -> Situation:
    state = watched.state
    said = {"who": pause.by, "reason": pause.reason, "time": at(pause.given), "round": state.round}
    if state.held is not None or watched.waits_to_start or not state.led:
        return Situation(
            "caution",
            _("Paused by %(who)s.") % said,
            _("Since %(time)s: %(reason)s No new round begins until the run is resumed.") % said,
        )
    return Situation(
        "caution",
        _("%(who)s has ordered a pause.") % said,
        _("Round %(round)d is finished first, then no new round begins. Reason: %(reason)s") % said,
    )


def _gathering(watched: Watched) -> Situation:
    names = [hospital.name for hospital in watched.state.hospitals]
    away = [name for name in names if not (name in watched.members and watched.members[name].connected)]
    if not away:
        return Situation("good", _("Nothing is waited for."), _("All hospitals are connected; the run is starting."))
    here = len(names) - len(away)
    if here < watched.minimum:
        then = ngettext(
            "%(here)d hospital is connected, and %(minimum)d must take part before the run can start.",
            "%(here)d hospitals are connected, and %(minimum)d must take part before the run can start.",
            here,
        ) % {"here": here, "minimum": watched.minimum}
    else:
        then = _("The run starts without it at %(time)s.") % {"time": at(watched.requested + GATHER)}
    return Situation("caution", _waiting_for(watched, away), " ".join([*_last_signs(watched, away), then]))


def _late(watched: Watched) -> Situation:
    names = [name for name in (watched.state.waiting_for or "").split(", ") if name]
    return Situation(
        "caution", _waiting_for(watched, names), " ".join([*_last_signs(watched, names), _then(watched, names)])
    )


def _then(watched: Watched, late: list[str]) -> str:
    """What the run does about whoever is late."""
    state = watched.state
    until = at(state.waits_until) if state.waits_until else ""
    if state.phase == "handing out":
        return _("The model is made; all others have it, and whoever is missing gets it when it is there again.")
    if state.step not in _OF_ALL:
        return (
            _("The round goes on without it at %(time)s.") % {"time": until}
            if until
            else _("The round goes on without it.")
        )
    roster = [hospital.name for hospital in state.hospitals if hospital.state not in ("away", "refused")]
    must_stay = max(MINIMUM_HOSPITALS, required_threshold(len(roster)))
    if state.phase != "statistics" and not state.may_shrink:
        return _(
            "The run waits for it: its roster may not shrink, because a sum over fewer hospitals would give its "
            "numbers away by difference."
        )
    if len(roster) - len(late) < must_stay:
        return _("The run waits for it: %(count)d hospitals must stay.") % {"count": must_stay}
    if not until:
        return _("The run goes on without it when it is started again.")
    tries = PATIENCE - (state.attempt - 1) % PATIENCE
    if tries <= 1:
        return _("The run goes on without it at %(time)s.") % {"time": until}
    return ngettext(
        "It is asked again at %(time)s; after %(tries)d more try the run goes on without it.",
        "It is asked again at %(time)s; after %(tries)d more tries the run goes on without it.",
        tries - 1,
    ) % {"time": until, "tries": tries - 1}


def _at_work(watched: Watched) -> Situation:
    state = watched.state
    refused = [hospital for hospital in state.hospitals if hospital.state == "refused"]
    working = len(state.hospitals) - len(refused) - sum(hospital.state == "away" for hospital in state.hospitals)
    detail = ngettext("%(count)d hospital takes part.", "%(count)d hospitals take part.", working) % {"count": working}
    without = [_("%(name)s has refused and is not in this run.") % {"name": watched.title(h.name)} for h in refused]
    return Situation("good", _("Nothing is waited for."), " ".join([detail, *without]))


def _waiting_for(watched: Watched, names: list[str]) -> str:
    return _("Waiting for %(names)s.") % {"names": ", ".join(watched.title(name) for name in names)}


def _last_signs(watched: Watched, names: list[str]) -> list[str]:
    hospitals = {hospital.name: hospital for hospital in watched.state.hospitals}
    return [_last_sign(watched, hospitals[name], alone=len(names) == 1) for name in names if name in hospitals]


def _last_sign(watched: Watched, hospital: HospitalState, *, alone: bool) -> str:
    heard = watched.heard(hospital)
    said = {"name": watched.title(hospital.name), "ago": ago(heard, now=watched.now) if heard else ""}
    if heard is None:
        return _("It was never heard of.") if alone else _("%(name)s was never heard of.") % said
    return _("Last heard %(ago)s.") % said if alone else _("%(name)s was last heard %(ago)s.") % said


def why_late(hospital: HospitalState, *, watched: Watched) -> str:
    """Why a hospital gives no answer, as far as a coordinator can tell: its machine is away, or it computes."""
    member = watched.members.get(hospital.name)
    if member is None or not member.connected or member.last_seen is None:
        return _("Its engine is not connected: the machine or the network there is down, or it was stopped.")
    if watched.now - member.last_seen > _FRESH:
        return _("No answer, and no heartbeat of its engine since %(time)s.") % {"time": at(member.last_seen)}
    return _("Its engine is connected, but no answer has come: it still computes, or it was restarted.")
