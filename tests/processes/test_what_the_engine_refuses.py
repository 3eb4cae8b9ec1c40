"""A coordinator that wants more than a study: hospitals run nothing but what they installed."""

import json
from pathlib import Path

import pytest
from real_processes import NAMES, Federation, wait_until

from wardround.coordinator.engine.job import write_job
from wardround.coordinator.engine.session import EngineAwayError, EngineSession
from wardround.hospital.training.membership import kit_folder

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def engine(running: Federation):
    """The coordinator's own session with its engine, with every hospital connected."""
    session = EngineSession(running.coordinator)

    wait_until(lambda: connected(session) == frozenset(NAMES), seconds=100, what="all hospitals are connected")
    yield session
    session.close()


def connected(session: EngineSession) -> frozenset[str]:
    try:
        return frozenset(session.connected())
    except EngineAwayError:
        return frozenset()


def job_with(folder: Path, *, executor: dict, hospitals: tuple[str, ...]) -> Path:
    job = write_job(folder, study_hash="a" * 64, run_id="intruder", hospitals=list(hospitals), minimum=1)
    config_path = job / "hospital" / "config" / "config_fed_client.json"
    config = json.loads(config_path.read_text("utf-8"))
    config["executors"][0]["executor"] = executor
    config_path.write_text(json.dumps(config), "utf-8")
    return job


def refusals_of(engine: EngineSession, job_id: str) -> dict[str, str]:
    status = wait_until(
        lambda: (s := engine.status(job_id)) and (s.over or s.refusals) and s, seconds=100, what="the job is refused"
    )
    return status.refusals


def job_with_code(folder: Path, *, marker: Path) -> Path:
    job = job_with(folder, executor={"path": "intruder.Intruder", "args": {}}, hospitals=NAMES)
    custom = job / "hospital" / "custom"
    custom.mkdir()
    custom.joinpath("intruder.py").write_text(f"open({str(marker)!r}, 'w').close()\n", "utf-8")
    return job


def test_hospitals_refuse_a_job_that_carries_code_and_the_code_is_not_run(engine: EngineSession, tmp_path):
    marker = tmp_path / "the code ran"

    refusals = refusals_of(engine, engine.submit(job_with_code(tmp_path / "job", marker=marker)))

    assert sorted(refusals) == sorted(NAMES)
    assert all("this job carries 'custom/intruder.py'" in sentence for sentence in refusals.values())
    assert not marker.exists()


def test_a_hospital_refuses_a_job_that_names_another_class_than_its_own(engine: EngineSession, tmp_path):
    marker = tmp_path / "the command ran"
    command = {"path": "subprocess.Popen", "args": {"args": ["touch", str(marker)]}}
    job = job_with(tmp_path / "job", executor=command, hospitals=NAMES)

    refusals = refusals_of(engine, engine.submit(job))

    assert sorted(refusals) == sorted(NAMES)
    assert all("refuses the job" in sentence for sentence in refusals.values())
    assert not marker.exists()


def test_a_class_outside_the_allow_list_is_not_built_even_where_the_validator_is_missing(
    running: Federation, engine: EngineSession, tmp_path
):
    marker = tmp_path / "the command ran"
    site = running.sites["cleveland"]
    resources_path = kit_folder(site.home) / "local" / "resources.json"
    whole = resources_path.read_text("utf-8")
    resources = json.loads(whole)
    del resources["app_validator"]
    resources_path.write_text(json.dumps(resources), "utf-8")
    site.kill()
    site.start()
    log = site.home.logs / "engine.log"
    start = log.stat().st_size
    try:
        wait_until(lambda: "cleveland" in connected(engine), seconds=60, what="cleveland is back")
        command = {"path": "subprocess.Popen", "args": {"args": ["touch", str(marker)]}}
        job_id = engine.submit(job_with(tmp_path / "job", executor=command, hospitals=("cleveland",)))
        wait_until(
            lambda: "not authorized" in log.read_text("utf-8")[start:].lower() or "NotAuthorized" in log.read_text("utf-8")[start:],
            seconds=100, what="the class is refused",
        )  # fmt: skip
        wait_until(lambda: engine.status(job_id).over, seconds=100, what="the job is over")
    finally:
        resources_path.write_text(whole, "utf-8")
        site.kill()

    assert not marker.exists()
