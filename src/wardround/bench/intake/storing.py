"""How fast each format goes through the whole import: read, checked, standardised, judged, encrypted, indexed, audited."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wardround.bench.intake.door import imported, new_home
from wardround.bench.intake.samples import samples


def storing(folder: Path, *, ccda: Path | None, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """One line per format, each into a home of its own; imported twice, the second time changes nothing."""
    lines = []
    for made in samples(folder / "files", ccda=ccda):
        say(f"importing {made.name}")
        home = new_home(folder / "homes" / made.name)
        first = imported(home, paths=[made.folder], form=made.form, mapping=made.mapping_file)
        again = imported(home, paths=[made.folder], form=made.form, mapping=made.mapping_file)
        report = first.report
        lines.append(
            {
                "format": made.name,
                "messages": report["messages"],
                "resources": report["resources"],
                "quarantined": report["quarantined_messages"],
                "messages_per_second": round(report["messages"] / report["seconds"]),
                "resources_per_second": round(report["resources_per_second"]),
                "peak_mib": round(first.peak_mib),
                "changed_the_second_time": again.report["created"] + again.report["updated"],
                "seconds_the_second_time": again.report["seconds"],
            }
        )
    return lines
