"""What this hospital lets the engine start: the one job it knows, for a study it approved, and nothing else."""

import json
import os
import re
from pathlib import Path
from typing import Any

from nvflare.apis.app_validation import AppValidator

from wardround.hospital.training.approved import is_approved
from wardround.web.home import Home

EXECUTOR = "wardround.hospital.training.engine.executor.StudyExecutor"
TASK_FETCH_SECONDS = 0.02
CLIENT_CONFIG = "config/config_fed_client.json"
SERVER_CONFIG = "config/config_fed_server.json"
# The engine signs each folder of a job with its administrator's key, and puts signatures and certificate there. They
# are data for its own check, which has passed before this one.
SIGNATURES = frozenset(
    f"{folder}.__nvfl_{name}" for folder in ("", "config/") for name in ("sig.json", "submitter.crt")
)


def expected_client_config(*, study_hash: str, run_id: str) -> dict[str, Any]:
    """The only configuration a worker of this hospital starts with."""
    arguments = {"study_hash": study_hash, "run_id": run_id}
    return {
        "format_version": 2,
        "default_task_fetch_interval": TASK_FETCH_SECONDS,
        "executors": [{"tasks": ["exchange"], "executor": {"path": EXECUTOR, "args": arguments}}],
        "task_result_filters": [],
        "task_data_filters": [],
        "components": [],
    }


class StudyValidator(AppValidator):
    """Runs in the hospital's own client process before any worker starts."""

    def validate(self, app_folder: str) -> tuple[str, dict[str, Any]]:
        refusal = refusal_of(Path(app_folder), home=Home.load(os.environ["WARDROUND_HOME"]))
        return refusal, {}


def refusal_of(app: Path, *, home: Home) -> str:
    """Why this hospital does not start the job in the folder `app`, as a sentence; empty when it does."""
    files = {path.relative_to(app).as_posix() for path in app.rglob("*") if not path.is_dir() or path.is_symlink()}
    # The engine's own signatures of a foreign folder last: the sentence names what the coordinator put there.
    unknown = sorted(files - SIGNATURES - {CLIENT_CONFIG, SERVER_CONFIG}, key=lambda name: (".__nvfl_" in name, name))
    if unknown:
        return f"{home.name} runs only what it installed, and this job carries {unknown[0]!r}."
    try:
        config = json.loads((app / CLIENT_CONFIG).read_text("utf-8"))
        arguments = config["executors"][0]["executor"]["args"]
        study_hash, run_id = arguments["study_hash"], arguments["run_id"]
    except (OSError, ValueError, LookupError, TypeError):
        return f"{home.name} refuses the job: it names no study."
    if not (_is_text(study_hash, r"[0-9a-f]{64}") and _is_text(run_id, r"[0-9a-z-]{1,64}")):
        return f"{home.name} refuses the job: the study's hash or the run's name is malformed."
    if config != expected_client_config(study_hash=study_hash, run_id=run_id):
        return f"{home.name} refuses the job: its configuration asks for more than a study."
    if not is_approved(home, study_hash):
        return f"{home.name} has not approved the study with the hash {study_hash[:12]}."
    return ""


def _is_text(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
