"""A hospital joins a served coordinator over HTTP, by the commands people use; and is shut out when it is revoked."""

import json
import socket
import subprocess

import pytest
import yaml
from real_processes import WARDROUND, Site, say, wait_until

from wardround.coordinator.engine.session import EngineAwayError, EngineSession
from wardround.web.home import Home

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def coordinator(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "coordinator"
    address = f"http://127.0.0.1:{port}"
    made = say("coordinator", "init", "--home", home, "--name", "Coordinator", "--web-address", address, "--json")
    process = subprocess.Popen(
        [*WARDROUND, "coordinator", "serve", "--home", str(home), "--port", str(port)],
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    yield Home.load(home), json.loads(made.stdout)["fingerprint"]
    process.terminate()
    process.wait(timeout=20)


def spoken(*arguments: object) -> dict:
    return json.loads(say(*arguments, "--json").stdout)


def test_a_hospital_joins_finds_its_study_connects_and_is_shut_out(coordinator, heart, tmp_path):
    home, fingerprint = coordinator
    hospital, invitation = tmp_path / "budapest", tmp_path / "invitation"
    say("hospital", "init", "--home", hospital, "--name", "Budapest")
    say("coordinator", "invite", "--home", home.path, "--name", "Budapest", "--out", invitation)
    join = ("hospital", "join", "--home", hospital, "--json")

    asked = wait_until(
        lambda: (done := say(*join, "--invitation", invitation, "--coordinator-fingerprint", fingerprint, check=False))
        .returncode == 0 and json.loads(done.stdout),
        seconds=60, what="the coordinator's site takes the request",
    )  # fmt: skip
    too_early = say(*join, check=False)
    spoken("coordinator", "members", "--home", home.path, "--admit", "budapest", "--fingerprint", asked["fingerprint"])
    joined = json.loads(say(*join).stdout)
    document = tmp_path / "heart.yaml"
    document.write_text(yaml.safe_dump(heart), "utf-8")
    published = spoken("coordinator", "publish", "--home", home.path, document)
    known = spoken("hospital", "studies", "--home", hospital)["studies"]

    assert too_early.returncode == 1
    assert "no admission yet" in too_early.stderr
    assert joined["joined"] is not None
    assert [(study["hash"], study["standing"]) for study in known] == [(published["hash"], "waiting")]

    site, engine = Site(home=Home.load(hospital)), EngineSession(home)
    site.start()
    try:
        wait_until(lambda: connected(engine) == {"budapest"}, seconds=60, what="the hospital is connected")
        say("coordinator", "revoke", "--home", home.path, "budapest")
        wait_until(lambda: connected(engine) == set(), seconds=60, what="the revoked hospital is shut out")
    finally:
        engine.close()
        site.kill()


def connected(engine: EngineSession) -> set[str] | None:
    try:
        return set(engine.connected())
    except EngineAwayError:
        return None
