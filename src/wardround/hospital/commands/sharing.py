"""The commands that give records to other systems of the same hospital: view."""

# ruff: noqa: FBT002 - a command's options are switches

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer

app = typer.Typer(help="A hospital's records for other systems.", no_args_is_help=True)


@app.command()
def view(
    home: HomeOption,
    definition: Annotated[Path, typer.Argument(metavar="VIEW", help="A ViewDefinition (SQL on FHIR v2) as JSON.")],
    output: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    form: Annotated[str, typer.Option("--format", help="csv, ndjson or json.")] = "csv",
    as_json: JsonOption = False,
) -> None:
    """Run a view over the records and write its rows to a file. The audit trail says how many records were read."""
    with opened(home, as_json=as_json):
        from wardround.hospital.records.viewing import rows_for
        from wardround.interchange.fhir.json import loads
        from wardround.interchange.sql_on_fhir.reading import read_view
        from wardround.interchange.sql_on_fhir.writing import MEDIA_TYPES, written

        chosen = next((known for known in MEDIA_TYPES if known == form), None)
        if chosen is None:
            raise CommandRefusedError("--format is csv, ndjson or json.")
        found = read_view(loads(definition.read_bytes()))
        tally = Counter[str]()
        rows = _counted(rows_for(by_command("view"), found), tally=tally)
        _write_whole(output, pieces=written(found, rows, form=chosen))
        facts = {"file": output, "rows": tally["rows"], "columns": [column.name for column in found.columns]}
        answer(facts, as_json=as_json, text=lambda: _say(f"{tally['rows']} rows are in {output}."))


def _counted(rows: Iterable[dict[str, Any]], *, tally: Counter[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        tally["rows"] += 1
        yield row


def _write_whole(output: Path, *, pieces: Iterable[bytes]) -> None:
    """All of it, readable by its owner only, or no file at all."""
    if output.exists():
        raise CommandRefusedError(f"{output} is already there. Name another file, or move it away.")
    part = output.with_name(output.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(pieces)
        part.rename(output)
    finally:
        part.unlink(missing_ok=True)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
