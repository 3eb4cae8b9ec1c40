"""The commands that give records to other systems of the same hospital: view, export."""

# ruff: noqa: FBT002 - a command's options are switches

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, say

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
        answer(facts, as_json=as_json, text=lambda: say(f"{tally['rows']} rows are in {output}."))


@app.command()
def export(
    home: HomeOption,
    output: Annotated[Path, typer.Option(help="A folder that is not there yet: one NDJSON file for each type.")],
    types: Annotated[
        list[str], typer.Option("--type", help="For example Observation; by default all that are here.")
    ] = [],  # noqa: B006
    since: Annotated[str, typer.Option(help="Only what changed after, for example 2026-11-01T00:00:00Z.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write the records as FHIR NDJSON, in clear: the steward who runs this answers for the folder. It is audited."""
    with opened(home, as_json=as_json):
        from wardround.hospital.exports.actions import lines_of
        from wardround.hospital.exports.queries import types_here
        from wardround.interchange.fhir.dates import moment
        from wardround.interchange.fhir.definitions import resource_types

        unknown = sorted(set(types) - resource_types())
        if unknown:
            raise CommandRefusedError(f"{unknown[0]!r} is no resource type of FHIR R4. Write for example Observation.")
        if output.exists():
            raise CommandRefusedError(f"{output} is already there. Name another folder, or move it away.")
        counts: dict[str, int] = {}
        changed_after = moment(since) if since else None
        output.mkdir(mode=0o700, parents=True)
        chosen = tuple(sorted(set(types))) or types_here()
        for type_name, lines in lines_of(by_command("export"), types=chosen, since=changed_after, counts=counts):
            _write_whole(output / f"{type_name}.ndjson", pieces=lines)
            if not counts.get(type_name):
                (output / f"{type_name}.ndjson").unlink()
        facts = {"folder": output, "resources": counts}
        text = (
            "\n".join(f"{many:>9} {type_name}" for type_name, many in counts.items()) or "There is nothing to export."
        )
        answer(facts, as_json=as_json, text=lambda: say(text))


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
