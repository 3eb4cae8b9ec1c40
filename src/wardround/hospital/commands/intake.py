"""The commands about files that come into a hospital's records: import, undo, batch, quarantine."""

# ruff: noqa: FBT002 - a command's options are switches

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.hospital.commands.opening import by_command, mapping_text, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.hospital.intake.report import Report
    from wardround.web.home import Home

app = typer.Typer(help="Files into the records.", no_args_is_help=True)
batch_app = typer.Typer(help="What was imported, and what became of it.", no_args_is_help=True)
quarantine_app = typer.Typer(help="Messages that were refused, until they are read again.", no_args_is_help=True)
app.add_typer(batch_app, name="batch")
app.add_typer(quarantine_app, name="quarantine")

Number = Annotated[int, typer.Argument(help="The message's number, as `quarantine list` shows it.")]
MappingOption = Annotated[Path | None, typer.Option(help="What the source's columns and codes mean (TOML).")]


@app.command("import")
def import_(
    home: HomeOption,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")] = [],  # noqa: B006
    form: Annotated[
        str, typer.Option("--format", help="fhir, hl7v2, csv (any table), omop, ccda or meds; else found in the files.")
    ] = "",
    mapping: MappingOption = None,
    suggest_mapping: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Print a draft of the mapping file for this table, and read nothing in."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read files into the records. The same file again changes nothing; a killed import is resumed by repeating it."""
    if suggest_mapping is not None and paths:
        raise typer.BadParameter("--suggest-mapping looks at one table and imports nothing: name no other files.")
    if suggest_mapping is None and not paths:
        raise typer.BadParameter("Name the files to import, or folders of files.")
    with opened(home, as_json=as_json) as site:
        from wardround.hospital.intake.importing import import_files

        if suggest_mapping is not None:
            draft = _draft(suggest_mapping, site=site)
            answer({"mapping": draft}, as_json=as_json, text=lambda: say(draft.rstrip()))
            return
        text = mapping_text(mapping) if mapping else ""
        report = import_files(paths, by=by_command("import"), form=form, mapping_text=text, on_progress=_show_progress)
        answer(report.as_json(), as_json=as_json, text=lambda: say(report.as_text()))


@app.command()
def undo(
    home: HomeOption,
    batch: Annotated[str, typer.Argument(help="The batch that an import named.")],
    as_json: JsonOption = False,
) -> None:
    """Take back everything that a batch stored, unless something later depends on it."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.replaying import undo_batch

        undone = undo_batch(batch, by=by_command("undo"))
        text = f"Batch {batch} is undone: {undone.deleted} deleted, {undone.set_back} set back."
        answer({"batch": batch, **asdict(undone)}, as_json=as_json, text=lambda: say(text))


@batch_app.command("list")
def batch_list(home: HomeOption, as_json: JsonOption = False) -> None:
    """Every import: when, of what, and whether it came to its end."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.batches import batches

        found = batches(by_command("batch list"))
        lines = [f"{b.id}  {b.started:%Y-%m-%d %H:%M}  {b.format:6} {b.state:10} {b.summary}" for b in found]
        text = "\n".join(lines) or "Nothing was imported yet."
        answer({"batches": [asdict(b) for b in found]}, as_json=as_json, text=lambda: say(text))


@batch_app.command("show")
def batch_show(
    home: HomeOption,
    batch: Annotated[str, typer.Argument(help="The batch that an import named.")],
    as_json: JsonOption = False,
) -> None:
    """What became of one import as it stands today: every value held or not standardised, every message in quarantine."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.batches import batch_today

        today = batch_today(batch, by=by_command("batch show"))
        answer(asdict(today), as_json=as_json, text=lambda: say(today.as_text()))


@quarantine_app.command("list")
def quarantine_list(
    home: HomeOption,
    batch: Annotated[str, typer.Option(help="Only of this batch.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The messages in quarantine, with what is wrong with each."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.quarantine import quarantined

        items = quarantined(by_command("quarantine list"), batch=batch, open_only=not everything)
        lines = [f"{item.id:6}  {item.position:14}  {item.reason}" for item in items]
        text = "\n".join(lines) or "Nothing is in quarantine."
        answer({"quarantine": [asdict(item) for item in items]}, as_json=as_json, text=lambda: say(text))


@quarantine_app.command("show")
def quarantine_show(
    home: HomeOption,
    number: Number,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the raw bytes to this new file, to correct them.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """One message as it was read. That somebody looked is in the audit trail."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.quarantine import content_of

        item, source = content_of(number, by=by_command("quarantine show"))
        facts = {**asdict(item), "file": source.file}
        if to is not None:
            _write_new(to, source.raw)
            text = f"{source.file}, {item.position}: {item.reason}\nIts {len(source.raw)} bytes are in {to}."
            answer({**facts, "written": str(to)}, as_json=as_json, text=lambda: say(text))
            return
        raw = source.raw.decode("utf-8", "backslashreplace")
        shown = f"{source.file}, {item.position}: {item.reason}\n\n{raw}"
        answer({**facts, "raw": raw}, as_json=as_json, text=lambda: say(shown))


@quarantine_app.command("replay")
def quarantine_replay(
    home: HomeOption,
    number: Annotated[int | None, typer.Argument(help="The message's number; without it, --batch or --all.")] = None,
    corrected: Annotated[Path | None, typer.Option(help="A file with the corrected message.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Read it under this mapping file instead of its batch's.")
    ] = None,
    batch: Annotated[str, typer.Option(help="All that are open of this batch.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read messages again: as they are, corrected, or under a mended mapping. Exit status 1 when all are refused again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.replaying import replay, replay_all

        by = by_command("quarantine replay")
        text = mapping_text(mapping) if mapping else None
        if number is None:
            if corrected or not (batch or everything):
                raise CommandRefusedError("Name one message by its number, or several by --batch BATCH or --all.")
            done = replay_all(by=by, batch=batch, mapping_text=text)
            said = f"{done.stored} messages are stored, {done.refused} stay in quarantine." + "".join(
                f"\n  {many}: {reason}" for reason, many in done.reasons.items()
            )
            if done.refused and not done.stored:
                raise CommandRefusedError(said)
            answer(asdict(done), as_json=as_json, text=lambda: say(said))
            return
        report = replay(number, by=by, corrected=_bytes_of(corrected) if corrected else None, mapping_text=text)
        if report.quarantined:
            raise CommandRefusedError(f"Message {number} stays in quarantine: {' '.join(report.quarantined)}")
        answer(report.as_json(), as_json=as_json, text=lambda: say(report.as_text()))


def _draft(table: Path, *, site: "Home") -> str:
    from wardround.interchange import suggest

    home = suggest.Home(name=site.name, slug=site.slug, zone=site.time_zone)
    return suggest.draft_mapping(table, home=home)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandRefusedError(f"{path} cannot be read: {error.strerror}.") from error


def _write_new(path: Path, content: bytes) -> None:
    """A patient's data: for this user alone, and never over a file that is there."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise CommandRefusedError(
            f"{path} cannot be written: {error.strerror}. Name a file that is not there."
        ) from error


def _show_progress(report: "Report") -> None:
    from wardround.hospital.intake.progress import line_of

    ending = "\r" if sys.stderr.isatty() else "\n"
    sys.stderr.write(f"{line_of(report)}{ending}")
    sys.stderr.flush()
