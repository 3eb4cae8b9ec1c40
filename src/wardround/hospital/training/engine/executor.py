"""The hospital's end of the wire: a message comes in, this hospital's part of the study answers."""

import logging
import os
from collections.abc import Callable

from nvflare.apis.event_type import EventType
from nvflare.apis.executor import Executor
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from wardround.federation.errors import FederationError
from wardround.web.home import Home

MESSAGE, ANSWER, REFUSAL = "message", "answer", "refusal"
Answer = Callable[[bytes], bytes]


class StudyExecutor(Executor):
    """Runs in the hospital's worker process. The engine gives it one bytes field and gets one back."""

    def __init__(self, study_hash: str, run_id: str) -> None:
        super().__init__()
        self._study_hash = study_hash
        self._run_id = run_id
        self._answer: Answer | None = None
        self._refusal = "The worker has not started."

    def handle_event(self, event_type: str, fl_ctx: FLContext) -> None:  # noqa: ARG002 - the engine's signature
        if event_type == EventType.START_RUN:
            # Before the first message, so that imports and the cohort do not count as a slow answer.
            self._open()

    def execute(
        self,
        task_name: str,  # noqa: ARG002 - the engine's signature
        shareable: Shareable,
        fl_ctx: FLContext,  # noqa: ARG002
        abort_signal: Signal,  # noqa: ARG002
    ) -> Shareable:
        reply = Shareable()
        message = shareable.get(MESSAGE)
        if self._answer is None or not isinstance(message, bytes):
            reply[REFUSAL] = self._refusal if self._answer is None else "The message is not bytes."
            return reply
        try:
            reply[ANSWER] = self._answer(message)
        except FederationError as refusal:
            # These sentences are written to leave the hospital; no other error's text may.
            logging.getLogger(__name__).warning("Refused: %s", refusal)
            reply[REFUSAL] = str(refusal)
        except Exception:
            logging.getLogger(__name__).exception("This hospital's part failed.")
            reply[REFUSAL] = "This hospital's part failed; its log says why."
        return reply

    def _open(self) -> None:
        from wardround.hospital.training.session import open_session

        try:
            home = Home.load(os.environ["WARDROUND_HOME"])
            self._answer = open_session(home, study_hash=self._study_hash, run_id=self._run_id)
        except FederationError as refusal:
            self._refusal = str(refusal)
        except Exception:
            logging.getLogger(__name__).exception("This hospital's part did not start.")
            self._refusal = "This hospital's part did not start; its log says why."
