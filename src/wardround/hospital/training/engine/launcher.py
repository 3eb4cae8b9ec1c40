"""Starts the hospital's worker for a run, and starts it again when a signal killed it."""

import logging
import os
import shlex
import threading
from collections.abc import Callable
from typing import Any

from nvflare.apis.fl_constant import FLContextKey
from nvflare.apis.fl_context import FLContext
from nvflare.apis.job_launcher_spec import JobHandleSpec, JobReturnCode
from nvflare.app_common.job_launcher.client_process_launcher import ClientProcessJobLauncher
from nvflare.app_common.job_launcher.process_launcher import JOB_RETURN_CODE_MAPPING
from nvflare.utils.job_launcher_utils import get_credential_env
from nvflare.utils.process_utils import ProcessAdapter, spawn_process

from wardround.web.parent import bound_to_parent

# A worker that dies more often than this is not unlucky but ill.
RESPAWNS = 3


class RespawningHandle(JobHandleSpec):
    """One worker as the engine sees it: it has ended only when it ended by itself, or too often by a signal.

    The engine's own launcher reports the first death, and the server then aborts the run for every hospital.
    """

    def __init__(self, spawn: Callable[[], ProcessAdapter]) -> None:
        super().__init__()
        self._spawn = spawn
        self._lock = threading.Lock()
        self._process = spawn()
        self._respawns = 0
        self._terminated = False

    def terminate(self) -> None:
        with self._lock:
            self._terminated = True
            self._process.terminate()

    def poll(self) -> int:
        code = self._process.poll()
        if code is None or self._may_respawn(code):
            return int(JobReturnCode.UNKNOWN)
        return int(JOB_RETURN_CODE_MAPPING.get(code, JobReturnCode.EXECUTION_ERROR))

    def wait(self) -> None:
        while True:
            process = self._process
            process.wait()
            with self._lock:
                code = process.poll()
                if code is None or not self._may_respawn(code):
                    return
                self._respawns += 1
                logging.getLogger(__name__).warning(
                    "The run's worker was killed by signal %d; it is started again (%d of %d).",
                    -code, self._respawns, RESPAWNS,
                )  # fmt: skip
                self._process = self._spawn()

    def _may_respawn(self, code: int) -> bool:
        return code < 0 and not self._terminated and self._respawns < RESPAWNS


class RespawningLauncher(ClientProcessJobLauncher):
    """Launches workers with no folder of the coordinator's on their path."""

    def launch_job(self, job_meta: dict[str, Any], fl_ctx: FLContext) -> JobHandleSpec:
        environment = os.environ | get_credential_env(fl_ctx.get_prop(FLContextKey.JOB_PROCESS_ARGS) or {})
        command = bound_to_parent(shlex.split(self.get_command(job_meta, fl_ctx), comments=True))
        return RespawningHandle(lambda: spawn_process(command, environment))
