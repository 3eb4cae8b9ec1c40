"""What an operator may order of a run that goes on: pause, resume, close the round, stop. Each with a reason, each audited.

The order is written down at once and obeyed at the run's next safe point (federation/orders.py); the run's board says
when. What the protocol does not allow is refused here, with the reason.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wardround.coordinator.members.queries import members
from wardround.coordinator.runs.board import run_folder
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.runs.orders import BEFORE_THE_START, Order, RunOrders, read_orders, write_orders
from wardround.coordinator.runs.queries import NoSuchRunError, run_state
from wardround.coordinator.runs.state import RunState
from wardround.federation.secure_sum.context import MINIMUM_HOSPITALS, required_threshold
from wardround.web.accounts.models import User
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

Command = Literal["pause", "resume", "close", "stop"]
_LONGEST_REASON = 300
_OVER = frozenset({"handing out", "finished", "abandoned", "ended"})
# In these phases a sum lacks a hospital when it is late; later ones need the threshold only.
_OF_ALL = frozenset({"", "advertise", "share", "mask"})


class OrderRefusedError(Exception):
    """The order cannot be given now; the message says why, and what can be done instead."""


def order(run_id: str, command: Command, *, reason: str, by: Actor) -> None:
    """Give one order. Raises OrderRefusedError or NoSuchRunError."""
    try:
        _give(run_id, command, reason=_sentence(reason), by=by)
    except OrderRefusedError as refusal:
        detail = {"reason": reason[:_LONGEST_REASON], "refused": str(refusal)}
        record_one(by, f"run.{command}", outcome="refused", what=f"Run/{run_id[:64]}", detail=detail)
        raise


@transaction.atomic
def _give(run_id: str, command: Command, *, reason: str, by: Actor) -> None:
    # The lock on the row lets two operators order one after the other.
    run = Run.objects.select_for_update().filter(run_id=run_id).first()
    if run is None:
        raise NoSuchRunError(f"There is no run {run_id!r}.")
    folder = run_folder(settings.HOME, run_id)
    orders, state = read_orders(folder), run_state(run_id)
    if why_not := refusal(command, run=run, state=state, orders=orders):
        raise OrderRefusedError(why_not)
    given = Order(by=_known_as(by), reason=reason, given=timezone.now(), round=round_under_way(run, state=state))
    changed: dict[str, Order | None] = {"pause": None, "resume": given} if command == "resume" else {command: given}
    orders = replace(orders, **changed)
    record_one(by, f"run.{command}", what=f"Run/{run_id}", detail={"reason": reason, "round": state.round})
    write_orders(folder, orders)


def round_under_way(run: Run, *, state: RunState) -> int:
    """Which round an order finds: BEFORE_THE_START while the run waits for its hospitals to connect."""
    return BEFORE_THE_START if run.standing == Standing.REQUESTED else state.round


def refusal(command: Command, *, run: Run, state: RunState, orders: RunOrders) -> str:
    """Why this order cannot be given now; empty where it can."""
    if run.standing in (Standing.FINISHED, Standing.FAILED) or state.phase in ("finished", "abandoned"):
        return _("The run has ended.")
    if orders.stop is not None:
        return _("%(who)s has ordered a stop already; the run ends at its next safe point.") % {"who": orders.stop.by}
    return _REFUSALS[command](run, state, orders)


def _no_pause(_run: Run, state: RunState, orders: RunOrders) -> str:
    if orders.pause is not None:
        return _("%(who)s has paused the run already.") % {"who": orders.pause.by}
    return _("The training is over: there is no new round to hold back.") if state.phase in _OVER else ""


def _no_resume(_run: Run, _state: RunState, orders: RunOrders) -> str:
    return "" if orders.pause is not None else _("The run is not paused.")


def _no_stop(_run: Run, state: RunState, _orders: RunOrders) -> str:
    return _("It is too late to stop: the model is made and is being handed out.") if state.phase in _OVER else ""


def _no_close(run: Run, state: RunState, orders: RunOrders) -> str:
    if orders.close is not None and orders.close.round == round_under_way(run, state=state):
        return _("%(who)s has closed this round already.") % {"who": orders.close.by}
    if run.standing == Standing.REQUESTED:
        return _no_start_without(run)
    late = [name for name in (state.waiting_for or "").split(", ") if name]
    if not late:
        return _("Nobody is late: there is nothing to close.")
    if state.phase == "handing out" or state.step not in _OF_ALL:
        return ""
    if state.phase == "training" and not run.may_shrink:
        return _(
            "This run was started so that no hospital may be left out. A sum over fewer hospitals would give away the "
            "late one's numbers by difference. Wait for it, pause the run, or stop it."
        )
    roster = [hospital.name for hospital in state.hospitals if hospital.state not in ("away", "refused")]
    must_stay = max(MINIMUM_HOSPITALS, required_threshold(len(roster)))
    left = len(roster) - len(late)
    if left < must_stay:
        counts = {"must": must_stay, "left": left}
        return _("%(must)d hospitals must stay, and without the late ones there would be %(left)d.") % counts
    return ""


def _no_start_without(run: Run) -> str:
    here = [member.name for member in members() if member.connected and member.name in run.hospitals]
    if len(here) == len(run.hospitals):
        return _("Nobody is late: the run is about to start.")
    if len(here) < run.minimum:
        counts = {"must": run.minimum, "here": len(here)}
        return _("%(must)d hospitals must take part, and %(here)d are connected.") % counts
    return ""


_REFUSALS: dict[Command, Callable[[Run, RunState, RunOrders], str]] = {
    "pause": _no_pause,
    "resume": _no_resume,
    "close": _no_close,
    "stop": _no_stop,
}


def _sentence(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise OrderRefusedError(_("Give the reason in a few words; your colleagues and the auditor will read it."))
    if len(text) > _LONGEST_REASON:
        raise OrderRefusedError(_("A reason has at most %(count)d characters.") % {"count": _LONGEST_REASON})
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _known_as(by: Actor) -> str:
    user = User.objects.filter(username=by.name).first() if by.kind == "user" else None
    return str(user) if user else by.name
