"""The accuracy benchmark's tables for people."""

from typing import Any

from rich.table import Table

GROUP_TITLES = {
    "gross": "gross: decimal, unit, impossible, date, sex",
    "history": "seen in the patient's history alone",
    "hidden": "hidden: no value or history tells",
    "other": "pressures, digits, duplicates, status, missing",
    "all_slips": "all decimal and unit slips, wherever they land",
}
VERDICT_TITLES = {
    "gross": "recall of gross errors, at least",
    "history": "recall in the patient's history, at least",
    "suggestion": "right suggestion for gross decimal and unit slips, at least",
    "false_alarms": "clean values held, at most",
}
RIVAL_TITLES = {"possible": "possible limits", "plausible": "plausible limits", "dqd": "DQD"}


def accuracy_tables(report: dict[str, Any]) -> list[Table]:
    """Verdicts, groups, kinds, what each was found as, and false alarms."""
    return [_verdicts(report), _groups(report), _kinds(report), _confusion(report), _false_alarms(report)]


def percent(figure: dict[str, Any], *, interval: bool = True) -> str:
    """ "93.1 % (90.2 to 95.3)", or a dash for a share of nothing."""
    if figure["share"] is None:
        return "-"
    text = f"{100 * figure['share']:.1f} %"
    return f"{text} ({100 * figure['low']:.1f} to {100 * figure['high']:.1f})" if interval else text


def _verdicts(report: dict[str, Any]) -> Table:
    table = Table(title=f"Targets, {report['forms']} forms of errors", title_justify="left", caption_justify="left")
    for name in ("", "target", "reached", ""):
        table.add_column(name, justify="right" if name else "left")
    for name, found in report["verdicts"].items():
        reached = "-" if found["reached"] is None else f"{100 * found['reached']:.2f} %"
        passes = "reached" if found["passes"] else "not reached"
        table.add_row(VERDICT_TITLES[name], f"{100 * found['target']:.0f} %", reached, passes)
    table.caption = " ".join(report["missing"].values()) or None
    return table


def _groups(report: dict[str, Any]) -> Table:
    table = Table(title="Groups of errors, recall with its 95 % interval", title_justify="left")
    for name in ("records", "errors", "planted", "recall", "right suggestion", *RIVAL_TITLES.values()):
        table.add_column(name, justify="left" if name in ("records", "errors") else "right")
    sets = {"all": report["groups"]} | {
        report["records"][key]["title"]: found for key, found in report["groups_of_each"].items()
    }
    for title, groups in sets.items():
        for name, found in groups.items():
            table.add_row(title, GROUP_TITLES[name], *_cells(found))
    return table


def _kinds(report: dict[str, Any]) -> Table:
    table = Table(title="Kinds of errors", title_justify="left")
    for name in ("kind", "planted", "recall", "right suggestion", *RIVAL_TITLES.values()):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for name, found in report["kinds"].items():
        table.add_row(name.replace("_", " "), *_cells(found))
    return table


def _cells(found: dict[str, Any]) -> list[str]:
    rivals = (percent(found["rivals"][name], interval=False) for name in RIVAL_TITLES)
    right = f"{found['right_of_suggested']['found']} of {found['suggested']}" if found["suggested"] else "-"
    return [str(found["planted"]), percent(found["recall"]), right, *rivals]


def _confusion(report: dict[str, Any]) -> Table:
    table = Table(title="What each kind was found as", title_justify="left")
    table.add_column("planted")
    table.add_column("found as")
    for kind, found in report["confusion"].items():
        table.add_row(kind.replace("_", " "), ", ".join(f"{name} {number}" for name, number in found.items()))
    return table


def _false_alarms(report: dict[str, Any]) -> Table:
    table = Table(title="False alarms on clean records", title_justify="left")
    names = (
        "records",
        "clean values",
        "held",
        "remarked on",
        *RIVAL_TITLES.values(),
        "records held",
        "real errors found",
    )
    for name in names:
        table.add_column(name, justify="left" if name == "records" else "right")
    for key, found in report["false_alarms"].items():
        rivals = (
            percent(found["rivals"][name], interval=False) if name in found["rivals"] else "-" for name in RIVAL_TITLES
        )
        defects = found["defects"]
        table.add_row(
            report["records"][key]["title"],
            f"{found['values']:,}",
            percent(found["held"]),
            percent(found["remarked"], interval=False),
            *rivals,
            str(found["records"]["found"]),
            f"{defects['found']} of {defects['n']}",
        )
    return table
