"""The commands `wardround demo ...`: the whole main job on real records, with or without serving it afterwards."""

# ruff: noqa: FBT002 - a command's options are switches

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wardround.demo.folder import COORDINATOR, DemoError, DemoFolder
from wardround.demo.paper import DEFAULT_SEED
from wardround.demo.source import PLACES, Slug
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, open_site, sentences

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="The tour: four hospitals, four formats, one model.", no_args_is_help=True)

FolderOption = Annotated[Path, typer.Option("--home", help="The demonstration's own folder.")]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same people, dates and input errors.")]
PortOption = Annotated[int, typer.Option(help="The coordinator's port; the hospitals take the next four.")]
HospitalOption = Annotated[str, typer.Option("--hospital", help="Its short name.")]


@app.command()
def run(
    home: FolderOption, seed: SeedOption = DEFAULT_SEED, port: PortOption = 8000, as_json: JsonOption = False
) -> None:
    """Do the whole main job without a browser, and write report.html and report.json."""
    with sentences(DemoError, as_json=as_json):
        from wardround.demo.ports import ports_from
        from wardround.demo.sides import Sides
        from wardround.demo.story import report_json
        from wardround.demo.tour import tour

        folder = DemoFolder(home.expanduser().resolve())
        sides = Sides(folder)
        with folder.alone():
            try:
                story = tour(folder, seed=seed, console=_console(), sides=sides, ports=ports_from(port))
            finally:
                sides.stop_all()
        answer(report_json(story), as_json=as_json, text=lambda: typer.echo(f"The report is {folder.report_html}"))


@app.command()
def up(
    home: FolderOption, seed: SeedOption = DEFAULT_SEED, port: PortOption = 8000, as_json: JsonOption = False
) -> None:
    """The same, then serve the four hospitals and the coordinator until Ctrl+C or `demo down`."""
    with sentences(DemoError, as_json=as_json):
        from wardround.demo.serving import serve_demo

        serve_demo(DemoFolder(home.expanduser().resolve()), seed=seed, port=port, console=_console(), as_json=as_json)


@app.command()
def down(home: FolderOption, as_json: JsonOption = False) -> None:
    """End everything that `demo up` serves from this folder. What it made stays."""
    with sentences(DemoError, as_json=as_json):
        from wardround.demo.serving import stop_demo

        folder = DemoFolder(home.expanduser().resolve())
        stopped = stop_demo(folder)
        text = f"{stopped} sides were ended." if stopped else "Nothing was served from this folder."
        answer({"stopped": stopped}, as_json=as_json, text=lambda: typer.echo(text))


@app.command(hidden=True)
def staff(home: HomeOption, side: Annotated[str, typer.Option(help="A hospital or the coordinator.")]) -> None:
    """Add a side's invented people; their password comes on standard input. A step of `run`."""
    with sentences():
        open_site(home, kind="coordinator" if side == COORDINATOR else "hospital")
        from wardround.demo.cast import staff_of
        from wardround.web.accounts.actions import add_user
        from wardround.web.audit.actor import system_actor

        password = typer.get_text_stream("stdin").readline().strip()
        for person in staff_of(side):
            add_user(
                person.username,
                role=person.role,
                password=password,
                full_name=person.full_name,
                by=system_actor("demo staff"),
            )
        _answer({"staff": [asdict(person) for person in staff_of(side)]})


@app.command(hidden=True)
def desk(home: HomeOption, folder: Path, hospital: HospitalOption, seed: SeedOption = DEFAULT_SEED) -> None:
    """Let the scripted steward work through quarantine and held values. A step of `run`."""
    with sentences():
        open_site(home, kind="hospital")
        from wardround.demo.desk import work_through
        from wardround.web.audit.sealing import seal_pending

        work = work_through(folder, _slug(hospital), seed=seed)
        seal_pending()
        _answer(work.as_json())


@app.command(hidden=True)
def matrix(home: HomeOption, hospital: HospitalOption, seed: SeedOption = DEFAULT_SEED) -> None:
    """Compare the records with the source, cell by cell. A step of `run`."""
    with sentences():
        open_site(home, kind="hospital")
        from wardround.demo.matrix import check_matrix

        _answer(asdict(check_matrix(_slug(hospital), seed=seed)))


@app.command(hidden=True)
def gather(home: HomeOption, study: Annotated[str, typer.Option(help="Its whole hash.")]) -> None:
    """Read what the comparison of models needs, once this home has decided on the run's model. A step of `run`."""
    with sentences(DemoError):
        open_site(home, kind="hospital")
        from wardround.demo.gather import gather as gathered

        _answer(gathered(study))


def _answer(facts: dict[str, Any]) -> None:
    answer(facts, as_json=True, text=lambda: None)


def _slug(name: str) -> Slug:
    if name not in PLACES:
        raise CommandRefusedError(f"{name!r} is none of the demonstration's hospitals: {', '.join(PLACES)}.")
    return name


def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True)
