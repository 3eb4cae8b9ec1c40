"""The engine's server as one of the coordinator's processes."""

import sys

from wardround.coordinator.engine.kit import server_folder
from wardround.web.home import Home
from wardround.web.processes import Child

# One arena and one thread: five such processes stand on one machine in the demo.
LEAN = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def engine_child(home: Home) -> Child:
    """The server process; it listens on the engine's port and starts one process per run."""
    module = ("-u", "-m", "nvflare.private.fed.app.server.server_train")
    arguments = ("-m", str(server_folder(home)), "-s", "fed_server.json")
    settings = ("--set", "secure_train=true", "org=coordinator", "config_folder=config")
    return Child(
        name="engine",
        command=lambda: (sys.executable, *module, *arguments, *settings),
        environment={**LEAN, "HOME": str(home.path)},
    )
