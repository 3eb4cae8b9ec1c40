"""report.json has the shape others rely on; report.html is one page that asks nobody for anything."""

import re
from html.parser import HTMLParser

import pytest

from wardround.demo.report import report_html
from wardround.demo.story import (
    CalibrationFigure,
    Evaluation,
    HospitalStory,
    KindCount,
    ModelFigures,
    PredictionStory,
    RoundFigure,
    RunStory,
    Story,
    report_json,
)


def hospital(name="Budapest", **changes):
    facts = {
        "slug": "budapest",
        "name": name,
        "format": "hl7v2",
        "patients": 294,
        "resources": 4000,
        "quarantined": 3,
        "planted": 13,
        "caught": 12,
        "accepted": 8,
        "corrected": 1,
        "confirmed": 1,
        "replayed": 3,
        "left_held": 0,
        "false_alarms": 1,
        "kinds": (KindCount(kind="ten_times", planted=3, caught=2),),
        "import_seconds": 9.5,
    }
    return HospitalStory(**facts | changes)


def figures(auroc):
    return ModelFigures(
        accuracy=0.8, auroc=auroc, auroc_low=auroc and auroc - 0.1, auroc_high=auroc and 0.99, brier=0.15
    )


def evaluation(auroc=0.9):
    return Evaluation(
        n_test=101,
        models={
            "local": figures(0.8),
            "federated": figures(auroc),
            "adopted": figures(auroc),
            "pooled": figures(auroc),
        },
        calibration=(CalibrationFigure(predicted=0.2, observed=0.25, patients=20),),
        adopted="uses the federated model",
    )


@pytest.fixture
def story():
    return Story(
        seed=7,
        hospitals=(hospital(), hospital("Long Beach", slug="long-beach", format="omop")),
        seconds=120.5,
        run=RunStory(
            study="heart",
            study_title="Coronary heart disease",
            study_hash="ab" * 32,
            engine="NVIDIA FLARE 2.9.0",
            rounds=2,
            seconds_per_round=0.4,
            bytes_up_per_hospital_per_round=80_000,
            parameters=29,
            secure_aggregation="masked sums",
            outcome="converged",
            figures=(
                RoundFigure(round=1, auroc=0.8, auroc_low=0.7, auroc_high=0.9, brier=0.2),
                RoundFigure(round=2, auroc=0.9, auroc_low=0.85, auroc_high=0.95, brier=0.13),
            ),
            seen=("the sum of masked vectors",),
        ),
        evaluation={"Budapest": evaluation(), "Long Beach": evaluation(None), "pooled": evaluation(0.88)},
        prediction=PredictionStory(
            hospital="Budapest",
            patient="BUD000001",
            probability=0.83,
            interval=(0.7, 0.9),
            contributions=(("Age", "58 years", 0.2), ("Sex", "male", -0.1)),
        ),
    )


def test_report_json_has_the_agreed_shape(story):
    report = report_json(story)

    assert list(report) == ["hospitals", "run", "evaluation", "prediction", "seconds"]
    assert set(report["hospitals"][0]) == {
        "name", "format", "patients", "resources", "quarantined", "planted_errors", "caught_errors", "false_alarms",
    }  # fmt: skip
    assert set(report["run"]) == {
        "study", "study_hash", "engine", "rounds", "seconds_per_round", "bytes_up_per_hospital_per_round", "parameters",
        "secure_aggregation",
    }  # fmt: skip
    assert set(report["evaluation"]) == {"Budapest", "Long Beach", "mean", "pooled"}
    assert {"n_test", "local", "federated", "adopted"} <= set(report["evaluation"]["Budapest"])
    assert set(report["evaluation"]["mean"]["local"]) == {"accuracy", "auroc", "brier"}
    assert set(report["prediction"]) == {"hospital", "patient", "probability", "interval", "contributions"}


def test_the_mean_leaves_out_a_hospital_whose_auroc_is_not_defined(story):
    mean = report_json(story)["evaluation"]["mean"]

    assert mean["n_test"] == 202
    assert mean["federated"]["auroc"] == pytest.approx(0.9)
    assert mean["local"]["auroc"] == pytest.approx(0.8)


def test_without_a_run_the_report_says_so_and_still_shows_the_import(story):
    page = report_html(Story(seed=7, hospitals=story.hospitals, seconds=60.0))

    assert "No model was trained in this run" in page
    assert "AUROC by round" not in page
    assert "12 of 13" in page


class _References(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "action")]
        assert tag not in ("script", "iframe", "link", "img")


def test_the_page_asks_nobody_for_anything(story):
    page = report_html(story)
    references = _References()
    references.feed(page)

    assert references.found == []
    assert re.findall(r"url\((?!data:)", page) == []


def test_the_page_names_the_donors_the_licence_and_what_is_invented(story):
    page = report_html(story)

    for words in ("Janosi", "Steinbrunn", "Pfisterer", "Detrano", "CC BY 4.0", "invented", "not a diagnosis"):
        assert words in page


def test_what_comes_from_outside_is_escaped(story):
    page = report_html(Story(seed=7, hospitals=(hospital('<b onclick="x()">'),), seconds=1.0))

    assert "<b onclick" not in page
    assert "&lt;b onclick" in page
