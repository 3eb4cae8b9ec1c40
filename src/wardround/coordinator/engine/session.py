"""The coordinator's administrator session with its own engine: who is connected, start a job, how it stands."""

import contextlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nvflare.fuel.flare_api.flare_api import Session, new_secure_session

from wardround.coordinator.engine.kit import ADMINISTRATOR, administrator_folder
from wardround.web.home import Home

_FAILED_TO_START = "FINISHED:FAILED_TO_RUN"
_CONNECT_SECONDS = 10.0


class EngineAwayError(Exception):
    """The engine does not answer; it may be starting."""


@dataclass(frozen=True)
class JobStatus:
    """How the engine sees a job. `refusals` are the hospitals' own sentences. Only `over` is believed, and only a no."""

    over: bool
    text: str
    refusals: dict[str, str] = field(default_factory=dict)


class EngineSession:
    """A connection that is made when it is needed and made again when it broke."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._session: Session | None = None

    def connected(self) -> dict[str, datetime]:
        """The hospitals that the engine knows as connected, and when it last heard of each."""
        info = self._ask(lambda session: session.get_system_info())
        return {client.name: _moment(client.last_connect_time) for client in info.client_info}

    def submit(self, job: Path) -> str:
        """Start a job; its id."""
        return str(self._ask(lambda session: session.submit_job(str(job))))

    def status(self, job_id: str) -> JobStatus:
        meta = self._ask(lambda session: session.get_job_meta(job_id))
        text = str(meta.get("status", ""))
        refusals = {}
        for line in meta.get("job_deploy_detail") or ():
            name, _, detail = str(line).partition(": ")
            if detail and detail != "OK":
                refusals[name] = detail.removeprefix("NVFLARE_ERROR: ")
        # The engine writes that a job failed to start before it writes who refused it, and why.
        is_half_told = text == _FAILED_TO_START and "job_deploy_detail" not in meta
        return JobStatus(over=text.startswith("FINISHED") and not is_half_told, text=text, refusals=refusals)

    def shut_out(self, hospital: str) -> None:
        """End the hospital's connection for good; the engine remembers it over restarts."""
        self._ask(lambda session: session.disable_client(hospital))

    def close(self) -> None:
        if self._session is not None:
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                self._session.close()
            self._session = None

    def _ask(self, question: Callable[[Session], Any]) -> Any:
        try:
            # The engine's client prints to standard output, where --json puts one document.
            with contextlib.redirect_stdout(io.StringIO()):
                if self._session is None:
                    self._session = new_secure_session(
                        ADMINISTRATOR, str(administrator_folder(self._home)), timeout=_CONNECT_SECONDS
                    )
                return question(self._session)
        except Exception as error:
            # It raises a dozen kinds of its own for one fact: it did not get an answer.
            logging.getLogger(__name__).info("The engine did not answer: %s", type(error).__name__)
            self.close()
            raise EngineAwayError(f"The engine does not answer ({type(error).__name__}).") from error


def _moment(seconds: object) -> datetime:
    # The engine counts seconds since 1970. Where it does not say, that it lists the hospital is all that is known.
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else datetime.now(UTC)
