"""`serve`: one command starts all processes of a side, keeps them alive, and takes them along when it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_processes import WARDROUND, say, wait_until

from wardround.web.home import Home
from wardround.web.processes import Child, Supervisor, running

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def home(tmp_path) -> Home:
    say("hospital", "init", "--home", tmp_path / "home", "--name", "Budapest", "--json")
    return Home.load(tmp_path / "home")


@pytest.fixture
def served(home) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*WARDROUND, "hospital", "serve", "--home", str(home.path), "--port", "0", "--json"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()


def pid_of(home: Home, name: str) -> int | None:
    found = running(home, name=name)
    return found.pid if found else None


def url_of(process: subprocess.Popen[str]) -> str:
    text = ""
    while not text.endswith("}\n"):
        line = process.stdout.readline()
        assert line, "serve ended before it said where it serves"
        text += line
    return json.loads(text)["url"]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}login/", timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def processes_of(home: Home) -> list[int]:
    """Every living process that was started for this home."""
    wanted = f"WARDROUND_HOME={home.path}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_it_serves_restarts_what_dies_and_ends_everything_in_a_few_seconds(home, served):
    url = url_of(served)
    wait_until(lambda: answers(url), seconds=60, what="the site answers")
    first = pid_of(home, "web")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid_of(home, "web") not in (None, first), seconds=30, what="the web is started again")
    wait_until(lambda: answers(url), seconds=60, what="the site answers again at the same address")

    served.terminate()
    served.wait(timeout=15)

    assert processes_of(home) == []
    assert list(home.run.glob("*.pid")) == []


def test_it_refuses_to_start_twice_and_says_who_runs(home, served):
    url_of(served)

    second = say("hospital", "serve", "--home", home.path, "--port", "0", check=False)

    assert second.returncode == 1
    assert f"already served by process {pid_of(home, 'serve')}" in second.stderr


def test_a_killed_supervisor_takes_its_processes_along_and_can_be_started_again(home, served):
    url_of(served)
    wait_until(lambda: pid_of(home, "web") and pid_of(home, "worker"), seconds=30, what="the processes are up")

    served.kill()
    served.wait()
    wait_until(lambda: processes_of(home) == [], seconds=15, what="all processes have ended")

    again = subprocess.Popen(
        [*WARDROUND, "hospital", "serve", "--home", str(home.path), "--port", "0", "--json"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        url_of(again)
    finally:
        stopped = say("hospital", "serve", "--home", home.path, "--stop", "--json")
        again.wait(timeout=15)
        again.stdout.close()
    assert json.loads(stopped.stdout) == {"stopped": True}


def test_a_port_that_is_taken_is_said_in_a_sentence(home, served):
    port = url_of(served).rsplit(":", 1)[1].rstrip("/")
    other = say("hospital", "init", "--home", home.path.parent / "other", "--name", "Other")
    assert other.returncode == 0

    refused = say("hospital", "serve", "--home", home.path.parent / "other", "--port", port, check=False)

    assert refused.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in refused.stderr


@pytest.mark.parametrize("site", ["hospital", "coordinator"])
def test_a_web_process_starts_without_torch_and_without_the_engine(tmp_path, site):
    made = tmp_path / site
    say(site, "init", "--home", made, "--name", "Side", "--json")
    script = (
        f"import wardround.{site}.asgi, sys; from django.urls import get_resolver; get_resolver().url_patterns; "
        "print([name for name in ('torch', 'nvflare', 'aces', 'opacus') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"WARDROUND_HOME": str(made)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert done.stdout.strip() == "[]", done.stderr


def test_a_pid_file_of_another_process_is_not_believed(tmp_path):
    home = Home.create(tmp_path / "home", kind="hospital", name="Budapest")
    (home.run / "serve.pid").write_text(json.dumps({"pid": os.getpid(), "started": 1}), "utf-8")

    assert running(home) is None


def test_a_child_that_keeps_dying_is_started_less_and_less_often(tmp_path):
    home = Home.create(tmp_path / "home", kind="hospital", name="Budapest")
    log = tmp_path / "starts"
    child = Child(name="ill", command=lambda: [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x')"])
    script = Supervisor(home, children=[child])
    pid = os.fork()
    if pid == 0:
        script.run(on_started=lambda: None)
        os._exit(0)
    wait_until(lambda: log.exists() and len(log.read_text()) >= 3, seconds=30, what="three starts")
    started = len(log.read_text())
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)

    assert started <= 4, "the pause grows from half a second"
    assert os.waitstatus_to_exitcode(status) == 0


def test_the_served_worker_writes_an_export_that_a_client_fetches(home, served):
    url = f"{url_of(served)}fhir/R4"
    token = json.loads(say("hospital", "token", "--home", home.path, "--scope", "system/*.cruds", "--json").stdout)[
        "token"
    ]
    wait_until(lambda: answers(url.removesuffix("fhir/R4")), seconds=60, what="the site answers")

    def asked(
        method: str, address: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json", **headers}
        request = urllib.request.Request(address, data=body, method=method, headers=sent)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, dict(reply.headers), reply.read()

    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Csipkerózsa"}]}
    asked("PUT", f"{url}/Patient/p1", json.dumps(patient).encode())
    status, headers, _body = asked("GET", f"{url}/$export", Prefer="respond-async")
    location = headers["Content-Location"]
    assert status == 202
    wait_until(lambda: asked("GET", location)[0] == 200, seconds=60, what="the export is written")
    manifest = json.loads(asked("GET", location)[2])
    _status, headers, lines = asked("GET", manifest["output"][0]["url"], Accept="application/fhir+ndjson")

    assert headers["Content-Type"] == "application/fhir+ndjson"
    assert [json.loads(line)["name"] for line in lines.splitlines()] == [patient["name"]]


def test_a_configured_listener_is_served_with_the_rest(home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.path.joinpath("listeners.toml").write_text(f"[[listener]]\nport = {port}\n")
    process = subprocess.Popen(
        [*WARDROUND, "hospital", "serve", "--home", str(home.path), "--port", "0", "--json"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        url_of(process)
        answer = wait_until(lambda: accepted_by(port), seconds=60, what="an answer of the listener")

        assert b"MSA|AA|77" in answer
        assert pid_of(home, f"listener-{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()


def accepted_by(port: int) -> bytes:
    """The answer to one message over MLLP; nothing while nobody listens yet."""
    message = b"MSH|^~\\&|A|B|C|D|20260203083000||ADT^A28|77|P|2.5.1\rPID|1||4711^^^H^MR||Doe^Jane||1960|F\r"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"\x0b" + message + b"\x1c\r")
            return line.recv(4096)
    except OSError:
        return b""


def test_a_home_of_an_earlier_version_is_refused_until_it_is_upgraded(home):
    back = "import django; django.setup(); from django.core.management import call_command as call; call('migrate', 'quality', 'zero')"
    environment = {
        **os.environ, "WARDROUND_HOME": str(home.path), "DJANGO_SETTINGS_MODULE": "wardround.hospital.settings",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", back], env=environment, check=True, capture_output=True)

    refused = subprocess.run(
        [*WARDROUND, "hospital", "quality", "--home", str(home.path)], capture_output=True, text=True, check=False
    )
    upgraded = json.loads(say("hospital", "upgrade", "--home", home.path, "--json").stdout)
    again = json.loads(say("hospital", "upgrade", "--home", home.path, "--json").stdout)

    assert refused.returncode == 1
    assert "made by an earlier version" in refused.stderr
    assert f"wardround hospital upgrade --home {home.path}" in refused.stderr
    assert upgraded["changes"] == ["quality.0001_initial"]
    assert again["changes"] == []
    assert json.loads(say("hospital", "quality", "--home", home.path, "--json").stdout)["values"] == 0
