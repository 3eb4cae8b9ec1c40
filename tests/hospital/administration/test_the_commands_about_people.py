"""The commands `wardround hospital user` and `team`, as a person runs them: in processes of their own."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes
COMMAND = [sys.executable, "-m", "wardround.cli", "hospital"]


@pytest.fixture
def run(tmp_path):
    """Runs a command in a new hospital and returns what it says as JSON, or the sentence of its refusal."""
    environment = {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}
    home = str(tmp_path / "home")

    def said(*arguments, expect=0):
        done = subprocess.run(
            [*COMMAND, *arguments, "--home", home, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == expect, (done.stdout, done.stderr)
        return json.loads(done.stdout) if expect == 0 else done.stdout + done.stderr

    said("init", "--name", "Budapest")
    return said


def test_people_and_their_teams_are_looked_after_by_command(run):
    run("team", "add", "Cardiology")
    run("user", "add", "h.nagy", "--role", "nurse", "--team", "Cardiology")
    run("user", "add", "k.toth", "--role", "doctor")
    run("user", "role", "k.toth", "nurse")
    run("team", "join", "Cardiology", "k.toth")
    run("team", "leave", "First team", "k.toth")
    run("user", "deactivate", "h.nagy")

    people = {one["username"]: one for one in run("user", "list")["users"]}

    assert people["k.toth"] == {
        "username": "k.toth", "role": "nurse", "full_name": "", "active": True, "teams": ["Cardiology"],
    }  # fmt: skip
    assert people["h.nagy"]["teams"] == ["Cardiology"]
    assert not people["h.nagy"]["active"]
    teams = [(one["name"], one["members"], one["patients"]) for one in run("team", "list")["teams"]]
    assert teams == [("First team", 0, 0), ("Cardiology", 2, 0)]


def test_what_cannot_be_done_is_a_sentence(run):
    run("user", "add", "a.novak", "--role", "administrator")

    assert "last administrator" in run("user", "deactivate", "a.novak", expect=1)
    assert "Nobody here has the user name" in run("user", "unlock", "nobody", expect=1)
    assert "no care team" in run("team", "join", "Neurology", "a.novak", expect=1)
    assert "Number 1 of your list" in run("team", "take", "First team", "--number", "T-1", expect=1)
    assert len(run("user", "password", "a.novak")["password"]) == 19
