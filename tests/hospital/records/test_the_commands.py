"""The commands `wardround hospital ...` about records, as a person runs them: in a process of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
COMMAND = [sys.executable, "-m", "wardround.cli", "hospital"]
PATIENTS = 120


def run(*arguments, expect=0, stdin=""):
    environment = {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def run_json(*arguments, **options):
    return json.loads(run(*arguments, "--json", **options).stdout)


@pytest.fixture
def home(tmp_path):
    run("init", "--home", tmp_path / "home", "--name", "Budapest", "--locale", "hu")
    return tmp_path / "home"


@pytest.fixture
def bundle(tmp_path):
    """120 patients with ten measurements each, in one NDJSON file of transactions."""
    path = tmp_path / "export.ndjson"
    path.write_text("\n".join(json.dumps(_chart(number)) for number in range(PATIENTS)), "utf-8")
    return path


def _chart(number):
    patient = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": "urn:wardround:mrn:x", "value": f"CANARY-{number}"}],
        "name": [{"family": f"Csipkerózsa{number}", "given": ["Piroska"]}],
        "birthDate": "1958-04-17",
    }
    observations = [
        {
            "resourceType": "Observation",
            "id": f"o{number}-{day}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "subject": {"reference": f"Patient/p{number}"},
            "effectiveDateTime": f"2026-03-{day:02}",
            "valueQuantity": {
                "value": 120 + day,
                "unit": "mmHg",
                "system": "http://unitsofmeasure.org",
                "code": "mm[Hg]",
            },
        }
        for day in range(1, 11)
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in (patient, *observations)],
    }


def test_a_copy_of_the_database_and_its_wal_shows_no_name_and_no_number(home, bundle):
    # A reader keeps the write-ahead log from being folded in, so that it is searched too.
    reader = sqlite3.connect(home / "wardround.sqlite3")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM records_resource").fetchone()
    run("import", "--home", home, bundle)

    files = {path.name: path.read_bytes() for path in home.glob("wardround.sqlite3*")}
    reader.close()

    assert len(files["wardround.sqlite3-wal"]) > 100_000
    everything = b"".join(files.values())
    assert b"systolic_pressure" in everything
    for canary in ("Csipker", "csipkerozsa", "Piroska", "piroska", "CANARY", "1958-04-17"):
        assert canary.encode() not in everything


def test_an_import_that_is_killed_in_the_middle_is_resumed_by_repeating_it(home, bundle):
    environment = {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}
    process = subprocess.Popen(
        [*COMMAND, "import", "--home", str(home), str(bundle)],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    with process:
        process.stderr.readline()  # the first chunk is stored
        process.send_signal(signal.SIGKILL)

    again = run_json("import", "--home", home, bundle)

    assert 0 < again["messages_known"] < PATIENTS
    assert again["created"] == PATIENTS * 11 - again["messages_known"] * 11
    assert run_json("import", "--home", home, bundle)["created"] == 0
    assert run_json("verify", "--home", home)["problems"] == []


def test_init_import_quality_undo_and_verify_speak_json(home, bundle):
    report = run_json("import", "--home", home, "--format", "fhir", bundle)
    assert (report["patients"], report["stored"], report["standardised"]) == (PATIENTS, PATIENTS * 11, PATIENTS * 10)
    assert run_json("quality", "--home", home)["standardised"] == PATIENTS * 10
    assert run_json("undo", "--home", home, report["batch"])["deleted"] == PATIENTS * 11
    assert run_json("verify", "--home", home)["problems"] == []


def test_a_refused_message_is_listed_shown_and_replayed(home, tmp_path):
    (tmp_path / "x.ndjson").write_text('{"resourceType": "Patient", "id": "p1", "gender": "banana"}')
    assert run_json("import", "--home", home, tmp_path / "x.ndjson")["quarantined_messages"] == 1
    [item] = run_json("quarantine", "list", "--home", home)["quarantine"]
    assert "banana" in run_json("quarantine", "show", "--home", home, item["id"])["raw"]

    refused = run("quarantine", "replay", "--home", home, item["id"], expect=1)
    (tmp_path / "right.json").write_text('{"resourceType": "Patient", "id": "p1", "gender": "other"}')
    run("quarantine", "replay", "--home", home, item["id"], "--corrected", tmp_path / "right.json")

    assert "stays in quarantine: Patient.gender" in refused.stderr
    assert run_json("quarantine", "list", "--home", home)["quarantine"] == []


def test_a_token_and_users_are_made(home):
    assert run_json("token", "--home", home, "--scope", "system/*.cruds")["token"].startswith("wrt_")
    added = run_json("user", "add", "--home", home, "a.kovacs", "--role", "nurse")
    assert len(added["password"]) >= 16
    run("user", "add", "--home", home, "b.nagy", "--role", "doctor", "--password-stdin", stdin="seven-green-herons\n")
    assert [u["username"] for u in run_json("user", "list", "--home", home)["users"]] == ["a.kovacs", "b.nagy"]


def test_a_lost_token_is_found_by_its_number_and_revoked(home):
    for name in ("laboratory", "registry"):
        run("token", "--home", home, "--scope", "system/*.rs", "--name", name)
    first, second = run_json("tokens", "--home", home)["tokens"]

    said = run("revoke-token", "--home", home, str(first["number"])).stdout

    assert said.strip() == "The token of laboratory opens nothing from now on."
    assert [token["name"] for token in run_json("tokens", "--home", home)["tokens"]] == ["registry"]
    assert "wrt_" not in json.dumps(second)


def test_tampering_is_a_refusal(home):
    database = sqlite3.connect(home / "wardround.sqlite3")
    database.execute("UPDATE audit_auditevent SET actor_name = 'somebody else'")
    database.commit()
    database.close()

    assert "was edited" in run("verify", "--home", home, expect=1).stderr


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["import", "--home", "{home}", "{tmp}/missing.csv"], 1, "is not there"),
        (["import", "--home", "{tmp}/nowhere", "x"], 1, "is not a home"),
        (["import", "--home", "{home}", "--format", "xls", "{home}/config.toml"], 1, "'xls' is not a format"),
        (["import", "--home", "{home}", "{home}/config.toml"], 1, "--format"),
        (["import", "--home", "{home}", "--mapping", "{home}/none.toml", "{home}/config.toml"], 1, "cannot be opened"),
        (["import", "--home", "{home}"], 2, "Name the files to import"),
        (["import", "--home", "{home}", "--format", "csv", "{home}/config.toml"], 1, "name a mapping file"),
        (["serve", "--home", "{home}", "--port", "80000"], 2, "--port"),
        (["undo", "--home", "{home}", "abc"], 1, "no batch 'abc'"),
        (["quarantine", "show", "--home", "{home}", "7"], 1, "no message 7"),
        (["token", "--home", "{home}", "--scope", "everything"], 1, "system/TYPE.LETTERS"),
        (["revoke-token", "--home", "{home}", "7"], 1, "has the number 7"),
        (["user", "add", "--home", "{home}", "x", "--role", "king"], 1, "not a role here"),
        (["init", "--home", "{home}", "--name", "Again"], 1, "already a home"),
        (["init", "--home", "{tmp}/new", "--name", "X", "--locale", "klingon"], 1, "not a language"),
        (["init", "--home", "{tmp}/new", "--name", "X", "--time-zone", "Mars"], 1, "not a time zone"),
        (["dance"], 2, "dance"),
    ],
)
def test_bad_input_is_one_sentence_and_an_exit_status(shared_home, tmp_path, arguments, status, sentence):
    filled = [a.format(home=shared_home, tmp=tmp_path) for a in arguments]

    done = run(*filled, expect=status)

    assert sentence in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "new").exists()


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("shared") / "home"
    run("init", "--home", path, "--name", "Shared")
    return path


def test_the_search_index_is_made_anew_by_one_command(home, bundle):
    run("import", "--home", home, bundle)

    assert run_json("reindex", "--home", home) == {"done": 0, "left": 0}
    done = run_json("reindex", "--home", home, "--all")

    assert done == {"done": PATIENTS * 11, "left": 0}


def test_a_view_is_run_into_a_file_that_is_there_whole_or_not_at_all(home, bundle, tmp_path):
    run("import", "--home", home, bundle)
    view = {"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]}
    (tmp_path / "view.json").write_text(json.dumps(view))
    broken = {"resource": "Patient", "select": [{"column": [{"name": "id", "path": "name.given + 1"}]}]}
    (tmp_path / "broken.json").write_text(json.dumps(broken))

    facts = run_json("view", tmp_path / "view.json", "--home", home, "--output", tmp_path / "rows.csv")
    refused = run("view", tmp_path / "broken.json", "--home", home, "--output", tmp_path / "no.csv", expect=1)

    assert facts["rows"] == PATIENTS
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == PATIENTS + 1
    assert refused.stderr.strip().endswith(".")
    assert not (tmp_path / "no.csv").exists()


def test_records_are_exported_as_one_file_for_each_type(home, bundle, tmp_path):
    run("import", "--home", home, bundle)

    facts = run_json("export", "--home", home, "--output", tmp_path / "out")
    again = run("export", "--home", home, "--output", tmp_path / "out", expect=1)

    assert facts["resources"] == {"Observation": PATIENTS * 10, "Patient": PATIENTS}
    assert len((tmp_path / "out" / "Patient.ndjson").read_text().splitlines()) == PATIENTS
    assert "already there" in again.stderr
