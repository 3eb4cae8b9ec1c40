"""A process that ends when the process that started it has ended."""

import os
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
