"""Runs the product's own commands as processes of their own, as a person would, and reads their JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from wardround.demo.folder import DemoError

T = TypeVar("T")
AT_ONCE = 2


def wardround(*arguments: str | Path, log: Path, stdin: str = "", seconds: float = 600.0) -> Any:
    """Run ``wardround ARGUMENTS``, which must make it answer in JSON, and return the document.

    Raises DemoError with the command's own last sentence when it refuses. What it says on standard error is kept in ``log``.
    """
    words = [str(argument) for argument in arguments]
    with log.open("ab") as errors:
        errors.write(f"$ wardround {' '.join(words)}\n".encode())
        errors.flush()
        started = errors.tell()
        try:
            done = subprocess.run(  # noqa: S603 - the commands are the product's own
                [sys.executable, "-m", "wardround.cli", *words],
                input=stdin.encode(),
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DemoError(
                f"`wardround {' '.join(words[:2])}` did not end in {seconds:.0f} seconds. See {log}."
            ) from None
    if done.returncode != 0:
        raise DemoError(f"`wardround {' '.join(words[:2])}` failed: {_last_sentence(log, started)} (see {log})")
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise DemoError(
            f"`wardround {' '.join(words[:2])}` did not answer with one JSON document. See {log}."
        ) from None


def two_at_a_time(work: Sequence[Callable[[], T]]) -> list[T]:
    """Run pieces of work that wait for processes, two at a time, and give their results in order; the first error ends it."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        futures = [pool.submit(piece) for piece in work]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without another side's home, one thread per process: two cores serve five sides."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("WARDROUND_HOME", "DJANGO_SETTINGS_MODULE")
    }
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} | dict(extra or {})


def _last_sentence(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        lines = [line.strip() for line in file.read().decode("utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
