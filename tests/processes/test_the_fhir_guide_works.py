"""What docs/fhir.md shows is run, as it stands there, against a served hospital."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from real_processes import WARDROUND, say, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.slow]
GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "fhir.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.DOTALL | re.MULTILINE)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("guide") / "home"
    say("hospital", "init", "--home", path, "--name", "Budapest", "--json")
    return path


@pytest.fixture(scope="module")
def environment(home):
    """The guide's BASE and TOKEN, the latter from the guide's own command."""
    process = subprocess.Popen(
        [*WARDROUND, "hospital", "serve", "--home", str(home), "--port", "0", "--json"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    text = ""
    while not text.endswith("}\n"):
        line = process.stdout.readline()
        assert line, "serve ended before it said where it serves"
        text += line
    base = f"{json.loads(text)['url']}fhir/R4"
    wait_until(lambda: answers(f"{base}/metadata"), seconds=60, what="the interface answers")
    command = next(block for block in blocks("sh") if "hospital token" in block).strip()
    token = json.loads(_run(f"{command} --json", HOSPITAL_HOME=str(home)))["token"]
    yield {"BASE": base, "TOKEN": token}
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def _run(script, **environment):
    # The command of the guide is the one of this environment.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"WARDROUND_HOME": "", "PATH": path} | environment,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout[-500:], done.stderr[-2000:])
    return done.stdout


def _documents(text):
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        document, end = decoder.raw_decode(text.strip())
        found.append(document)
        text = text.strip()[end:]
    return found


def test_the_examples_run_as_they_stand_and_leave_no_name_in_a_log(environment, home):
    if shutil.which("curl") is None:
        pytest.skip("curl is not here.")
    first, by_form = blocks("sh curl")

    stored, found = _documents(_run(first, **environment))
    assert stored["resourceType"] == "Patient"
    assert [entry["resource"]["id"] for entry in found["entry"]] == [stored["id"]]
    assert _documents(_run(first, **environment))[1]["total"] == 1
    assert _documents(_run(by_form, **environment))[0]["entry"][0]["resource"]["name"][0]["family"] == "Lindqvist"

    [python] = blocks("python")
    printed = subprocess.run(
        [sys.executable, "-c", python], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | environment,
    )  # fmt: skip
    assert printed.returncode == 0, printed.stderr[-2000:]
    assert printed.stdout == "2026-03-02T08:00:00Z 126 mg/dL\n"

    logs = "".join(file.read_text("utf-8", "replace") for file in (home / "logs").glob("*.log"))
    assert "indqvist" not in logs.lower()
    assert "A-4711" not in logs
    assert "Traceback" not in logs
