"""The commands that give records to other systems of the same hospital: view, export."""

# ruff: noqa: FBT002 - a command's options are switches

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.web.home import Home

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
    output: Annotated[Path, typer.Option("--output", "--out", help="A folder that is not there yet.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="fhir (a bulk export's NDJSON files), omop (the CDM 5.4's tables as CSV) or meds (Parquet events).",
        ),
    ] = "fhir",
    types: Annotated[
        list[str], typer.Option("--type", help="fhir: for example Observation; by default all that are here.")
    ] = [],  # noqa: B006
    since: Annotated[str, typer.Option(help="fhir: only what changed after, for example 2026-11-01T00:00:00Z.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write the records, in clear: the steward who runs this answers for the folder. It is audited.

    FHIR resources are as they were received. OMOP and MEDS hold standard codes and leave out values that wait for a
    decision; MEDS has a keyed number in place of each patient.
    """
    with opened(home, as_json=as_json) as site:
        if form not in ("fhir", "omop", "meds"):
            raise CommandRefusedError("--format is fhir, omop or meds.")
        if form != "fhir" and (types or since):
            raise CommandRefusedError("--type and --since choose among FHIR resources; the other formats are whole.")
        with _new_folder(output) as folder:
            if form == "omop":
                facts, text = _as_omop(folder, site)
            elif form == "meds":
                facts, text = _as_meds(folder, site)
            else:
                facts, text = _as_fhir(folder, types, since)
        answer({"folder": output, **facts}, as_json=as_json, text=lambda: say(text))


Said = tuple[dict[str, Any], str]


def _as_fhir(folder: Path, types: list[str], since: str) -> Said:
    from django.utils import timezone

    from wardround.hospital.exports.folders import export_fhir
    from wardround.hospital.exports.queries import types_here
    from wardround.interchange.fhir.dates import moment
    from wardround.interchange.fhir.definitions import resource_types

    unknown = sorted(set(types) - resource_types())
    if unknown:
        raise CommandRefusedError(f"{unknown[0]!r} is no resource type of FHIR R4. Write for example Observation.")
    counts = export_fhir(
        by_command("export"),
        folder,
        types=tuple(sorted(set(types))) or types_here(),
        since=moment(since) if since else None,
        now=timezone.now(),
    )
    lines = [f"{many:>9} {type_name}" for type_name, many in counts.items()]
    return {"resources": counts}, "\n".join(lines) or "There is nothing to export."


def _as_omop(folder: Path, site: "Home") -> Said:
    from importlib.metadata import version

    from wardround.hospital.exports.omop import export_omop

    done = export_omop(by_command("export"), folder, home=site, version=version("wardround"))
    left = sorted(done.left_out.items(), key=lambda item: -item[1])
    lines = [f"{many:>9} {table}" for table, many in done.rows.items()]
    lines += [f"{many:>9} {type_name} left out: {reason}" for (type_name, reason), many in left]
    facts = [{"type": type_name, "reason": reason, "count": many} for (type_name, reason), many in left]
    return {"rows": done.rows, "left_out": facts}, "\n".join(lines)


def _as_meds(folder: Path, site: "Home") -> Said:
    from wardround.hospital.exports.meds import export_meds

    done = export_meds(by_command("export"), folder, home=site)
    text = (
        f"{done.events} events of {done.patients} patients; {done.held} values that wait for a decision are left out."
    )
    return asdict(done), text


@contextmanager
def _new_folder(output: Path) -> Iterator[Path]:
    """A folder for its owner alone that has its name when it is whole, and is gone when it is not."""
    if output.exists():
        raise CommandRefusedError(f"{output} is already there. Name another folder, or move it away.")
    part = output.with_name(f"{output.name}.part")
    if part.exists():
        raise CommandRefusedError(f"{part} is there, as of an export that broke off. Remove it first.")
    part.mkdir(mode=0o700, parents=True)
    try:
        yield part
        part.rename(output)
    finally:
        if part.exists():
            shutil.rmtree(part)


def _counted(rows: Iterable[dict[str, Any]], *, tally: Counter[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        tally["rows"] += 1
        yield row


def _write_whole(output: Path, *, pieces: Iterable[bytes]) -> None:
    """All of it, readable by its owner only, or no file at all."""
    from wardround.hospital.exports.folders import write_privately

    if output.exists():
        raise CommandRefusedError(f"{output} is already there. Name another file, or move it away.")
    write_privately(output, pieces)
