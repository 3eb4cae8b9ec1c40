"""The engine's server as one of the coordinator's processes."""

import shutil
import sys

from wardround.coordinator.engine.kit import server_folder
from wardround.web.home import Home
from wardround.web.processes import Child

KIT_FOLDERS = frozenset({"startup", "local", "transfer"})
# One arena and one thread: five such processes stand on one machine in the demo.
LEAN = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def forget_jobs(home: Home) -> None:
    """Remove what the engine kept of earlier jobs. A run's state is ours; a job that a stop left there would stay
    "running" for ever, or start beside the one that goes on with its run."""
    for path in server_folder(home).iterdir():
        if path.is_dir() and path.name not in KIT_FOLDERS:
            shutil.rmtree(path, ignore_errors=True)


def engine_child(home: Home) -> Child:
    """The server process; it listens on the engine's port and starts one process per run."""

    def command() -> list[str]:
        forget_jobs(home)
        return [sys.executable, *module, *arguments, *settings]

    module = ("-u", "-m", "nvflare.private.fed.app.server.server_train")
    arguments = ("-m", str(server_folder(home)), "-s", "fed_server.json")
    settings = ("--set", "secure_train=true", "org=coordinator", "config_folder=config")
    return Child(
        name="engine",
        command=command,
        environment={**LEAN, "HOME": str(home.path)},
    )
