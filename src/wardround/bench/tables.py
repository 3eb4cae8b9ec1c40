"""The benchmark's tables for people."""

from typing import Any

from rich.table import Table

from wardround.bench.pages import PAGE_TITLES

TITLES = {
    "flamby_fixed": "FLamby's rows and its one split",
    "flamby_resplits": "FLamby's rows, re-split",
    "all_rows": "All 920 patients",
}
METHOD_TITLES = {
    "local": "each hospital alone",
    "federated": "federated, shared weights only",
    "federated_site": "federated with site part",
    "pooled": "all records in one place",
    "majority": "each hospital's majority",
}


def method_table(report: dict[str, Any], *, protocol: str) -> Table:
    """Mean figures of every method, with the 95 % interval of the mean where there are several splits."""
    table = Table(title=TITLES[protocol], title_justify="left")
    table.add_column("method")
    for name in ("mean accuracy", "mean AUROC", "pooled AUROC", "Brier"):
        table.add_column(name, justify="right")
    for method, figures in report["protocols"][protocol].items():
        cells = [_with_interval(figures, name) for name in ("mean_accuracy", "mean_auroc", "pooled_auroc", "brier")]
        table.add_row(METHOD_TITLES[method], *cells)
    return table


def hospital_table(report: dict[str, Any], *, protocol: str) -> Table:
    """AUROC / accuracy / Brier per hospital. Switzerland's held-out patients without disease are two or three."""
    table = Table(title=f"{TITLES[protocol]}: AUROC / accuracy / Brier per hospital", title_justify="left")
    table.add_column("method")
    names = report["hospitals"]
    for slug in names:
        table.add_column(names[slug], justify="right")
    for method, hospitals in report["per_hospital"][protocol].items():
        cells = [
            " / ".join(_three(hospitals[slug][figure]) for figure in ("auroc", "accuracy", "brier")) for slug in names
        ]
        table.add_row(METHOD_TITLES[method], *cells)
    return table


def difference_table(report: dict[str, Any], *, protocol: str) -> Table:
    """Paired differences over the splits."""
    table = Table(title=f"{TITLES[protocol]}: paired differences", title_justify="left")
    for name in ("difference", "mean", "95 % interval", "above 0"):
        table.add_column(name, justify="left" if name == "difference" else "right")
    for name, found in report["paired"][protocol].items():
        interval = f"{found['low']:+.3f} to {found['high']:+.3f}"
        table.add_row(name, f"{found['mean']:+.4f}", interval, f"{found['above_zero']} of {found['splits']}")
    return table


def left_out_table(report: dict[str, Any]) -> Table:
    """What a hospital without data of its own gets from the others."""
    table = Table(
        title="All 920 patients: learned by the three others, judged on the whole fourth", title_justify="left"
    )
    for name in ("hospital", "patients", "AUROC", "Brier"):
        table.add_column(name, justify="left" if name == "hospital" else "right")
    for slug, found in report["leave_one_hospital_out"].items():
        table.add_row(report["hospitals"][slug], str(found["patients"]), _three(found["auroc"]), _three(found["brier"]))
    return table


def published_table(report: dict[str, Any]) -> Table:
    """FLamby's published accuracies beside ours on its split."""
    table = Table(title="FLamby's split, mean accuracy of the four hospitals", title_justify="left")
    table.add_column("method")
    table.add_column("accuracy", justify="right")
    for name, value in report["flamby_published_accuracy"].items():
        table.add_row(f"FLamby: {name}", _three(value))
    for method, figures in report["protocols"]["flamby_fixed"].items():
        table.add_row(f"here: {METHOD_TITLES[method]}", _three(figures["mean_accuracy"]))
    return table


def _with_interval(figures: dict[str, Any], name: str) -> str:
    if "intervals" not in figures:
        return _three(figures[name])
    low, high = figures["intervals"][name]
    return f"{figures[name]:.3f} ({low:.3f} to {high:.3f})"


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def secure_sum_table(report: dict[str, Any]) -> Table:
    """One row per size: what a hospital sends and computes, beside the plain sum of float32 arrays."""
    title = f"One secure sum of {report['bits']}-bit words, best of {report['repeats']}"
    table = Table(title=title, title_justify="left")
    for name in (
        "hospitals",
        "words",
        "bytes up / float32",
        "one hospital",
        "coordinator",
        "all, in turn",
        "plain sum",
    ):
        table.add_column(name, justify="right")
    for row in report["rows"]:
        seconds = row["seconds"]
        parts = ("one_hospital", "coordinator", "all_in_one_process", "plain_float32_sum")
        table.add_row(
            str(row["hospitals"]),
            f"{row['words']:,}",
            f"{row['bytes_up_over_float32']:.4f}",
            *(f"{seconds[part]:.3f} s" for part in parts),
        )
    return table


QUESTION_TITLES = {
    "read": "read",
    "create": "create",
    "patient_code": "search by patient and code",
    "name": "search by name",
    "chained": "chained search",
    "include": "search with _include",
}


def records_tables(report: dict[str, Any]) -> list[Table]:
    """One table for each database: every question at every size, then the import and the growth in its caption."""
    return [_records_table(database, found) for database, found in report["databases"].items()]


def _records_table(database: str, found: dict[str, Any]) -> Table:
    table = Table(title=found.get("version", database), title_justify="left", caption_justify="left")
    if "skipped" in found:
        table.add_column("not measured")
        table.add_row(found["skipped"])
        return table
    for name in ("question", "Observations", "per second", "p50", "p99", "plain SQL p50", "over plain SQL"):
        table.add_column(name, justify="left" if name == "question" else "right")
    for question, title in QUESTION_TITLES.items():
        for size in found["sizes"]:
            figures = size["questions"][question]
            times = (f"{figures[name]:.2f} ms" for name in ("p50_ms", "p99_ms", "floor_p50_ms"))
            table.add_row(
                title,
                f"{size['observations']:,}",
                f"{figures['per_second']:.0f}",
                *times,
                f"{figures['over_floor']:.1f}",
            )
    imported, growth = found["import"], found["growth"]
    table.caption = (
        f"Import: {imported['resources_per_second']} resources a second, {imported['over_floor']} times the plain "
        f"inserts (at most {imported['at_most']:.0f}: {_verdict(imported)})."
    )
    if growth:
        table.caption += (
            f" Patient and code, {growth['from']:,} to {growth['to']:,}: {growth['p50_ratio']} times "
            f"(at most {growth['at_most']:.0f}: {_verdict(growth)})."
        )
    return table


def _verdict(figures: dict[str, Any]) -> str:
    return "reached" if figures["passes"] else "not reached"


def pages_table(report: dict[str, Any]) -> Table:
    """One row for each page, beside its floor; the caption says whether CDS Hooks reaches its target."""
    title = f"A chart of {report['observations']:,} Observations, {report['admitted']} patients on a ward"
    table = Table(title=title, title_justify="left", caption_justify="left")
    for name in ("page", "p50", "p95", "beside", "its p50", "times"):
        table.add_column(name, justify="left" if name in {"page", "beside"} else "right")
    for name, figures in report["pages"].items():
        table.add_row(
            PAGE_TITLES[name],
            f"{figures['p50_ms']:.1f} ms",
            f"{figures['p95_ms']:.1f} ms",
            figures["floor"],
            f"{figures['floor_p50_ms']:.2f} ms",
            f"{figures['over_floor']:.1f}",
        )
    table.caption = (
        f"CDS Hooks with {report['prefetched']} prefetched Observations: p95 {report['pages']['cds']['p95_ms']:.0f} ms "
        f"(at most {report['cds_p95_at_most_ms']:.0f}: {_verdict(report)})."
    )
    return table


def identity_tables(report: dict[str, Any]) -> list[Table]:
    """One table for each set of records: what finds how many of the true pairs."""
    titles = {"certain": "certain", "found": "certain or probable", "exact": "exact agreement", "rules": "rules"}
    tables = []
    for name, one in report["sets"].items():
        title = f"{name}: {one['records']} records, {one['true_pairs']} pairs of one person, {one['compared']} compared"
        table = Table(title=title, title_justify="left")
        for column in ("method", "pairs", "precision", "recall", "F1"):
            table.add_column(column, justify="left" if column == "method" else "right")
        for method, found in one["methods"].items():
            if "skipped" in found:
                table.add_row(method, found["skipped"])
            else:
                cells = [f"{found[figure]:.4f}" for figure in ("precision", "recall", "f1")]
                table.add_row(titles.get(method, method), str(found["pairs"]), *cells)
        tables.append(table)
    return tables
