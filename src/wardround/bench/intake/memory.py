"""Is memory flat in the size of a file? The same reader, and the same import, on NDJSON files that grow."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from wardround.bench.charts import invented_chart, people_around
from wardround.bench.intake.door import imported, new_home
from wardround.interchange.fhir.json import dumps

MIB = 1024 * 1024
_FLAT = 1.25  # the largest file's peak may be so many times the smallest's
_READ = """
import sys
from pathlib import Path
from wardround.bench.intake.samples import consumed
from wardround.interchange import ndjson
from wardround.interchange.mapping import mapping_of
mapping = mapping_of({"source": {"slug": "bench", "name": "bench", "format": "fhir"}})
print(*consumed(ndjson.read([Path(sys.argv[1])], mapping=mapping)))
"""


def memory(
    folder: Path, *, reading: Sequence[int], storing: Sequence[int], seed: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Peak memory at these sizes (in MiB), smallest first, of reading and of the whole import."""
    folder.mkdir(parents=True, exist_ok=True)
    read = []
    for size in reading:
        say(f"reading an NDJSON file of {size} MiB")
        path = folder / f"read-{size}.ndjson"
        write_ndjson(path, mib=size, seed=seed)
        read.append(_read(path, size=size))
        path.unlink()
    stored = []
    for size in storing:
        say(f"importing an NDJSON file of {size} MiB")
        path = folder / f"store-{size}.ndjson"
        write_ndjson(path, mib=size, seed=seed)
        done = imported(new_home(folder / f"home-{size}"), paths=[path], form="fhir")
        stored.append({"mib": size, "resources": done.report["resources"], "peak_mib": round(done.peak_mib)})
        path.unlink()
    return {"reading": read, "storing": stored, "at_most": _FLAT, "passes": _is_flat(read) and _is_flat(stored)}


def write_ndjson(path: Path, *, mib: int, seed: int) -> None:
    """Invented charts, a resource a line, until the file is so large."""
    left = mib * MIB
    with path.open("wb") as file:
        for number in count():
            for resource in (*(people_around() if number == 0 else ()), *invented_chart(number, seed=seed)):
                line = dumps(resource) + b"\n"
                file.write(line)
                left -= len(line)
            if left <= 0:
                return


def _read(path: Path, *, size: int) -> dict[str, Any]:
    process = subprocess.Popen([sys.executable, "-c", _READ, str(path)], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None  # noqa: S101 - it was asked for
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    messages, resources = (int(word) for word in said.split())
    return {
        "mib": size,
        "messages": messages,
        "resources": resources,
        "seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "mib_per_second": round(size / (usage.ru_utime + usage.ru_stime), 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }


def _is_flat(lines: Sequence[dict[str, Any]]) -> bool:
    return not lines or lines[-1]["peak_mib"] <= _FLAT * lines[0]["peak_mib"]
