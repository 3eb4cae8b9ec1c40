"""The command `quality`: what is held and why, and the data quality report as a page, a document or metrics."""

# ruff: noqa: FBT002 - a command's options are switches

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.federation.durable import write_whole
from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.hospital.quality.report import QualityReport

app = typer.Typer()
_ENDINGS = (".html", ".json", ".prom")


@app.command()
def quality(
    home: HomeOption,
    finding: Annotated[str, typer.Option(help="Only this kind of finding, for example decimal_slip.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Measure now, for the page Data quality to show.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Measure now and write the report to this .html, .json or .prom (Prometheus) file."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What is held and why, and what could not be standardised. With --keep or --report: the whole report."""
    if report is not None and report.suffix not in _ENDINGS:
        raise typer.BadParameter(f"A report is written as {', '.join(_ENDINGS)}.", param_hint="--report")
    with opened(home, as_json=as_json):
        from wardround.hospital.quality import queries
        from wardround.hospital.quality.snapshots import measure

        by = by_command("quality")
        if keep or report is not None:
            made = measure(by)
            if report is not None:
                _write(report, _content(report, made).encode())
            failing = sum(bool(check.failed) for check in made.checks)
            said = f"{len(made.checks)} checks of {made.values} values: something fails {failing} of them."
            where = f" The report is in {report}." if report is not None else ""
            answer(made.as_json(with_records=False), as_json=as_json, text=lambda: say(said + where))
            return
        counts = queries.quality(by)
        queue = queries.fix_queue(by, finding=finding)
        lines = [f"{counts.standardised} of {counts.values} values are standardised, {counts.held} are held."]
        lines += [f"  {held.finding:18} {held.patient_number:12} {held.sentence}" for held in queue]
        lines += [f"  not standardised   {many}: {reason}" for reason, many in counts.not_standardised.items()]
        facts = {**asdict(counts), "queue": [asdict(held) for held in queue]}
        answer(facts, as_json=as_json, text=lambda: say("\n".join(lines)))


def _content(path: Path, made: "QualityReport") -> str:
    from wardround.hospital.quality.html_file import html_of
    from wardround.hospital.quality.prometheus import report_text

    if path.suffix == ".html":
        return html_of(made)
    return report_text(made) if path.suffix == ".prom" else json.dumps(made.as_json(), indent=2, ensure_ascii=False)


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
        if path.suffix == ".prom":
            path.chmod(0o644)  # counts alone, and the collector is another user
    except OSError as error:
        raise CommandRefusedError(f"{path} cannot be written: {error.strerror}.") from error
