"""Writes the tables of docs/benchmarks.md from reports of `wardround bench records --json` and `bench accuracy --json`.

python scripts/write_benchmark_tables.py REPORT.json [REPORT.json ...]: one section for each database and report, and one of
accuracy for each set of forms, each between its own two marks in the document. What stands outside the marks is written by hand.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wardround.bench.accuracy.markdown import accuracy_markdown
from wardround.bench.tables import QUESTION_TITLES

DOCUMENT = Path(__file__).parents[1] / "docs/benchmarks.md"
BEGIN, END = "<!-- written by scripts/write_benchmark_tables.py -->\n", "<!-- end -->\n"
BEGIN_ACCURACY = "<!-- accuracy, written by scripts/write_benchmark_tables.py -->\n"
BEGIN_HELD_OUT = "<!-- held-out accuracy, written by scripts/write_benchmark_tables.py -->\n"


def sections(report: dict[str, Any]) -> Iterator[str]:
    """Markdown of every database that was measured."""
    for found in report["databases"].values():
        if "skipped" not in found:
            yield "\n".join(_section(found, machine=report["machine"]))


def _section(found: dict[str, Any], *, machine: dict[str, Any]) -> Iterator[str]:
    yield f"### {found['version']}\n"
    yield f"{machine['cores']} cores, {machine['memory_gib']} GiB of memory, Python {machine['python']}.\n"
    imported = found["import"]
    yield (
        f"Import: {imported['resources']:,} resources in {imported['seconds']:.1f} s; plain inserts of the same "
        f"{imported['rows_of_floor']:,} rows in {imported['floor_seconds']:.2f} s: **{imported['over_floor']} times** "
        f"(at most 6: {_verdict(imported)}).\n"
    )
    yield "| question | Observations | requests | per second | p50 | p99 | plain SQL p50 | plain SQL p99 | p50 over plain SQL |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for question, title in QUESTION_TITLES.items():
        for size in found["sizes"]:
            figures = size["questions"][question]
            times = (f"{figures[key]:.2f} ms" for key in ("p50_ms", "p99_ms", "floor_p50_ms", "floor_p99_ms"))
            cells = [
                *(title, f"{size['observations']:,}", f"{figures['requests']}", f"{figures['per_second']:.0f}"),
                *(*times, f"{figures['over_floor']:.1f}"),
            ]
            yield f"| {' | '.join(cells)} |"
    growth = found.get("growth")
    if growth:
        yield (
            f"\nPatient and code at {growth['to']:,} beside {growth['from']:,}: p50 {growth['p50_ratio']} times. "
            "The target is at most 2 from 100,000 to 1,000,000, both under one load."
        )
    yield ""


def _verdict(figures: dict[str, Any]) -> str:
    return "reached" if figures["passes"] else "not reached"


def main(paths: list[str]) -> None:
    """Replace what stands between the marks of each benchmark that was measured."""
    reports = [json.loads(Path(path).read_text("utf-8")) for path in paths]
    stores = "\n".join(text for report in reports if "databases" in report for text in sections(report))
    accuracies = [report for report in reports if "verdicts" in report]
    held_out = "\n".join(accuracy_markdown(report) for report in accuracies if report.get("forms") == "held-out")
    known = "\n".join(accuracy_markdown(report) for report in accuracies if report.get("forms") != "held-out")
    document = DOCUMENT.read_text("utf-8")
    for begin, tables in ((BEGIN, stores), (BEGIN_ACCURACY, known), (BEGIN_HELD_OUT, held_out)):
        if tables:
            document = _between(document, begin=begin, tables=tables)
    DOCUMENT.write_text(document, "utf-8")


def _between(document: str, *, begin: str, tables: str) -> str:
    before, _mark, rest = document.partition(begin)
    _old, _mark, after = rest.partition(END)
    return f"{before}{begin}\n{tables}\n{END}{after}"


if __name__ == "__main__":
    main(sys.argv[1:])
