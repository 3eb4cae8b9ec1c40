"""The pages benchmark in small: every page is asked over real HTTP and stands beside its floor. No time is judged."""

import json

import pytest
from typer.testing import CliRunner

from wardround.bench.commands import app
from wardround.bench.pages import PAGE_TITLES
from wardround.bench.pages_site import Asked, _figures
from wardround.bench.running import NotMeasured


@pytest.mark.slow
def test_every_page_stands_beside_its_floor():
    arguments = ["pages", "--json", "--observations", "200", "--admitted", "3", "--repeats", "2"]
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)

    assert report["pages"].keys() == PAGE_TITLES.keys()
    for figures in report["pages"].values():
        assert figures["requests"] == 2
        assert figures["p95_ms"] >= figures["p50_ms"] > 0
        assert figures["floor_p50_ms"] > 0
    assert report["prefetched"] > 10
    assert report["passes"] == (report["pages"]["cds"]["p95_ms"] <= 200)


def test_a_page_that_does_not_show_what_it_should_is_not_measured():
    asked = Asked(lambda: b"Another page", holds="Minta", floor=lambda: None, floor_name="nothing")

    with pytest.raises(NotMeasured, match="chart does not show"):
        _figures("chart", asked, repeats=1)
