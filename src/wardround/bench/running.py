"""What every benchmark does alike: it says how far it is, runs a site in a process of its own, and refuses to show nonsense."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

Say = Callable[[str], None]
_LAST_LINES = 15


class NotMeasured(Exception):
    """What was to be measured did not come to its end, so there are no figures; the message is its last words."""


class LeakFound(NotMeasured):
    """What is to be found out is told otherwise than by what is to be measured: the figures would be too good."""


def run_site(module: str, arguments: Sequence[str], *, say: Say, environment: Mapping[str, str] | None = None) -> str:
    """Run a module of ours as the one site of a process, and give what it wrote; its standard error says how far it is.

    A Django process is one site on one database. Raises NotMeasured.
    """
    process = subprocess.Popen(  # noqa: S603 - this program's own module
        [sys.executable, "-m", module, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    last: list[str] = []
    with process:
        if process.stdout is None or process.stderr is None:
            raise NotMeasured("The site has no output.")
        for line in process.stderr:
            last = [*last[-_LAST_LINES:], line.rstrip()]
            say(line.strip())
        answer = process.stdout.read()
    if process.returncode:
        raise NotMeasured("\n".join(last))
    return answer
