"""`wardround bench intake`: its mutants differ, its readers survive them, its memory stays flat."""

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wardround.bench.commands import app
from wardround.bench.intake.coverage_guided import coverage_guided
from wardround.bench.intake.fuzzing import import_mutants, read_mutants
from wardround.bench.intake.mutants import mutant
from wardround.bench.intake.samples import FORMATS, NotMade, Sample, sample

CCDA = Path(__file__).resolve().parents[2].parent / "shared" / "suites" / "c-cda-examples"
MUTANTS = 1_000  # a tenth of the benchmark's


def made_of(form: str, folder: Path) -> Sample:
    try:
        return sample(form, folder, charts=2, ccda=CCDA)
    except NotMade as error:
        pytest.skip(str(error))


def test_the_same_seed_makes_the_same_mutants_and_they_differ_from_their_seed():
    seeds = [b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\rPID|1||7\r"]

    made = [mutant(seeds, dice=random.Random(number)) for number in range(200)]

    assert made == [mutant(seeds, dice=random.Random(number)) for number in range(200)]
    assert sum(one != seeds[0] for one in made) > 180


def test_a_crash_and_a_hang_would_be_seen(tmp_path, monkeypatch):
    """The measurement can fail: a reader that raises and one that never ends are counted."""
    from wardround.bench.intake import fuzzing

    made = sample("csv", tmp_path / "csv", charts=2)
    monkeypatch.setattr(fuzzing, "_HANGS_SECONDS", 0.05)
    turn = iter(range(10**9))

    def broken(_made, _folder, *, mapping):
        if next(turn) % 2:
            raise KeyError("a patient's name")
        while True:
            yield from ()

    monkeypatch.setattr(fuzzing, "_what_became", broken)

    line = read_mutants(made, mutants=6, seed=1)

    assert line["hangs"] == 3
    assert sum(line["crashes"].values()) == 3
    assert "name" not in str(line["crashes"])


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_a_thousand_mutants_end_as_drafts_or_refusals(tmp_path, form):
    made = made_of(form, tmp_path / form)

    line = read_mutants(made, mutants=MUTANTS, seed=7)

    assert (line["crashes"], line["hangs"]) == ({}, 0)
    assert line["drafts"] > 0
    assert line["refused"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_mutants_that_are_imported_are_stored_or_in_quarantine(tmp_path, form):
    made = made_of(form, tmp_path / "seeds")

    door = import_mutants(made, tmp_path, mutants=MUTANTS // 20, seed=7)

    assert door["failure"] == ""
    assert door["messages"] >= door["quarantined"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_atheris_finds_no_crash_in_a_thousand_runs(tmp_path, form):
    made = made_of(form, tmp_path / form)
    seeds = made.messages() if form == "meds" else list(made.contents().values())

    found = coverage_guided(form, seeds=seeds, runs=MUTANTS, seed=7)

    if found["passes"] is None:
        pytest.skip("atheris is not installed")
    assert found["passes"], found["failure"]


@pytest.mark.slow
def test_the_command_measures_every_format_and_memory_stays_flat():
    done = CliRunner().invoke(app, ["intake", "--mutants", "0", "--mib", "64", "--json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert {line["format"] for line in report["parsing"]} == set(FORMATS) - {"ccda"}
    assert all(line["changed_the_second_time"] == 0 for line in report["storing"])
    assert report["memory"]["passes"]
