"""The command `wardround coordinator steer`: pause, resume, close the round or stop, as on the run's page."""

from enum import StrEnum
from typing import Annotated

import typer

from wardround.web.command_line import HomeOption, JsonOption, answer, open_site, say, sentences

app = typer.Typer()


class Order(StrEnum):
    """What can be ordered of a run."""

    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    STOP = "stop"


@app.command()
def steer(
    *,
    home: HomeOption,
    run_id: Annotated[str, typer.Argument(help="The run.")],
    command: Annotated[Order, typer.Argument(help="pause, resume, close (the round) or stop.")],
    reason: Annotated[str, typer.Option(help="Why; the run's log and the audit trail show it.")],
    as_json: JsonOption = False,
) -> None:
    """Order something of a run that goes on. It obeys at its next safe point."""
    with sentences(as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.runs.queries import NoSuchRunError
        from wardround.coordinator.runs.steering import OrderRefusedError, order
        from wardround.web.audit.actor import system_actor

        with sentences(OrderRefusedError, NoSuchRunError, as_json=as_json):
            order(run_id, command.value, reason=reason, by=system_actor("coordinator command"))
        answer({"run": run_id, "ordered": command.value}, as_json=as_json,
               text=lambda: say(f"Ordered: {command.value}. The run obeys at its next safe point."))  # fmt: skip
