"""A process that ends when the process that started it has ended.

`python -m wardround.web.parent MODULE ARGUMENTS` runs a module so: the engine starts its workers in sessions of
their own, and they would outlive a killed parent.
"""

import os
import runpy
import sys
import threading

_SECONDS = 0.5


def end_with_parent() -> None:
    """Watch the parent from a thread and end this process, at once and for good, when it is gone.

    The kernel's own signal (PR_SET_PDEATHSIG) fires when the starting *thread* ends, and the engine starts its
    workers from threads that do.
    """
    parent = os.getppid()

    def watch() -> None:
        waiting = threading.Event()
        while os.getppid() == parent:
            waiting.wait(_SECONDS)
        os._exit(3)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def bound_to_parent(command: list[str]) -> list[str]:
    """The command `python ... -m MODULE ...` changed so that it ends with its parent."""
    at = command.index("-m")
    return [*command[: at + 1], "wardround.web.parent", *command[at + 1 :]]


if __name__ == "__main__":
    end_with_parent()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
