"""The intake benchmark's tables for people."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table


def intake_tables(report: dict[str, Any]) -> Iterator[Table]:
    """Reading beside bare parsing, the whole import, memory by size, mutants."""
    table = _table("Reading files into FHIR, beside bare parsing of the same files", "format", "messages", "messages/s")
    for name in ("resources/s", "bare parser", "bare messages/s", "times bare"):
        table.add_column(name, justify="right")
    for line in report["parsing"]:
        bare = line["bare"] or "not installed"
        cells = (line["messages"], line["messages_per_second"], line["resources_per_second"], bare)
        table.add_row(
            line["format"], *map(_number, cells), _number(line["bare_messages_per_second"]), _number(line["over_bare"])
        )
    yield table
    table = _table("The whole import, into an empty home", "format", "messages/s", "resources/s")
    for name in ("peak MiB", "changed the second time"):
        table.add_column(name, justify="right")
    for line in report["storing"]:
        cells = ("messages_per_second", "resources_per_second", "peak_mib", "changed_the_second_time")
        table.add_row(line["format"], *(_number(line[name]) for name in cells))
    yield table
    table = _table("Memory by the size of an NDJSON file", "", "MiB", "resources")
    for name in ("MiB/s", "peak MiB"):
        table.add_column(name, justify="right")
    for what in ("reading", "storing"):
        for line in report["memory"][what]:
            cells = ("mib", "resources", "mib_per_second", "peak_mib")
            table.add_row(what, *(_number(line.get(name)) for name in cells))
    yield table
    if "mutants" in report:
        yield _mutants(report)


def _mutants(report: dict[str, Any]) -> Table:
    table = _table("Mutants", "format", "read", "drafts")
    for name in ("refused", "crashes", "hangs", "longest s", "imported", "coverage-guided"):
        table.add_column(name, justify="right")
    for line, guided in zip(report["mutants"], report["coverage_guided"], strict=True):
        door = line["door"]
        cells = (line["mutants"], line["drafts"], line["refused"], sum(line["crashes"].values()), line["hangs"])
        said = {True: "passes", False: "fails", None: "not installed"}[guided["passes"]]
        imported = "fails" if door["failure"] else door["mutants"]
        table.add_row(line["format"], *map(_number, (*cells, line["longest_seconds"], imported)), said)
    return table


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _number(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
