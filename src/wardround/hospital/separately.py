"""A command of this hospital in a process of its own: what learning and measuring need in memory is given back when it has ended."""

import subprocess
import sys

from django.conf import settings


def run_separately(*words: str) -> bool:
    """Run `wardround hospital ...` to its end; False when it failed, and why is said on standard error."""
    command = (sys.executable, "-m", "wardround.cli", "hospital", *words, "--json", "--home", str(settings.HOME.path))
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0  # noqa: S603 - the product's own command
