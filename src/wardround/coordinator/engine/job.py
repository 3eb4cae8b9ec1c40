"""One engine job per run: configuration only, naming classes that both sides have installed."""

import json
from pathlib import Path
from typing import Any

CONTROLLER = "wardround.coordinator.leading.controller.StudyController"
EXECUTOR = "wardround.hospital.training.engine.executor.StudyExecutor"
# How often a hospital asks for its next message. The engine's default of two seconds is the main cost of a round.
TASK_FETCH_SECONDS = 0.02


def write_job(folder: Path, *, study_hash: str, run_id: str, hospitals: list[str], minimum: int) -> Path:
    """Write the job of one run into `folder`. The same run gives the same files, so a resumed run needs no new approval."""
    arguments = {"study_hash": study_hash, "run_id": run_id}
    _write(folder / "meta.json", _meta(run_id=run_id, hospitals=hospitals, minimum=minimum))
    _write(folder / "server" / "config" / "config_fed_server.json", _server_config(arguments))
    _write(folder / "hospital" / "config" / "config_fed_client.json", _client_config(arguments))
    return folder


def _meta(*, run_id: str, hospitals: list[str], minimum: int) -> dict[str, Any]:
    return {
        "name": run_id,
        "resource_spec": {},
        "min_clients": minimum,
        "deploy_map": {"server": ["server"], "hospital": hospitals},
    }


def _server_config(arguments: dict[str, str]) -> dict[str, Any]:
    return {
        "format_version": 2,
        "server": {"heart_beat_timeout": 30, "task_request_interval": TASK_FETCH_SECONDS},
        "task_data_filters": [],
        "task_result_filters": [],
        "components": [],
        "workflows": [{"id": "study", "path": CONTROLLER, "args": arguments}],
    }


def _client_config(arguments: dict[str, str]) -> dict[str, Any]:
    return {
        "format_version": 2,
        "default_task_fetch_interval": TASK_FETCH_SECONDS,
        "executors": [{"tasks": ["exchange"], "executor": {"path": EXECUTOR, "args": arguments}}],
        "task_result_filters": [],
        "task_data_filters": [],
        "components": [],
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), "utf-8")
