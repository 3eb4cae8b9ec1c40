"""The benchmark's tables for people."""

from typing import Any

from rich.table import Table

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
