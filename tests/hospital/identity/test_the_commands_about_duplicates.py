"""The commands `wardround hospital duplicates ...`, as a person runs them: in processes of their own."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes


def run(*arguments, expect=0):
    environment = {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}
    done = subprocess.run(
        [sys.executable, "-m", "wardround.cli", "hospital", *map(str, arguments), "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) if expect == 0 else done.stdout + done.stderr


def person(id_, family):
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": "urn:wardround:mrn:x", "value": id_}],
        "name": [{"family": family, "given": ["Ilona"]}],
        "gender": "female",
        "birthDate": "1963-05-12",
        "telecom": [{"system": "phone", "value": "555-0101-22"}],
    }


def test_from_the_search_to_a_merge_and_back(tmp_path):
    home, file = tmp_path / "home", tmp_path / "people.ndjson"
    file.write_text(json.dumps(person("p1", "Kov\u00e1cs")) + "\n" + json.dumps(person("p2", "Kovasc")), "utf-8")
    run("init", "--home", home, "--name", "Budapest")
    assert run("import", "--home", home, file)["possible_duplicates"] == 1

    searched = run("duplicates", "--home", home)
    [pair] = searched["pairs"]
    assert (searched["patients"], pair["one"], pair["other"]) == (2, "p1", "p2")
    shown = run("duplicates", "show", pair["number"], "--home", home)
    assert next(line for line in shown["fields"] if line["name"] == "family name")["agreement"] == "alike"

    merged = run("duplicates", "merge", pair["number"], "--keep", "p1", "--reason", "Same card.", "--home", home)
    assert (merged["retired"], merged["survivor"]) == ("p2", "p1")
    assert run("duplicates", "list", "--home", home)["pairs"] == []
    assert "decided already" in run("duplicates", "different", pair["number"], "--home", home, expect=1)
    assert run("duplicates", "undo-merge", pair["number"], "--home", home)["retired"] == "p2"
    run("duplicates", "different", pair["number"], "--home", home)
    assert run("duplicates", "list", "--all", "--home", home)["pairs"][0]["state"] == "different"
    run("duplicates", "show", 99, "--home", home, expect=1)
    run("duplicates", expect=2)
