"""The commands about a hospital's records: init, upgrade, reindex, token, tokens, revoke-token, verify."""

# ruff: noqa: FBT002 - a command's options are switches

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from wardround.hospital.commands.opening import by_command, opened, seal
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

if TYPE_CHECKING:
    from wardround.hospital.records.actions.reindexing import Reindexed

app = typer.Typer(help="A hospital's records.", no_args_is_help=True)


@app.command()
def init(
    home: HomeOption,
    name: Annotated[str, typer.Option(help='The hospital\'s name, for example "Budapest".')],
    locale: Annotated[str, typer.Option(help="The language of its pages, for example hu.")] = "en",
    time_zone: Annotated[str, typer.Option(help="For example Europe/Budapest.")] = "UTC",
    slug: Annotated[str, typer.Option(help="Its short name; by default made from the name.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of its pages.")] = 8001,
    as_json: JsonOption = False,
) -> None:
    """Make a hospital's home: keys, folders, database."""

    def prepare(made: Home) -> None:
        start_django(made)
        from django.core.management import call_command

        from wardround.web.audit.trail import record_one

        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        record_one(by_command("init"), "home.make", what=f"Home/{made.id}")

    with sentences(as_json=as_json):
        _check_locale(locale)
        _check_zone(time_zone)
        made = Home.create(
            home,
            kind="hospital",
            name=name,
            locale=locale,
            time_zone=time_zone,
            slug=slug,
            ports={"web": port},
            prepare=prepare,
        )
        seal()
        facts = {"home": made.path, "id": made.id, "name": made.name, "slug": made.slug, "port": port}
        answer(facts, as_json=as_json, text=lambda: say(f"{made.name} is ready in {made.path}."))


@app.command()
def upgrade(home: HomeOption, as_json: JsonOption = False) -> None:
    """Bring a home that an earlier version made to this one. Make a copy of it first."""
    with sentences(as_json=as_json):
        site = open_site(home, kind="hospital", may_be_older=True)
        from wardround.web.audit.trail import record_one
        from wardround.web.upgrading import upgrade as brought_here

        made = brought_here()
        if made:
            record_one(by_command("upgrade"), "home.upgrade", what=f"Home/{site.id}", detail={"changes": len(made)})
        seal()
        text = f"{len(made)} changes were made to its tables." if made else "It is of this version already."
        answer({"changes": made}, as_json=as_json, text=lambda: say(f"{site.name}: {text}"))


@app.command()
def reindex(
    home: HomeOption,
    everything: Annotated[bool, typer.Option("--all", help="Also what this version has indexed already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the search index anew after an upgrade. Interrupted, it goes on where it stopped when repeated."""
    with opened(home, as_json=as_json):
        from wardround.hospital.records.actions.reindexing import reindex as made_anew

        done = made_anew(by_command("reindex"), everything=everything, on_progress=_show_reindexed)
        text = f"{done.done} resources are indexed anew." + (f" {done.left} are left." if done.left else "")
        answer(asdict(done), as_json=as_json, text=lambda: say(text))


@app.command()
def token(
    home: HomeOption,
    scope: Annotated[str, typer.Option(help='SMART system scopes, for example "system/*.cruds".')],
    name: Annotated[str, typer.Option(help="Who will use it.")] = "backend client",
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 90,
    as_json: JsonOption = False,
) -> None:
    """Make a token for a backend client. It is shown this once."""
    with opened(home, as_json=as_json):
        from wardround.web.accounts.actions import make_token

        text = make_token(name, scopes=scope, days=days, by=by_command("token"))
        facts = {"token": text, "name": name, "scope": " ".join(scope.split()), "days": days}
        answer(facts, as_json=as_json, text=lambda: say(text))


@app.command()
def tokens(home: HomeOption, as_json: JsonOption = False) -> None:
    """The tokens that are valid now, by their numbers. Of a token itself only a hash is kept."""
    with opened(home, as_json=as_json):
        from wardround.web.accounts.queries import tokens as valid_tokens

        found = [
            {"number": t.pk, "name": t.name, "scope": t.scopes, "made_by": t.made_by, "expires": t.expires.isoformat()}
            for t in valid_tokens()
        ]
        lines = [f"{t['number']}  {t['name']}  {t['scope']}  until {str(t['expires'])[:10]}" for t in found]
        answer({"tokens": found}, as_json=as_json, text=lambda: say("\n".join(lines) or "No token is valid."))


@app.command("revoke-token")
def revoke(
    home: HomeOption,
    number: Annotated[int, typer.Argument(help="Its number, as `tokens` says it.")],
    as_json: JsonOption = False,
) -> None:
    """Refuse a token from now on: when it was lost, or is needed no more."""
    with opened(home, as_json=as_json):
        from wardround.web.accounts.actions import revoke_token

        gone = revoke_token(number, by=by_command("revoke-token"))
        facts = {"number": gone.pk, "name": gone.name}
        answer(facts, as_json=as_json, text=lambda: say(f"The token of {gone.name} opens nothing from now on."))


@app.command()
def verify(home: HomeOption, as_json: JsonOption = False) -> None:
    """Is the audit trail whole? Exit status 1 when anything was edited, deleted, cut off or reordered."""
    with opened(home, as_json=as_json):
        from wardround.web.audit.sealing import seal_pending
        from wardround.web.audit.verification import verify as verified

        seal_pending()
        verdict = verified()
        if not verdict.is_whole:
            raise CommandRefusedError("The audit trail is not whole.\n" + "\n".join(verdict.problems))
        text = f"The audit trail is whole: {verdict.events} events, {verdict.heads} signed heads."
        answer(asdict(verdict), as_json=as_json, text=lambda: say(text))


def _check_locale(locale: str) -> None:
    from django.conf.locale import LANG_INFO

    if locale not in LANG_INFO:
        raise CommandRefusedError(f"{locale!r} is not a language that is known here. Write for example hu or en.")


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandRefusedError(f"{time_zone!r} is not a time zone. Write for example Europe/Budapest.") from error


def _show_reindexed(so_far: "Reindexed") -> None:
    ending = "\r" if sys.stderr.isatty() else "\n"
    sys.stderr.write(f"{so_far.done} resources indexed, {so_far.left} left{ending}")
    sys.stderr.flush()
