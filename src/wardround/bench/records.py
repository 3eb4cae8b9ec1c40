"""What the record store reaches on each database, every figure beside a floor from the same run."""

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, Literal

import orjson

from wardround.bench.charts import invented_chart
from wardround.bench.postgresql import NoPostgreSQL, private_postgresql
from wardround.bench.running import Say, run_site
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.web.database import VARIABLE

Database = Literal["sqlite", "postgresql"]
SIZES = (10_000, 100_000, 1_000_000)
DATABASES: tuple[Database, ...] = ("sqlite", "postgresql")
GROWTH_AT_MOST = 2.0
_VALIDATED_CHARTS = 20
_RUNS = 3


def bench_records(
    *, sizes: Sequence[int] = SIZES, databases: Sequence[Database] = DATABASES, seed: int = 1, repeats: int, say: Say
) -> dict[str, Any]:
    """The report of `wardround bench records`. The patients are invented. A database that is not here says why."""
    return {
        "patients": "invented: nobody in them exists",
        "seed": seed,
        "http": "the whole Django stack in the measuring process, called as a WSGI server calls it; no network",
        "floors": "plain SQL of the same question, and inserts of the same rows, through the driver's own connection",
        "machine": {"cores": os.cpu_count(), "memory_gib": _memory_gib(), "python": platform.python_version()},
        "validation": validation_speed(seed=seed, charts=_VALIDATED_CHARTS),
        "databases": {
            database: _database(database, sizes=sorted(sizes), seed=seed, repeats=repeats, say=say)
            for database in databases
        },
    }


def validation_speed(*, seed: int, charts: int) -> dict[str, Any]:
    """Resources checked in a second, beside orjson reading the same texts."""
    texts = [dumps(resource) for number in range(charts) for resource in invented_chart(number, seed=seed)]
    parsed = [loads(text) for text in texts]
    for resource in parsed[:200]:  # definitions are loaded by the first
        check(resource)
    checking = median(_seconds(lambda: [check(resource) for resource in parsed]) for _ in range(_RUNS))
    floor = median(_seconds(lambda: [orjson.loads(text) for text in texts]) for _ in range(_RUNS))
    return {
        "resources": len(texts),
        "per_second": round(len(texts) / checking),
        "floor_per_second": round(len(texts) / floor),
        "over_floor": round(checking / floor, 1),
    }


def _database(database: Database, *, sizes: Sequence[int], seed: int, repeats: int, say: Say) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wardround-bench-"))
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
        if database == "postgresql":
            try:
                environment[VARIABLE] = stack.enter_context(private_postgresql(durable=True))
            except NoPostgreSQL as missing:
                return {"skipped": str(missing)}
        answer = run_site(
            "wardround.bench.records_site",
            [folder, ",".join(map(str, sizes)), str(seed), str(repeats)],
            environment=environment,
            say=lambda line: say(f"{database}: {line}"),
        )
        report: dict[str, Any] = json.loads(answer)
    report["growth"] = growth(report["sizes"])
    return report


def growth(sizes: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """How much slower patient + code is at the largest size than at the one before; None with one size."""
    if len(sizes) < 2:
        return None
    before, after = sizes[-2], sizes[-1]
    ratio = after["questions"]["patient_code"]["p50_ms"] / before["questions"]["patient_code"]["p50_ms"]
    return {
        "question": "patient_code",
        "from": before["observations"],
        "to": after["observations"],
        "p50_ratio": round(ratio, 2),
        "at_most": GROWTH_AT_MOST,
        "passes": ratio <= GROWTH_AT_MOST,
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _memory_gib() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (ValueError, OSError):
        return None
