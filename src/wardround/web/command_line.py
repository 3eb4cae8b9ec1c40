"""What every command of a site does alike: open the home, answer in text or JSON, refuse with a sentence."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from wardround.web.home import Home, HomeError, Kind

HomeOption = Annotated[Path, typer.Option("--home", envvar="WARDROUND_HOME", help="The home folder of this side.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


class CommandRefusedError(Exception):
    """The command cannot do what was asked; the message says why."""


@contextmanager
def sentences(*refusals: type[Exception], as_json: bool = False) -> Iterator[None]:
    """Turn what a command refuses into one sentence on standard error, and exit status 1."""
    known: tuple[type[Exception], ...] = (CommandRefusedError, HomeError, *refusals)
    try:
        yield
    except known as refusal:
        if as_json:
            print(json.dumps({"refused": str(refusal)}, ensure_ascii=False))  # noqa: T201
        print(str(refusal), file=sys.stderr)  # noqa: T201
        raise typer.Exit(1) from refusal


def open_site(path: Path, *, kind: Kind, may_be_older: bool = False) -> Home:
    """Load the home and start Django for it; one process serves one home.

    A home whose tables an earlier version made is refused, unless it is opened to be upgraded.
    """
    home = Home.load(path)
    if home.kind != kind:
        raise CommandRefusedError(f"{home.path} is the home of a {home.kind}; this command is for a {kind}.")
    start_django(home)
    if not may_be_older:
        from wardround.web.upgrading import pending

        if pending():
            raise CommandRefusedError(
                f"{home.path} was made by an earlier version of Wardround. Stop what serves it, make a copy of it, then run "
                f"`wardround {kind} upgrade --home {home.path}`."
            )
    return home


def start_django(home: Home) -> None:
    """Set up Django with the home's settings."""
    os.environ["WARDROUND_HOME"] = str(home.path)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"wardround.{home.kind}.settings"
    import django

    django.setup()


def answer(facts: Any, *, as_json: bool, text: Callable[[], None]) -> None:
    """Print the facts as one JSON document, or let `text` say them to a person."""
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=1, default=_plain))  # noqa: T201
    else:
        text()


def say(text: str) -> None:
    """A line for a person, on standard output."""
    typer.echo(text)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")
