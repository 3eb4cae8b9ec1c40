"""The benchmark: its splits, its floors, and that a leak is caught."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from wardround.bench import learning as bench
from wardround.bench.commands import app
from wardround.bench.figures import figures_of, interval, paired
from wardround.bench.heart import FLAMBY_SPLIT, tables
from wardround.bench.learning import bench_learning, check_no_leak, split_all
from wardround.bench.running import LeakFound
from wardround.learning.site import SiteData


def test_the_rows_and_the_split_are_flambys():
    found = tables("flamby_fixed")
    sites = split_all(found, seed=FLAMBY_SPLIT)

    sizes = {name: (len(site.training), len(site.held_out)) for name, site in sites.items()}
    assert sizes == {
        "cleveland": (199, 104),
        "budapest": (172, 89),
        "zurich-basel": (30, 16),
        "long-beach": (85, 45),
    }


def test_all_rows_are_the_920_patients_with_zeros_as_gaps():
    found = tables("all_rows")

    assert {name: table.raw.patients for name, table in found.items()} == {
        "cleveland": 303,
        "budapest": 294,
        "zurich-basel": 123,
        "long-beach": 200,
    }
    assert np.isnan(found["zurich-basel"].raw.columns["total_cholesterol"]).all()
    assert np.nanmin(found["long-beach"].raw.columns["systolic_pressure"]) > 0


def test_no_patient_is_trained_on_and_held_out():
    for site in split_all(tables("all_rows"), seed=3).values():
        assert not set(site.training) & set(site.held_out)


@pytest.fixture(scope="module")
def report():
    return bench_learning(splits=2, say=lambda line: None)


def test_two_splits_reach_the_floors(report):
    """Floors for two splits; the twenty have theirs in the slow test."""
    every_row, resplits = report["protocols"]["all_rows"], report["protocols"]["flamby_resplits"]

    assert every_row["federated_site"]["pooled_auroc"] >= 0.885
    assert every_row["federated_site"]["mean_accuracy"] >= 0.81
    assert every_row["federated_site"]["brier"] <= 0.135
    assert resplits["federated_site"]["pooled_auroc"] >= 0.865
    assert report["protocols"]["flamby_fixed"]["federated_site"]["mean_accuracy"] >= 0.81
    assert report["leave_one_hospital_out"]["budapest"]["auroc"] >= 0.88


def test_the_federated_shared_model_scores_like_the_pooled_one(report):
    for protocol in ("flamby_fixed", "flamby_resplits", "all_rows"):
        methods = report["protocols"][protocol]
        for figure in ("mean_accuracy", "pooled_auroc", "brier"):
            assert methods["federated"][figure] == pytest.approx(methods["pooled"][figure], abs=1e-5)


def test_the_report_has_the_agreed_shape(report):
    assert set(report["protocols"]) == {"flamby_fixed", "flamby_resplits", "all_rows"}
    for methods in report["protocols"].values():
        assert set(methods) == {"local", "federated", "federated_site", "pooled", "majority"}
        for figures in methods.values():
            assert {"mean_accuracy", "mean_auroc", "pooled_auroc", "brier"} <= set(figures)
    assert report["splits"] == 2
    assert report["per_hospital"]["all_rows"]["federated_site"]["zurich-basel"]["auroc"] is not None
    assert report["minimum_patients"] == 30
    json.dumps(report, allow_nan=False)


def test_the_command_prints_one_document_or_tables(monkeypatch, report):
    monkeypatch.setattr(bench, "bench_learning", lambda **_: report)

    as_json = CliRunner().invoke(app, ["learning", "--splits", "2", "--json"])
    for_people = CliRunner().invoke(app, ["learning", "--splits", "2"])

    assert json.loads(as_json.stdout) == json.loads(json.dumps(report))
    assert "All 920 patients" in for_people.stdout
    assert "FLamby: FedAdagrad" in for_people.stdout


def test_a_leak_ends_the_command_with_one_sentence(monkeypatch):
    def leak(**_):
        raise LeakFound("Held-out patients had a part in the model.")

    monkeypatch.setattr(bench, "bench_learning", leak)

    result = CliRunner().invoke(app, ["learning", "--splits", "2", "--json"])

    assert result.exit_code == 1
    assert result.stdout == ""


class LeaksIntoStatistics(SiteData):
    """Held-out patients' inputs are in the table that statistics and training read."""

    @property
    def training_raw(self):
        rows = self.training.copy()
        rows[0] = self.held_out[0]
        return self.raw.rows(rows)


class LeaksLabels(SiteData):
    """One training label is a held-out patient's."""

    @property
    def training_labels(self):
        rows = self.training.copy()
        rows[0] = self.held_out[0]
        return self.labels[rows]


@pytest.mark.parametrize("leaky", [LeaksIntoStatistics, LeaksLabels])
def test_one_held_out_patient_in_statistics_or_training_is_caught(leaky):
    sites = split_all(tables("flamby_fixed"), seed=FLAMBY_SPLIT)
    sites["cleveland"] = leaky(**vars(sites["cleveland"]))

    with pytest.raises(LeakFound, match="had a part in the model"):
        check_no_leak(sites)


def test_honest_splits_pass_the_leak_check():
    check_no_leak(split_all(tables("all_rows"), seed=0))


def test_figures_too_good_to_be_true_are_refused(monkeypatch):
    def perfect(sites, *, seed):
        labels = {name: site.held_out_labels for name, site in sites.items()}
        chance = {name: 0.1 + 0.8 * truth for name, truth in labels.items()}
        figures = dict.fromkeys(bench.METHODS, figures_of(labels, probabilities=chance))
        return bench.SplitResult(methods=figures, rounds=1, chosen="shared", seconds=0.0)

    monkeypatch.setattr(bench, "run_split", perfect)
    monkeypatch.setattr(bench, "check_no_leak", lambda sites: None)
    monkeypatch.setattr(bench, "leave_one_out", lambda found: {})

    with pytest.raises(LeakFound, match="leak until proved otherwise"):
        bench_learning(splits=2, say=lambda line: None)


def test_an_interval_of_paired_differences_by_hand():
    # Mean 2, sd 1, n = 3: 2 -/+ 4.3027 / sqrt(3).
    low, high = interval([1.0, 2.0, 3.0])

    assert (low, high) == (pytest.approx(2 - 4.302653 / np.sqrt(3)), pytest.approx(2 + 4.302653 / np.sqrt(3)))
    assert paired([1.0, -1.0])["above_zero"] == 1


@pytest.mark.slow
def test_twenty_splits_reach_the_targets():
    report = bench_learning(splits=20, say=lambda line: None)

    every_row, resplits = report["protocols"]["all_rows"], report["protocols"]["flamby_resplits"]
    assert every_row["federated_site"]["mean_accuracy"] >= 0.83
    assert every_row["federated_site"]["pooled_auroc"] >= 0.895
    assert every_row["federated_site"]["brier"] <= 0.126
    assert resplits["federated_site"]["mean_accuracy"] >= 0.81
    assert resplits["federated_site"]["pooled_auroc"] >= 0.875
    assert report["protocols"]["flamby_fixed"]["federated_site"]["mean_accuracy"] >= 0.82
    for protocol in ("all_rows", "flamby_resplits"):
        assert report["paired"][protocol]["federated_site - pooled: pooled_auroc"]["mean"] >= -0.003
    assert report["paired"]["all_rows"]["long-beach: federated - local: auroc"]["mean"] >= 0.05
    assert report["seconds"] < 240
