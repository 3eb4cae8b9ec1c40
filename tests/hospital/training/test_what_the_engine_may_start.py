"""The validator: the one job this hospital knows, for a study it approved, and nothing else."""

import json
from pathlib import Path

import pytest

from wardround.coordinator.engine.job import write_job
from wardround.hospital.training.approved import write_approved
from wardround.hospital.training.engine.validator import refusal_of

STUDY = "0123456789abcdef" * 4


@pytest.fixture
def app(tmp_path, settings) -> Path:
    """The job as the coordinator writes it, of a study that this hospital approved."""
    write_approved(settings.HOME, study_hash=STUDY, letter=b"{}")
    write_job(tmp_path, study_hash=STUDY, run_id="heart-1", hospitals=["budapest"], minimum=3)
    yield tmp_path / "hospital"
    settings.HOME.engine.joinpath("approved", f"{STUDY}.json").unlink(missing_ok=True)


def change(app: Path, **changes: object) -> None:
    path = app / "config" / "config_fed_client.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_the_job_of_an_approved_study_is_started(app, settings):
    assert refusal_of(app, home=settings.HOME) == ""


def test_a_study_that_was_not_approved_is_refused_by_its_hash(app, settings):
    settings.HOME.engine.joinpath("approved", f"{STUDY}.json").unlink()

    assert "has not approved the study with the hash 0123456789ab" in refusal_of(app, home=settings.HOME)


def test_a_hash_that_differs_in_its_last_digit_is_another_study(app, settings, tmp_path):
    other = STUDY[:-1] + "0"
    write_job(tmp_path, study_hash=other, run_id="heart-1", hospitals=["budapest"], minimum=3)

    assert "has not approved" in refusal_of(app, home=settings.HOME)


@pytest.mark.parametrize(
    "name", ["custom/code.py", "config/more.json", "code.py", "config/.hidden", "custom/.__nvfl_sig.json"]
)
def test_any_other_file_is_refused_by_its_name(app, settings, name):
    app.joinpath(name).parent.mkdir(exist_ok=True)
    app.joinpath(name).write_text("", "utf-8")

    assert f"this job carries {name!r}" in refusal_of(app, home=settings.HOME)


def test_a_link_out_of_the_folder_is_refused(app, settings, tmp_path):
    app.joinpath("elsewhere").symlink_to(tmp_path)

    assert "this job carries 'elsewhere'" in refusal_of(app, home=settings.HOME)


@pytest.mark.parametrize(
    "changes",
    [
        {"components": [{"id": "x", "path": "subprocess.Popen", "args": {}}]},
        {"task_result_filters": [{"tasks": ["exchange"], "filters": []}]},
        {"default_task_fetch_interval": 0.0},
        {"executors": []},
        {"handlers": []},
    ],
)
def test_a_configuration_that_asks_for_more_or_less_is_refused(app, settings, changes):
    change(app, **changes)

    assert "refuses the job" in refusal_of(app, home=settings.HOME)


@pytest.mark.parametrize("text", ["", "not json", "[]", "{}", '{"executors": 3}'])
def test_a_configuration_that_is_none_is_refused(app, settings, text):
    app.joinpath("config", "config_fed_client.json").write_text(text, "utf-8")

    assert "it names no study" in refusal_of(app, home=settings.HOME)


@pytest.mark.parametrize("study_hash", ["../../../etc/passwd", "A" * 64, 7, None, STUDY + "/"])
def test_a_hash_that_is_no_hash_never_reaches_the_file_system(app, settings, study_hash):
    config = json.loads(app.joinpath("config", "config_fed_client.json").read_text("utf-8"))
    config["executors"][0]["executor"]["args"]["study_hash"] = study_hash
    change(app, executors=config["executors"])

    assert "malformed" in refusal_of(app, home=settings.HOME)
