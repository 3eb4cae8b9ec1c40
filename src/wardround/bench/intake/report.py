"""`bench intake` as one report."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wardround.bench.intake.coverage_guided import coverage_guided
from wardround.bench.intake.fuzzing import fuzzing
from wardround.bench.intake.memory import memory
from wardround.bench.intake.parsing import parsing
from wardround.bench.intake.samples import samples
from wardround.bench.intake.storing import storing

READING_MIB = (64, 256, 1024)
STORING_MIB = (8, 32)
MUTANTS = 10_000


def bench_intake(
    *,
    mutants: int,
    seed: int,
    ccda: Path | None = None,
    say: Callable[[str], None],
    reading_mib: tuple[int, ...] = READING_MIB,
    storing_mib: tuple[int, ...] = STORING_MIB,
) -> dict[str, Any]:
    """Everything; without mutants where `mutants` is 0."""
    with tempfile.TemporaryDirectory(prefix="wardround-intake-") as name:
        folder = Path(name)
        report: dict[str, Any] = {
            "seed": seed,
            "parsing": parsing(folder / "parsing", ccda=ccda, say=say),
            "storing": storing(folder / "storing", ccda=ccda, say=say),
            "memory": memory(folder / "memory", reading=reading_mib, storing=storing_mib, seed=seed, say=say),
        }
        if mutants:
            door = max(mutants // 20, 1)
            report["mutants"] = fuzzing(
                folder / "mutants", mutants=mutants, through_the_door=door, seed=seed, ccda=ccda, say=say
            )
            report["coverage_guided"] = []
            for made in samples(folder / "guided", charts=3, ccda=ccda):
                say(f"{mutants:,} coverage-guided mutants of {made.name}")
                seeds = made.messages() if made.name == "meds" else list(made.contents().values())
                report["coverage_guided"].append(coverage_guided(made.name, seeds=seeds, runs=mutants, seed=seed))
    report["passes"] = report["memory"]["passes"] and all(
        line["passes"] is not False for line in (*report.get("mutants", ()), *report.get("coverage_guided", ()))
    )
    return report
