"""The commands `wardround bench ...`."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console, RenderableType

from wardround.bench.running import NotMeasured, Say

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Report = dict[str, Any]

app = typer.Typer(
    help="Benchmarks: what the product reaches, measured through the doors it uses itself.", no_args_is_help=True
)


@app.callback()
def bench() -> None:
    """Benchmarks: what the product reaches, measured through the doors it uses itself."""


@app.command()
def learning(
    *,
    splits: Annotated[int, typer.Option(min=2, max=200, help="Re-splits of each hospital's patients.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """The federation in one process on four real hospitals, against local models, pooled records and FLamby's table."""
    # torch takes seconds to import; the other commands should not wait for it.
    from wardround.bench.learning import bench_learning

    _measure(lambda say: bench_learning(splits=splits, say=say), show=_of_learning, as_json=as_json)


@app.command("secure-sum")
def secure_sum(
    *,
    as_json: JsonOption = False,
) -> None:
    """What a secure sum costs in seconds and bytes, beside a plain sum of float32 arrays from the same run."""
    from wardround.bench.secure_sum import bench_secure_sum
    from wardround.bench.tables import secure_sum_table

    _measure(lambda _say: bench_secure_sum(), show=lambda report: [secure_sum_table(report)], as_json=as_json)


@app.command()
def records(
    *,
    sizes: Annotated[str, typer.Option(help="How many Observations to ask at, smallest first.")] = "",
    database: Annotated[str, typer.Option(help="sqlite or postgresql; without it both, as far as they are here.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Which invented patients.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, max=10_000, help="Requests of each question at each size.")] = 300,
    as_json: JsonOption = False,
) -> None:
    """The record store on SQLite and PostgreSQL: import, reading, creating and searching, each beside plain SQL.

    A million Observations take some ten gigabytes of the folder for temporary files (TMPDIR) and half an hour for each
    database. The patients are invented.
    """
    from wardround.bench.records import DATABASES, SIZES, bench_records
    from wardround.bench.tables import records_tables

    if database not in {"", *DATABASES}:
        raise typer.BadParameter("Write sqlite or postgresql.", param_hint="--database")
    asked = _sizes(sizes) if sizes else SIZES
    databases = [known for known in DATABASES if database in {"", known}]
    _measure(
        lambda say: bench_records(sizes=asked, databases=databases, seed=seed, repeats=repeats, say=say),
        show=records_tables,
        as_json=as_json,
    )


@app.command()
def pages(
    *,
    observations: Annotated[int, typer.Option(min=200, max=100_000, help="Observations of the long chart.")] = 5_000,
    admitted: Annotated[int, typer.Option(min=1, max=500, help="Patients on the ward.")] = 36,
    repeats: Annotated[int, typer.Option(min=1, max=10_000, help="Requests of each page.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Which invented patients.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """The pages that nurses and doctors wait for, and CDS Hooks, over real HTTP, each beside a floor of the same run."""
    from wardround.bench.pages import bench_pages
    from wardround.bench.tables import pages_table

    _measure(
        lambda say: bench_pages(observations=observations, admitted=admitted, repeats=repeats, seed=seed, say=say),
        show=lambda report: [pages_table(report)],
        as_json=as_json,
    )


@app.command()
def accuracy(
    *,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with synthea_fhir_r4/ and mimic3_demo/; what is not there is left out, and said."),
    ] = None,
    dqd: Annotated[
        Path | None, typer.Option(help="Folder of OHDSI's DataQualityDashboard, for its rules on the same records.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which patients, which errors, and where.")] = 1,
    patients: Annotated[int, typer.Option(min=0, help="Patients of each set of records; 0 for all.")] = 0,
    forms: Annotated[
        Literal["known", "held-out"],
        typer.Option(help="Forms of errors: known (whoever wrote the rules has read them) or held-out (has not)."),
    ] = "known",
    as_json: JsonOption = False,
) -> None:
    """Which input errors are found: planted in real records, imported as users import, beside a range check and DQD.

    UCI Heart Disease ships with Wardround. Synthea's Bundles and MIMIC-III's demo do not: name their folder with --data.
    """
    from wardround.bench.accuracy.measuring import bench_accuracy
    from wardround.bench.accuracy.tables import accuracy_tables

    _measure(
        lambda say: bench_accuracy(data=data, dqd=dqd, seed=seed, patients=patients, forms=forms, say=say),
        show=accuracy_tables,
        as_json=as_json,
    )


@app.command()
def intake(
    *,
    mutants: Annotated[int, typer.Option(min=0, help="Mutants of each format; 0 leaves them out.")] = 10_000,
    mib: Annotated[int, typer.Option(min=8, help="The largest NDJSON file that is streamed, in MiB.")] = 1024,
    ccda: Annotated[Path | None, typer.Option(help="A folder of C-CDA documents (.xml); none ships with us.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which mutants, which invented charts.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Files of each format: read beside bare parsing, imported, in how much memory, and what mutants of them do.

    All of it takes about half an hour and a gigabyte of the folder for temporary files (TMPDIR).
    """
    from wardround.bench.intake.report import bench_intake
    from wardround.bench.intake.tables import intake_tables

    reading = tuple(sorted({max(mib // 16, 4), max(mib // 4, 4), mib}))
    report = _measure(
        lambda say: bench_intake(mutants=mutants, seed=seed, ccda=ccda, reading_mib=reading, say=say),
        show=intake_tables,
        as_json=as_json,
    )
    if not report["passes"]:
        raise typer.Exit(1)


@app.command()
def identity(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Which invented people, and which slips.")] = 1,
    people: Annotated[int, typer.Option(min=200, max=200_000, help="How many invented people.")] = 4_000,
    data: Annotated[
        Path | None, typer.Option(help="Folder with synthea_fhir_r4/; without it, invented people alone.")
    ] = None,
    estimate: Annotated[bool, typer.Option(help="Fit the weights to each set's own pairs first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Patients who are here twice: how many are found, and how many pairs are wrong, beside exact agreement and rules.

    With `pip install splink` it is measured beside that, too. The invented people are made up, and so are all second records.
    """
    from wardround.bench.identity import bench_identity
    from wardround.bench.tables import identity_tables

    _measure(
        lambda say: bench_identity(seed=seed, people=people, data=data, estimating=estimate, say=say),
        show=identity_tables,
        as_json=as_json,
    )


def _measure(
    measure: Callable[[Say], Report], *, show: Callable[[Report], Iterable[RenderableType]], as_json: bool
) -> Report:
    """Measure and show: progress on standard error, then one JSON document or tables; a refusal is said and ends with 1."""
    progress = Console(stderr=True)
    try:
        with progress.status("Measuring ...") as status:
            report = measure(lambda line: status.update(f"Measuring: {line}"))
    except NotMeasured as error:
        progress.print(str(error), style="red")
        raise typer.Exit(1) from error
    if as_json:
        json.dump(report, sys.stdout)
        sys.stdout.write("\n")
    else:
        for part in show(report):
            Console().print(part)
    return report


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 200:
        raise typer.BadParameter("Write numbers of 200 or more, for example 10000,100000.", param_hint="--sizes")
    return sizes


def _of_learning(report: Report) -> Iterator[RenderableType]:
    from wardround.bench.tables import difference_table, hospital_table, left_out_table, method_table, published_table

    for protocol in report["protocols"]:
        yield method_table(report, protocol=protocol)
    for protocol in report["per_hospital"]:
        yield hospital_table(report, protocol=protocol)
    for protocol in report["paired"]:
        yield difference_table(report, protocol=protocol)
    yield left_out_table(report)
    yield published_table(report)
    yield (
        f"{report['splits']} splits, {report['seconds']} s. Each hospital needs at least {report['minimum_patients']} "
        f"labelled patients here (50 by default). Leak check: {report['leak_check']}."
    )
