"""What readers do with mutants: a draft or a refusal with a reason, never a traceback, a hang or a memory without end.

Each mutant is read as a file, and what comes out is checked as the write path would check it. A sample of the mutants
then goes through the import command itself.
"""

import random
import resource
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from wardround.bench.intake.door import imported, new_home
from wardround.bench.intake.mutants import mutant
from wardround.bench.intake.samples import Sample, samples
from wardround.bench.running import NotMeasured
from wardround.interchange.draft import Draft, Reject
from wardround.interchange.fhir.structure import check

_HANGS_SECONDS = 20.0  # far beyond what any mutant needs; a slow machine is no hang
_CHARTS = 3
_SINGLE_IMPORTS = 20  # each starts a process


class Hung(Exception):
    """A mutant was not done with in time."""


def fuzzing(
    folder: Path, *, mutants: int, through_the_door: int, seed: int, ccda: Path | None, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """One line per parser; `crashes` and `hangs` name the place in the code, never the content."""
    lines = []
    for made in samples(folder / "seeds", charts=_CHARTS, ccda=ccda):
        say(f"reading {mutants:,} mutants of {made.name}")
        line = read_mutants(made, mutants=mutants, seed=seed)
        say(f"importing {through_the_door:,} mutants of {made.name}")
        line["door"] = import_mutants(made, folder / made.name, mutants=through_the_door, seed=seed)
        line["passes"] = not (line["crashes"] or line["hangs"] or line["door"]["failure"])
        lines.append(line)
    return lines


def read_mutants(made: Sample, *, mutants: int, seed: int) -> dict[str, Any]:
    """Read so many mutants of a sample's files with its reader."""
    dice = random.Random(f"{seed}|{made.name}")  # noqa: S311 - mutants, not keys
    seeds = made.contents()
    crashes: Counter[str] = Counter()
    found: Counter[str] = Counter()
    longest = 0.0
    mapping = made.mapping
    with tempfile.TemporaryDirectory() as name:
        for _number in range(mutants):
            folder = Path(name)
            _write_mutant(folder, seeds, dice=dice)
            started = time.monotonic()
            try:
                with _time_limit(_HANGS_SECONDS):
                    found.update(_what_became(made, folder, mapping=mapping))
            except Hung:
                found["hangs"] += 1
            except Exception as error:  # noqa: BLE001 - that none gets here is what is measured
                crashes[_place(error)] += 1
            longest = max(longest, time.monotonic() - started)
    return {
        "format": made.name,
        "mutants": mutants,
        "drafts": found["drafts"],
        "refused": found["refused"],
        "not_valid": found["not_valid"],
        "crashes": dict(crashes),
        "hangs": found["hangs"],
        "longest_seconds": round(longest, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def import_mutants(made: Sample, folder: Path, *, mutants: int, seed: int) -> dict[str, Any]:
    """Import so many mutants in one batch: the command ends well, and everything it read is stored or in quarantine."""
    dice = random.Random(f"{seed}|door|{made.name}")  # noqa: S311 - mutants, not keys
    seeds = made.contents()
    paths = []
    for number in range(mutants):
        one = folder / "mutants" / f"{number:05d}"
        one.mkdir(parents=True)
        _write_mutant(one, seeds, dice=dice)
        paths.append(one)
    # One OMOP export is one folder; of any other format all folders are one import.
    together = [[path] for path in paths[:_SINGLE_IMPORTS]] if made.form == "omop" else [paths]
    total: Counter[str] = Counter()
    peak = 0.0
    try:
        home = new_home(folder / "home")
        for part in together:
            done = imported(home, paths=part, form=made.form, mapping=made.mapping_file)
            peak = max(peak, done.peak_mib)
            for name in ("messages", "resources", "quarantined_messages", "quarantined_known"):
                total[name] += done.report[name]
    except NotMeasured as error:
        return {"mutants": mutants, "failure": str(error)}
    return {
        "mutants": min(mutants, sum(map(len, together))),
        "messages": total["messages"],
        "resources": total["resources"],
        "quarantined": total["quarantined_messages"] + total["quarantined_known"],
        "peak_mib": round(peak),
        "failure": "",
    }


def _write_mutant(folder: Path, seeds: dict[str, bytes], *, dice: random.Random) -> None:
    """The files of the sample, one of them as a mutant."""
    broken = dice.choice(sorted(seeds))
    of_its_kind: Sequence[bytes] = [raw for name, raw in seeds.items() if Path(name).suffix == Path(broken).suffix]
    for name, raw in seeds.items():
        content = mutant([raw, raw, *of_its_kind], dice=dice) if name == broken else raw
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _what_became(made: Sample, folder: Path, *, mapping: Any) -> Iterator[str]:
    for reading in made.reader.read([folder], mapping=mapping):
        if isinstance(reading, Draft):
            yield "drafts"
            if any(check(one) for one in reading.resources):
                yield "not_valid"
        else:
            assert isinstance(reading, Reject)  # noqa: S101 - that nothing else comes is what is measured
            assert reading.reason  # noqa: S101
            yield "refused"


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def hung(_number: int, _frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _place(error: Exception) -> str:
    """The kind of error and where in our code it came up; its words may hold what was in the file."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "wardround" in frame.filename]
    frame = (ours or traceback.extract_tb(error.__traceback__))[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
