"""Imports as a hospital runs them: the command, in a process of its own, into a new home; with what memory it took."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wardround.bench.running import NotMeasured


@dataclass(frozen=True)
class Imported:
    """What an import reported, and the most memory that its process held."""

    report: dict[str, Any]
    peak_mib: float


def new_home(folder: Path) -> Path:
    """A hospital's home without anything in it."""
    _run(["init", "--home", str(folder), "--name", "Benchmark", "--json"])
    return folder


def imported(home: Path, *, paths: Sequence[Path], form: str, mapping: Path | None = None) -> Imported:
    """Import these paths into a home."""
    options = ["--mapping", str(mapping)] if mapping else []
    words = ["import", "--home", str(home), "--format", form, *options, "--json", *map(str, paths)]
    output, peak = _run(words)
    return Imported(json.loads(output), peak)


def _run(words: Sequence[str]) -> tuple[str, float]:
    command = [sys.executable, "-m", "wardround.cli", "hospital", *words]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, text=True)  # noqa: S603 - our own command
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        said = errors.read()
        if process.returncode != 0 or "Traceback" in said:
            raise NotMeasured(f"`wardround hospital {words[0]}` ended with {process.returncode}: {said[-2_000:]}")
        return output.read(), usage.ru_maxrss / 1024
