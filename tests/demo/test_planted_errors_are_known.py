"""The planter mistypes a known number of things, and shares no rule with the catcher."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import wardround.demo
from wardround.demo.exports import write_exports
from wardround.demo.paper import paper_charts
from wardround.demo.planter import load_planted, plant
from wardround.demo.source import PLACES

EXPECTED = {"cleveland": 14, "budapest": 13, "zurich-basel": 8, "long-beach": 10}


@pytest.mark.parametrize("hospital", list(PLACES))
def test_each_hospital_has_its_number_of_errors_in_as_many_patients(hospital):
    planted = plant(paper_charts(hospital))

    assert len(planted) == EXPECTED[hospital]
    assert len({error.mrn for error in planted}) == len(planted)
    assert all(error.true_value != error.written_value for error in planted)


def test_every_kind_of_error_is_planted_where_it_can_be_made():
    kinds = Counter(error.kind for hospital in PLACES for error in plant(paper_charts(hospital)))

    assert kinds == {
        "ten_times": 11,
        "a_tenth": 8,
        "unit_mix_up": 8,
        "swapped_pressures": 6,
        "no_such_date": 4,
        "exam_before_birth": 4,
        "broken_off": 4,
    }


def test_the_patient_whose_paper_chart_is_wrong_too_gets_no_error():
    held = next(chart for chart in paper_charts("long-beach") if chart.row.row == 754)

    assert all(
        held.mrn not in {error.mrn for error in plant(paper_charts("long-beach"), seed=seed)} for seed in range(30)
    )


def changed_records(folder, hospital):
    """Export lines (HL7: messages) that differ from the paper's, and the paper's beside them."""
    changed = []
    for file in sorted((folder / "exports" / hospital).iterdir()):
        written, true = (
            path.read_bytes().replace(b"\r\nMSH", b"\nMSH").split(b"\n")
            for path in (file, folder / "paper" / hospital / file.name)
        )
        changed += [(mine, theirs) for mine, theirs in zip(written, true, strict=True) if mine != theirs]
    return changed


@pytest.mark.parametrize("hospital", list(PLACES))
def test_the_export_differs_from_the_paper_in_the_planted_records_and_nowhere_else(hospital, tmp_path):
    planted = write_exports(tmp_path, hospital)

    # In OMOP the two pressures of a patient are two rows, so a swap changes two.
    swaps = sum(error.kind == "swapped_pressures" for error in planted) if hospital == "long-beach" else 0
    assert len(changed_records(tmp_path, hospital)) == len(planted) + swaps


@pytest.mark.parametrize("hospital", list(PLACES))
def test_a_broken_off_record_is_the_beginning_of_the_true_one(hospital, tmp_path):
    planted = write_exports(tmp_path, hospital)
    shorter = [(mine, true) for mine, true in changed_records(tmp_path, hospital) if true.startswith(mine.rstrip())]

    assert len(shorter) == sum(error.kind == "broken_off" for error in planted)
    assert all(len(mine) < len(true) for mine, true in shorter)


def test_the_list_of_planted_errors_is_kept_beside_the_paper_and_reads_back(tmp_path):
    planted = write_exports(tmp_path, "budapest")

    assert load_planted(tmp_path / "paper" / "budapest.json") == planted
    assert not list((tmp_path / "exports").rglob("*.json"))


def test_the_planter_never_imports_the_rules_of_the_catcher():
    for file in Path(wardround.demo.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith("wardround.clinical") for name in names), file.name
