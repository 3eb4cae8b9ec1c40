"""docs/cds-hooks.md: its examples are answered as it says, and its limits are those of the code."""

import json
import re
from pathlib import Path

import pytest

from wardround.hospital.cds import errors, estimating, feedback, views

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "cds-hooks.md").read_text("utf-8")
SERVICE = "/cds-services/heart"


def example(name: str) -> str:
    [found] = re.findall(rf"<!-- {name} -->\n```\w+\n(.*?)\n```", GUIDE, re.DOTALL)
    return found


def limit(name: str) -> int:
    [line] = [line for line in GUIDE.splitlines() if line.startswith(f"| {name} |")]
    return int(re.search(r"[\d,]+", line.split("|")[2])[0].replace(",", ""))


@pytest.fixture(autouse=True)
def known(heart, register):
    """The model is in use, and the other record is registered."""
    register()


def test_the_request_is_answered(call):
    response = call(SERVICE, example("request").encode())

    assert response.status_code == 200, response.content
    assert response.json().keys() == {"cards"}


def test_the_whole_visit_is_answered_with_the_summary(call, request_of, prefetch):
    [card] = call(SERVICE, request_of(prefetch())).json()["cards"]

    assert card["summary"] == example("summary")
    assert [suggestion["label"] for suggestion in card["suggestions"]] == ["Add as suspected"]


def test_the_feedback_is_taken(call, request_of, prefetch):
    [card] = call(SERVICE, request_of(prefetch())).json()["cards"]
    report = json.loads(example("feedback"))
    report["feedback"][0]["card"] = card["uuid"]

    assert report["feedback"][0]["overrideReason"]["reason"]["code"] in {r["code"] for r in card["overrideReasons"]}
    assert call(f"{SERVICE}/feedback", report).status_code == 200


def test_every_refusal_is_in_the_table():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.CdsError) and kind is not errors.CdsError
    ]

    for kind in kinds:
        assert f"| {kind.status} |" in GUIDE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A request", views.MOST_BYTES // 2**20),
        ("Resources in the prefetch", estimating.MOST_RESOURCES),
        ("Time of reading the prefetch", estimating.MOST_SECONDS),
        ("Reports in one request of feedback", feedback.MOST_REPORTS),
        ("A comment in a report", feedback.LONGEST_COMMENT),
    ],
)
def test_the_limits_are_those_of_the_code(name, value):
    assert limit(name) == value
