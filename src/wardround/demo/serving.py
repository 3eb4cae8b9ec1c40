"""`demo up` and `demo down`: build where needed, serve five sides, say where they are and who may log in."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from wardround.demo.cast import staff_of
from wardround.demo.folder import COORDINATOR, DemoFolder
from wardround.demo.ports import ports_from
from wardround.demo.sides import Sides, stop_served
from wardround.demo.source import PLACES
from wardround.demo.tour import tour
from wardround.web.command_line import answer

_TITLES: dict[str, str] = {**{place.slug: place.name for place in PLACES.values()}, COORDINATOR: "Study coordinator"}


class _Ended(BaseException):
    """SIGTERM came."""


def serve_demo(folder: DemoFolder, *, seed: int, port: int, console: Console, as_json: bool) -> None:
    """Serve the demonstration, after building it when this folder has none of this seed; returns when it was ended."""
    with folder.alone():
        stop_served(folder)
        sides = Sides(folder)
        ports = ports_from(port)
        with _ended_by_signal():
            try:
                if not folder.is_ready(seed=seed):
                    tour(folder, seed=seed, console=console, sides=sides, ports=ports)
                if not sides.addresses:
                    sides.start_all(ports)
                password = str(folder.mark()["password"])
                facts = {
                    "report": str(folder.report_html),
                    "password": password,
                    "sides": [
                        {"name": _TITLES[side], "url": url, "users": [person.username for person in staff_of(side)]}
                        for side, url in ((side, sides.addresses[side]) for side in _TITLES)
                    ],
                }
                answer(
                    facts,
                    as_json=as_json,
                    text=lambda: console.print(_welcome(sides, folder, password), soft_wrap=True),
                )
                sides.wait_until_all_ended()
            except (KeyboardInterrupt, _Ended):
                console.print("Ending the five sides.")
            finally:
                sides.stop_all()


def stop_demo(folder: DemoFolder) -> int:
    """End what is served from this folder; how many sides were."""
    return stop_served(folder)


def _welcome(sides: Sides, folder: DemoFolder, password: str) -> Group:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("", "Address", "Log in as"):
        table.add_column(column, no_wrap=True)
    for side, title in _TITLES.items():
        log_ins = "\n".join(f"{person.username} ({person.role})" for person in staff_of(side))
        table.add_row(f"[bold]{title}[/bold]", sides.addresses[side], log_ins)
    told = Panel(table, title="Wardround is served", border_style="blue", expand=False)
    return Group(
        told,
        Text(f"Password of everybody: {password}"),
        Text(f"Report: {folder.report_html}"),
        Text("The people are invented. Ctrl+C ends it, or: wardround demo down --home " + str(folder.path)),
    )


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a signal handler
        raise _Ended

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
