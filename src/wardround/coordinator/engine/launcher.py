"""Starts the process that leads a run; it ends when the engine's server ends, so that a restart finds the run free."""

import os
import shlex
from typing import Any

from nvflare.apis.fl_constant import FLContextKey
from nvflare.apis.fl_context import FLContext
from nvflare.apis.job_launcher_spec import JobHandleSpec
from nvflare.app_common.job_launcher.process_launcher import ProcessHandle
from nvflare.app_common.job_launcher.server_process_launcher import ServerProcessJobLauncher
from nvflare.utils.job_launcher_utils import get_credential_env
from nvflare.utils.process_utils import spawn_process

from wardround.web.parent import bound_to_parent


class BoundLauncher(ServerProcessJobLauncher):
    """The engine's own launcher, without folders of a job on the path and bound to its parent."""

    def launch_job(self, job_meta: dict[str, Any], fl_ctx: FLContext) -> JobHandleSpec:
        environment = os.environ | get_credential_env(fl_ctx.get_prop(FLContextKey.JOB_PROCESS_ARGS) or {})
        command = bound_to_parent(shlex.split(self.get_command(job_meta, fl_ctx), comments=True))
        return ProcessHandle(process_adapter=spawn_process(command, environment))
