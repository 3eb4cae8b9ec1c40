"""The commands `wardround coordinator ...`."""

import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.coordinator.people_commands import app as user
from wardround.coordinator.steering_commands import app as steering
from wardround.web.command_line import (
    CommandRefusedError,
    HomeOption,
    JsonOption,
    answer,
    open_site,
    say,
    sentences,
    start_django,
)
from wardround.web.home import Home
from wardround.web.processes import ServeError, running
from wardround.web.serving import end_served, home_to_serve, refuse_served, serve_side

if TYPE_CHECKING:
    from wardround.coordinator.runs.state import RunState
    from wardround.web.audit.actor import Actor

app = typer.Typer(help="The coordinator: members, studies, runs, models.", no_args_is_help=True)
app.add_typer(steering)
app.add_typer(user, name="user")


def _by() -> "Actor":
    from wardround.web.audit.actor import system_actor

    return system_actor("coordinator command")


@app.command()
def init(
    *,
    home: HomeOption,
    name: Annotated[str, typer.Option(help="The coordinator's name.")],
    host: Annotated[str, typer.Option(help="The name under which hospitals reach the engine.")] = "localhost",
    engine_port: Annotated[int, typer.Option(min=0, max=65535, help="The engine's port; 0 takes a free one.")] = 0,
    web_address: Annotated[str, typer.Option(help="Where hospitals reach this site, as https://...")] = "",
    locale: str = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a coordinator's home: keys, certificate authority, database."""

    def prepare(made: Home) -> None:
        from wardround.coordinator.engine.address import Address, set_address
        from wardround.coordinator.engine.kit import make_kits

        port = engine_port or _free_port()
        set_address(made, Address(host=host, port=port, web=web_address.rstrip("/")))
        make_kits(made, host=host, port=port)
        start_django(made)
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)

    with sentences(as_json=as_json):
        made = Home.create(home, kind="coordinator", name=name, locale=locale, prepare=prepare)
        from wardround.coordinator.engine.address import address_of
        from wardround.federation.identity import fingerprint

        facts = {
            "home": made.path,
            "name": made.name,
            "engine_port": address_of(made).port,
            "fingerprint": fingerprint(made.identity_key().public_key()),
        }
        answer(facts, as_json=as_json, text=lambda: say(f"{made.name} is ready in {made.path}.\n"
               f"Its fingerprint, to be told to hospitals by another way: {facts['fingerprint']}"))  # fmt: skip


@app.command()
def upgrade(*, home: HomeOption, as_json: JsonOption = False) -> None:
    """Bring a home that an earlier version made to this one. Make a copy of it first."""
    with sentences(as_json=as_json):
        site = open_site(home, kind="coordinator", may_be_older=True)
        from wardround.web.upgrading import upgrade as brought_here

        made = brought_here()
        text = f"{len(made)} changes were made to its tables." if made else "It is of this version already."
        answer({"changes": made}, as_json=as_json, text=lambda: say(f"{site.name}: {text}"))


@app.command()
def invite(
    *,
    home: HomeOption,
    name: Annotated[str, typer.Option(help="The hospital's name.")],
    out: Annotated[Path, typer.Option(help="Where to write the invitation.")],
    slug: Annotated[str, typer.Option(help="Its short name; by default made from the name.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write an invitation for one hospital."""
    from wardround.web.home import slug_of

    with sentences(OSError, as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.members.actions import MembershipError
        from wardround.coordinator.members.actions import invite as make_invitation

        with sentences(MembershipError, as_json=as_json):
            _must_not_exist(out)
            out.write_bytes(make_invitation(name, name=slug, by=_by()))
        answer({"hospital": slug or slug_of(name), "invitation": out}, as_json=as_json,
               text=lambda: say(f"Give {out} to {name}. It admits one request."))  # fmt: skip


@app.command()
def members(
    *,
    home: HomeOption,
    request: Annotated[Path | None, typer.Option(help="Take in a hospital's join request.")] = None,
    admit: Annotated[str, typer.Option(help="Admit this hospital (short name).")] = "",
    fingerprint: Annotated[str, typer.Option(help="The fingerprint the hospital told you by another way.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where to write the admission.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the members; take in a join request; admit a hospital whose fingerprint was compared."""
    with sentences(OSError, as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.members import actions, queries

        with sentences(actions.MembershipError, as_json=as_json):
            if request is not None:
                member = actions.receive_request(request.read_bytes(), by=_by())
                admit = admit or (member.name if fingerprint else "")
            if admit:
                if not fingerprint:
                    fingerprint = _ask_fingerprint(admit, as_json=as_json)
                letter = actions.admit(admit, fingerprint_seen=fingerprint, by=_by())
                if out is not None:
                    out.write_bytes(letter)
        lines = [asdict(line) for line in queries.members()]
        answer({"members": lines}, as_json=as_json, text=lambda: _table(
            ("hospital", "standing", "fingerprint", "connected"),
            [(f"{m['title']} ({m['name']})", m["standing"], m["fingerprint"], "yes" if m["connected"] else "") for m in lines]))  # fmt: skip


@app.command()
def revoke(
    *,
    home: HomeOption,
    name: Annotated[str, typer.Argument(help="Short name.")],
    reason: Annotated[str, typer.Option(help="Why; the members' page and the audit trail show it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """End a hospital's membership."""
    with sentences(as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.members.actions import MembershipError
        from wardround.coordinator.members.actions import revoke as end_membership

        with sentences(MembershipError, as_json=as_json):
            end_membership(name, reason=reason, by=_by())
        answer({"revoked": name}, as_json=as_json, text=lambda: say(f"{name} is no member any more."))


@app.command()
def publish(
    *,
    home: HomeOption,
    file: Annotated[Path, typer.Argument(help="The study document (YAML).")],
    hospital: Annotated[list[str] | None, typer.Option(help="Only these hospitals (short names).")] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the signed publication to this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a study document and publish it to the members."""
    with sentences(OSError, as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.studies import actions, queries
        from wardround.federation.errors import FederationError

        with sentences(actions.PublishRefusedError, FederationError, as_json=as_json):
            study = actions.publish(file, hospitals=tuple(hospital or ()), by=_by())
        if out is not None:
            out.write_bytes(bytes(study.publication))
        facts = {"study": study.name, "title": study.title, "hash": study.hash,
                 "hospitals": [peer.name for peer in queries.peers_of(study)]}  # fmt: skip
        answer(
            facts,
            as_json=as_json,
            text=lambda: say(f"{study.title}\nhash {study.hash}\nfor {', '.join(facts['hospitals'])}"),
        )


@app.command()
def run(
    *,
    home: HomeOption,
    study: Annotated[str, typer.Option(help="The published study's name, or its hash.")],
    detach: Annotated[bool, typer.Option(help="Do not wait for the end.")] = False,
    may_shrink: Annotated[bool, typer.Option(help="Go on without a hospital that left for good.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start a run of a published study and follow it to its end. The coordinator must be served."""
    with sentences(as_json=as_json):
        opened = open_site(home, kind="coordinator")
        from wardround.coordinator.runs.actions import RunRefusedError, request_run
        from wardround.coordinator.studies.queries import NoSuchStudyError, study_named

        with sentences(RunRefusedError, NoSuchStudyError, as_json=as_json):
            if running(opened) is None:
                raise CommandRefusedError(
                    f"{opened.name} is not served. Start it: wardround coordinator serve --home {opened.path}"
                )
            run_id = request_run(study_named(study), may_shrink=may_shrink, by=_by()).run_id
        _conclude(run_id, detach=detach, as_json=as_json)


@app.command()
def runs(
    *,
    home: HomeOption,
    follow: Annotated[str, typer.Option(help="Follow this run to its end.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the runs, or follow one."""
    with sentences(as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.coordinator.runs.queries import NoSuchRunError, latest_runs

        if follow:
            with sentences(NoSuchRunError, as_json=as_json):
                _conclude(follow, detach=False, as_json=as_json)
            return
        lines = [asdict(line) for line in latest_runs()]
        answer({"runs": lines}, as_json=as_json, text=lambda: _table(
            ("run", "started", "round", "outcome"),
            [(r["run_id"], f"{r['started']:%Y-%m-%d %H:%M}", str(r["round"]), r["outcome"] or "running") for r in lines]))  # fmt: skip


@app.command()
def models(
    *,
    home: HomeOption,
    export: Annotated[str, typer.Option(help="Write this run's model in clear to --out.")] = "",
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the global models; export one."""
    with sentences(OSError, as_json=as_json):
        opened = open_site(home, kind="coordinator")
        from wardround.coordinator.models.queries import global_models
        from wardround.coordinator.models.vault import open_model
        from wardround.web.audit.trail import record_one
        from wardround.web.sealed_file import SealedFileError

        if export:
            if out is None:
                raise CommandRefusedError("Name the file to write: --out model.safetensors")
            with sentences(SealedFileError, as_json=as_json):
                _must_not_exist(out)
                out.write_bytes(open_model(opened, run_id=export))
            record_one(_by(), "model.export", what=f"GlobalModel/{export}")
        lines = [asdict(line) for line in global_models()]
        answer({"models": lines}, as_json=as_json, text=lambda: _table(
            ("run", "sha256", "rounds", "made"),
            [(m["run_id"], m["sha256"][:16], str(m["rounds"]), f"{m['made']:%Y-%m-%d %H:%M}") for m in lines]))  # fmt: skip


@app.command()
def serve(
    *,
    home: HomeOption,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The web's port; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="The web's address.")] = "127.0.0.1",
    stop_it: Annotated[bool, typer.Option("--stop", help="End the one that is served from this home.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start all processes of the coordinator and keep them running until Ctrl+C or SIGTERM."""
    with sentences(ServeError, as_json=as_json):
        opened = home_to_serve(home, kind="coordinator")
        if stop_it:
            end_served(opened, as_json=as_json)
            return
        refuse_served(opened)
        from wardround.coordinator.engine.process import engine_child

        serve_side(opened, host=host, port=port, others=[engine_child(opened)], facts={}, as_json=as_json)


@app.command(hidden=True)
def work(home: HomeOption) -> None:
    """The worker process; `serve` starts it."""
    open_site(home, kind="coordinator")
    from wardround.coordinator.work import work_until_stopped

    work_until_stopped()


def _conclude(run_id: str, *, detach: bool, as_json: bool) -> None:
    from django.conf import settings

    from wardround.coordinator.runs.board import read_outcome, run_folder
    from wardround.coordinator.runs.queries import bytes_up_per_round, run_state

    state = run_state(run_id)
    if not detach:
        state = _follow(run_id, as_json=as_json)
    facts = {
        **asdict(state),
        "bytes_up_per_hospital_per_round": bytes_up_per_round(run_id),
        "result": read_outcome(run_folder(settings.HOME, run_id)),
    }
    answer(facts, as_json=as_json, text=lambda: say(state.outcome or f"{run_id} is on its way."))
    if state.finished and not state.succeeded:
        if as_json:
            print(state.outcome, file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)


def _follow(run_id: str, *, as_json: bool) -> "RunState":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from wardround.coordinator.runs.queries import run_state

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=as_json) as progress:
        bar = progress.add_task("waiting", total=1)
        told = 0
        while True:
            state = run_state(run_id)
            progress.update(bar, description=state.phase, completed=state.round, total=max(state.rounds, 1))
            for line in state.log[told:]:
                progress.console.print(
                    f"{line.time:%H:%M:%S}  {line.who}: {line.sentence}", markup=False, highlight=False
                )
            told = len(state.log)
            if state.finished:
                return state
            time.sleep(0.2)


def _ask_fingerprint(name: str, *, as_json: bool) -> str:
    if as_json or not sys.stdin.isatty():
        raise CommandRefusedError(f'Give the fingerprint that {name} told you by another way: --fingerprint "..."')
    return str(typer.prompt(f"The fingerprint that {name} told you by another way"))


def _must_not_exist(path: Path) -> None:
    if path.exists():
        raise CommandRefusedError(f"{path} exists already. Name a file that does not.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
