"""The commands `wardround study ...`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from wardround.federation.errors import StudyError
from wardround.federation.study import load_study

app = typer.Typer(help="Study documents.", no_args_is_help=True)


@app.callback()
def study() -> None:
    """Study documents: what a federation asks, as data that hospitals approve by its hash."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The study document, YAML.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say whether a study document can be published, its hash, or every problem in a sentence."""
    try:
        found = load_study(file)
    except StudyError as error:
        problems = str(error).splitlines()
        if as_json:
            typer.echo(json.dumps({"valid": False, "file": str(file), "problems": problems}, ensure_ascii=False))
        else:
            for problem in problems:
                typer.echo(problem, err=True)
        raise typer.Exit(1) from error
    facts = {
        "valid": True,
        "file": str(file),
        "name": found.name,
        "version": found.version,
        "title": found.title,
        "hash": found.hash,
        "features": len(found.features),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        typer.echo(f"{found.title} (version {found.version}, {len(found.features)} inputs) can be published.")
        typer.echo(f"Hash: {found.hash}")
