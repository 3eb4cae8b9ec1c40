"""The hospital's end of the wire: a message comes in, this hospital's part of the study answers."""

import logging
import os
from collections.abc import Callable

from nvflare.apis.event_type import EventType
from nvflare.apis.executor import Executor
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from wardround.web.home import Home
from wardround.web.parent import end_with_parent

MESSAGE, ANSWER, REFUSAL = "message", "answer", "refusal"
Answer = Callable[[bytes], bytes]


class Refused(Exception):
    """This hospital does not answer; the message is a sentence that may leave it, so it holds no patient data."""


class StudyExecutor(Executor):
    """Runs in the hospital's worker process. The engine gives it one bytes field and gets one back."""

    def __init__(self, study_hash: str, run_id: str) -> None:
        super().__init__()
        self._study_hash = study_hash
        self._run_id = run_id
        self._answer: Answer | None = None

    def handle_event(self, event_type: str, fl_ctx: FLContext) -> None:
        if event_type == EventType.START_RUN:
            end_with_parent()
            # Before the first message, so that imports and the cohort do not count as a slow answer.
            self._answer = self._guarded(self.open())

    def execute(self, task_name: str, shareable: Shareable, fl_ctx: FLContext, abort_signal: Signal) -> Shareable:
        reply = Shareable()
        try:
            message = shareable.get(MESSAGE)
            if not isinstance(message, bytes):
                raise Refused("The message is not bytes.")
            if self._answer is None:
                raise Refused("The worker has not started.")
            reply[ANSWER] = self._answer(message)
        except Refused as refusal:
            logging.getLogger(__name__).warning("Refused: %s", refusal)
            reply[REFUSAL] = str(refusal)
        return reply

    def open(self) -> Answer:
        """This hospital's part of the approved study, ready to answer."""
        from wardround.hospital.training.session import open_session

        home = Home.load(os.environ["WARDROUND_HOME"])
        return open_session(home, study_hash=self._study_hash, run_id=self._run_id)

    def _guarded(self, answer: Answer) -> Answer:
        return answer
