"""The accuracy benchmark in small: its shape, and that the figures do not fall below floors with a margin."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wardround.bench.accuracy.markdown import accuracy_markdown
from wardround.bench.accuracy.tables import GROUP_TITLES, VERDICT_TITLES, accuracy_tables
from wardround.bench.commands import app

SHARED = next((up / "shared" for up in Path(__file__).parents if (up / "shared/data/synthea_fhir_r4").is_dir()), None)


def _run(*arguments):
    ran = CliRunner().invoke(app, ["accuracy", "--json", *arguments])
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def heart():
    return _run("--patients", "120")


@pytest.fixture(scope="module")
def everything():
    if SHARED is None:
        pytest.skip("The folder shared/data is not beside the checkout.")
    folders = ("--data", str(SHARED / "data"), "--dqd", str(SHARED / "suites/ohdsi-dqd"))
    return _run(*folders, "--patients", "25")


@pytest.mark.slow
def test_without_data_the_bench_runs_on_what_ships_and_says_what_is_left_out(heart):
    assert list(heart["records"]) == ["heart"]
    assert set(heart["missing"]) == {"synthea", "mimic", "dqd"}
    assert all(sentence.startswith("Left out: --d") for sentence in heart["missing"].values())


@pytest.mark.slow
def test_the_report_has_targets_groups_kinds_and_tables(heart):
    assert heart["verdicts"].keys() == VERDICT_TITLES.keys()
    assert heart["groups"].keys() <= GROUP_TITLES.keys()
    assert sum(found["planted"] + found["not_in_catalogue"] for found in heart["kinds"].values()) > 30
    assert len(accuracy_tables(heart)) == 5


@pytest.mark.slow
def test_the_report_names_which_forms_of_errors_were_planted_and_the_page_says_what_they_are_worth(heart):
    held_out = _run("--patients", "40", "--forms", "held-out")

    assert (heart["forms"], held_out["forms"]) == ("known", "held-out")
    assert heart["kinds"].keys().isdisjoint(held_out["kinds"])
    assert accuracy_tables(held_out)[0].title == "Targets, held-out forms of errors"
    assert "without sight of the rules" in accuracy_markdown(held_out)
    assert "without sight of the rules" not in accuracy_markdown(heart)


@pytest.mark.slow
def test_gross_errors_are_found_and_clean_values_left_alone(everything):
    gross = everything["groups"]["gross"]
    alarms = everything["false_alarms"].values()
    values, held = sum(f["values"] for f in alarms), sum(f["held"]["found"] for f in alarms)

    assert gross["recall"]["share"] >= 0.80
    assert everything["groups"]["history"]["recall"]["share"] >= 0.55
    assert everything["groups"]["all_slips"]["right_of_planted"]["share"] >= 0.75
    assert held <= 0.01 * values


@pytest.mark.slow
def test_the_rules_find_more_than_a_range_check_and_dqd_do(everything):
    gross = everything["groups"]["gross"]

    for rival in gross["rivals"].values():
        assert gross["recall"]["share"] > rival["share"]


@pytest.mark.slow
def test_the_data_sets_own_errors_are_no_false_alarms(everything):
    synthea = everything["false_alarms"]["synthea"]["defects"]

    assert synthea["n"] > 0
    assert synthea["share"] >= 0.9
