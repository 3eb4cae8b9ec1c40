"""What `serve` does at either site: all processes of a side in one command, and their end."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wardround.web.command_line import CommandRefusedError, answer, say
from wardround.web.home import Home, Kind
from wardround.web.processes import Child, ServeError, Supervisor, listen, running, stop, web_child


def home_to_serve(path: Path, *, kind: Kind) -> Home:
    """The home; no Django is started here."""
    home = Home.load(path)
    if home.kind != kind:
        raise CommandRefusedError(f"{home.path} is not a {kind}'s home.")
    return home


def end_served(home: Home, *, as_json: bool) -> None:
    """End the side that is served from this home, and say whether it was."""
    ended = stop(home)
    answer({"stopped": ended}, as_json=as_json, text=lambda: say("Stopped." if ended else "It was not served."))


def refuse_served(home: Home) -> None:
    """Raises ServeError while another process serves this home."""
    if (found := running(home)) is not None:
        raise ServeError(f"{home.name} is already served by process {found.pid}. Stop it first: --stop")


def serve_side(
    home: Home, *, host: str, port: int, others: Sequence[Child], facts: Mapping[str, Any], as_json: bool
) -> None:
    """Serve the web, the worker and these other processes until Ctrl+C or SIGTERM; say where, once they are started."""
    listener = listen(host, port=port)
    address = f"http://{host}:{listener.getsockname()[1]}/"
    command = (sys.executable, "-m", "wardround.cli", home.kind, "work", "--home", str(home.path))
    worker = Child(name="worker", command=lambda: command)
    children = [web_child(home, site=home.kind, listener=listener), worker, *others]
    told = {"name": home.name, "url": address, **facts}
    Supervisor(home, children=children).run(
        on_started=lambda: answer(told, as_json=as_json, text=lambda: say(f"{home.name} is served at {address}"))
    )
