"""The whole main job over real processes: `demo run`, then `demo up` and `demo down` on the same folder."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from wardround.demo.folder import DemoFolder
from wardround.demo.sides import served_homes
from wardround.demo.source import PLACES
from wardround.demo.spoken import environment

pytestmark = [pytest.mark.slow, pytest.mark.processes]

NAMES = [place.name for place in PLACES.values()]


def demo(*arguments, **options):
    command = [sys.executable, "-m", "wardround.cli", "demo", *map(str, arguments), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), **options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One `demo run` for all tests: (folder, its JSON)."""
    home = tmp_path_factory.mktemp("tour") / "demo"
    process = demo("run", "--home", home, "--port", 18300)
    out, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors.decode()[-2000:]
    return DemoFolder(home), json.loads(out)


def test_the_report_has_all_four_hospitals_and_every_planted_error_is_caught(finished):
    _, report = finished

    assert [(h["name"], h["patients"]) for h in report["hospitals"]] == list(
        zip(NAMES, (303, 294, 123, 200), strict=True)
    )
    assert sum(h["planted_errors"] for h in report["hospitals"]) == 45
    assert all(h["caught_errors"] == h["planted_errors"] for h in report["hospitals"])
    assert sum(h["false_alarms"] for h in report["hospitals"]) == 0


def test_the_run_went_over_the_engine_under_secure_aggregation(finished):
    _, report = finished
    run = report["run"]

    assert run["engine"].startswith("NVIDIA FLARE")
    assert len(run["study_hash"]) == 64
    assert 2 <= run["rounds"] <= 12
    assert run["parameters"] > 20
    assert run["bytes_up_per_hospital_per_round"] > 1000
    assert "4 hospitals" in run["secure_aggregation"]


def test_the_federated_model_is_as_good_as_the_one_from_all_records_in_one_place(finished):
    _, report = finished
    evaluation = report["evaluation"]

    assert set(evaluation) == {*NAMES, "mean", "pooled"}
    assert evaluation["pooled"]["n_test"] == sum(evaluation[name]["n_test"] for name in NAMES)
    federated, pooled = evaluation["pooled"]["federated"], evaluation["pooled"]["pooled"]
    assert federated["auroc"] == pytest.approx(pooled["auroc"], abs=0.01)
    assert 0.86 < federated["auroc"] < 0.92, "above .92 is leakage until proved otherwise"
    assert federated["auroc"] > evaluation["pooled"]["local"]["auroc"] - 0.005


def test_the_estimate_is_for_a_patient_and_says_how_sure_it_is(finished):
    _, report = finished
    prediction = report["prediction"]

    low, high = prediction["interval"]
    assert 0 < low < prediction["probability"] < high < 1
    assert len(prediction["contributions"]) == 13


def test_the_files_say_the_same_and_nothing_is_left_running(finished):
    folder, report = finished

    assert json.loads(folder.report_json.read_text("utf-8")) == report
    assert "Four hospitals, one model" in folder.report_html.read_text("utf-8")
    assert served_homes(folder) == []


def answers(url):
    with urllib.request.urlopen(url, timeout=20) as page:
        return page.status == 200


def read_document(stream):
    """One JSON document that a process which goes on has printed."""
    text = ""
    for line in iter(stream.readline, b""):
        text += line.decode()
        try:
            return json.loads(text)
        except ValueError:
            continue
    raise AssertionError(f"The process printed no JSON document but {text!r}")


def test_a_finished_demonstration_is_served_at_five_addresses_until_it_is_ended(finished):
    folder, _ = finished
    process = demo("up", "--home", folder.path, "--port", 18310)
    try:
        facts = read_document(process.stdout)
        assert len({side["url"] for side in facts["sides"]}) == 5
        assert all(answers(side["url"]) for side in facts["sides"])

        ended = demo("down", "--home", folder.path)
        assert json.loads(ended.communicate(timeout=60)[0]) == {"stopped": 5}
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    assert served_homes(folder) == []


def test_a_killed_demonstration_leaves_nothing_running_and_can_be_started_again(finished):
    folder, _ = finished
    first = demo("up", "--home", folder.path, "--port", 18320)
    read_document(first.stdout)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    deadline = time.monotonic() + 30
    while served_homes(folder):
        assert time.monotonic() < deadline, "the sides outlive the demonstration that was killed"

    second = demo("up", "--home", folder.path, "--port", 18330)
    try:
        assert len(read_document(second.stdout)["sides"]) == 5
    finally:
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
    assert second.returncode == 0
    assert served_homes(folder) == []
