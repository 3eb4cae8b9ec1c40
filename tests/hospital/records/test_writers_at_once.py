"""Two imports and a reader at once, each a process of its own: nobody is refused, and nothing is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wardround.bench.charts import bundle, invented_chart, patient_id, people_around
from wardround.bench.postgresql import NoPostgreSQL, private_postgresql

pytestmark = pytest.mark.processes
CHARTS = 12  # of each import: several transactions
COMMAND = [sys.executable, "-m", "wardround.cli", "hospital"]

# Reads a patient's chart over the FHIR interface, again and again, until it is told to stop; says how often it could.
READER = """
import sys, threading
from pathlib import Path
from wardround.web.command_line import open_site
open_site(Path(sys.argv[1]), kind="hospital")
from django.test import Client
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor
token = make_token("reader", scopes="system/*.rs", days=1, by=system_actor("tests"))
client, asked = Client(headers={"Authorization": f"Bearer {token}"}), 0
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
print("ready", flush=True)
while not ended.is_set():
    for address in (f"Patient/{sys.argv[2]}", f"Observation?patient={sys.argv[2]}&_count=5"):
        answer = client.get(f"/fhir/R4/{address}", headers={"host": "localhost"})
        assert answer.status_code == 200, (address, answer.status_code, answer.content)
        asked += 1
        print(asked, flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request) -> Iterator[dict[str, str]]:
    left_out = {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE", "WARDROUND_DATABASE_URL"}
    given = {name: value for name, value in os.environ.items() if name not in left_out}
    if request.param == "sqlite":
        yield given
        return
    try:
        with private_postgresql(durable=False) as url:
            yield {**given, "WARDROUND_DATABASE_URL": url}
    except NoPostgreSQL as missing:
        pytest.skip(str(missing))


def test_two_imports_and_a_reader_work_at_the_same_time(environment, tmp_path):
    home = tmp_path / "home"
    _ended(_started(environment, "init", "--home", home, "--name", "Budapest"))
    _ended(_started(environment, "import", "--home", home, _messages(tmp_path / "first", charts=[0], people=True)))

    with subprocess.Popen(
        [sys.executable, "-c", READER, str(home), patient_id(0)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout.readline() == "ready\n", reader.stderr.read()
        imports = [
            _started(environment, "import", "--home", home, "--json", _messages(tmp_path / name, charts=charts))
            for name, charts in (("one", range(1, CHARTS + 1)), ("two", range(CHARTS + 1, 2 * CHARTS + 1)))
        ]
        reports = [json.loads(_ended(process)) for process in imports]
        reads, wrong = reader.communicate(timeout=120)

    assert (reader.returncode, wrong) == (0, "")
    assert len(reads.splitlines()) > CHARTS
    each = CHARTS * len(invented_chart(1, seed=1))
    assert [(report["created"], report["quarantined_messages"]) for report in reports] == [(each, 0), (each, 0)]
    again = _ended(_started(environment, "import", "--home", home, "--json", tmp_path / "one", tmp_path / "two"))
    assert json.loads(again)["created"] == 0
    _ended(_started(environment, "verify", "--home", home))


def _messages(folder: Path, *, charts, people: bool = False) -> Path:
    folder.mkdir()
    if people:
        (folder / "Organization.json").write_bytes(bundle(people_around()))
    for number in charts:
        (folder / f"{number:04d}.json").write_bytes(bundle(invented_chart(number, seed=1)))
    return folder


def _started(environment, *arguments) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ended(process) -> str:
    out, wrong = process.communicate(timeout=180)
    assert process.returncode == 0, (out, wrong)
    assert "locked" not in wrong
    return out
