"""The engine's client as one of the hospital's processes; it connects outward and opens no port."""

import shutil
import sys

from wardround.hospital.training.membership import is_joined, kit_folder, name_in_federation
from wardround.web.home import Home
from wardround.web.processes import Child

KIT_FOLDERS = frozenset({"startup", "local", "transfer"})
# One arena and one thread: the weights must not depend on how many cores a hospital has.
LEAN = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def engine_child(home: Home) -> Child:
    """The client process; it starts once the hospital has joined, and starts one worker per run."""
    return Child(
        name="engine",
        command=lambda: _command(home),
        environment={**LEAN, "HOME": str(home.path)},
        wanted=lambda: is_joined(home),
    )


def forget_jobs(home: Home) -> None:
    """Remove what the engine kept of earlier jobs: configurations, nothing else."""
    for path in kit_folder(home).iterdir():
        if path.is_dir() and path.name not in KIT_FOLDERS:
            shutil.rmtree(path, ignore_errors=True)


def _command(home: Home) -> list[str]:
    forget_jobs(home)
    name = name_in_federation(home)
    module = ["-u", "-m", "nvflare.private.fed.app.client.client_train"]
    arguments = ["-m", str(kit_folder(home)), "-s", "fed_client.json"]
    settings = ["--set", "secure_train=true", f"uid={name}", f"org={name}", "config_folder=config"]
    return [sys.executable, *module, *arguments, *settings]
