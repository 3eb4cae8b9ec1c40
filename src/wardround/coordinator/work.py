"""The coordinator's worker: seals the audit trail and brings runs to the engine."""

import logging
import signal
import threading

from wardround.coordinator.engine.session import EngineAwayError
from wardround.coordinator.leading.dispatch import Dispatcher
from wardround.web.audit.sealing import seal_until_stopped

_STEP_SECONDS = 0.3


def work_until_stopped() -> None:
    """Runs in a process of its own until SIGTERM; Django is set up."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sealer = threading.Thread(target=seal_until_stopped, args=(stopping,), name="sealer", daemon=True)
    sealer.start()
    dispatcher = Dispatcher()
    while not stopping.is_set():
        try:
            dispatcher.step()
        except EngineAwayError as away:
            logging.getLogger(__name__).info("%s", away)
        stopping.wait(_STEP_SECONDS)
    dispatcher.close()
    sealer.join(timeout=2)
