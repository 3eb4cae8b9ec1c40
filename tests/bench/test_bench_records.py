"""The records benchmark in small: its shape, its floors, both databases, and that copies are what the write path writes."""

import json

import pytest
from typer.testing import CliRunner

from wardround.bench.charts import ENCOUNTERS, OBSERVATIONS, invented_chart, people_around
from wardround.bench.commands import app
from wardround.bench.postgresql import NoPostgreSQL, programs
from wardround.bench.records import bench_records, growth
from wardround.bench.tables import QUESTION_TITLES
from wardround.interchange.fhir.structure import check


def _has_postgresql():
    try:
        return bool(programs())
    except NoPostgreSQL:
        return False


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param(
            "postgresql", marks=pytest.mark.skipif(not _has_postgresql(), reason="No PostgreSQL server is installed.")
        ),
    ],
)
def report(request):
    arguments = ["records", "--json", "--sizes", "200,400", "--database", request.param, "--repeats", "3"]
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_every_question_at_every_size_stands_beside_its_floor(report):
    (found,) = report["databases"].values()

    assert [size["observations"] for size in found["sizes"]] == [200, 400]
    for size in found["sizes"]:
        assert size["questions"].keys() == QUESTION_TITLES.keys()
        for figures in size["questions"].values():
            assert figures["requests"] == 3
            assert figures["p99_ms"] >= figures["p50_ms"] > 0
            assert figures["floor_p50_ms"] > 0


def test_the_import_and_the_growth_say_whether_they_reach_their_targets(report):
    (found,) = report["databases"].values()

    imported = found["import"]
    assert imported["resources"] == len(invented_chart(1, seed=1))
    assert imported["rows_of_floor"] > imported["resources"]
    assert imported["passes"] == (imported["over_floor"] <= 6)
    assert found["growth"]["from"] == 200
    assert found["growth"]["passes"] in {True, False}


def test_validation_stands_beside_reading_the_same_texts(report):
    assert report["validation"]["per_second"] > 0
    assert report["validation"]["floor_per_second"] > 0


def test_the_report_says_that_nobody_in_it_exists(report):
    assert "invented" in report["patients"]


def test_a_database_that_is_not_here_is_named_and_not_measured(monkeypatch):
    def missing(*, durable):
        raise NoPostgreSQL("no server")

    monkeypatch.setattr("wardround.bench.records.private_postgresql", missing)
    found = bench_records(sizes=[200], databases=["postgresql"], repeats=1, say=lambda line: None)

    assert found["databases"] == {"postgresql": {"skipped": "no server"}}


def test_one_size_has_no_growth():
    assert growth([{}]) is None


def test_invented_charts_are_fhir_and_alike_for_one_seed():
    chart = invented_chart(7, seed=3)

    assert [problem for resource in [*chart, *people_around()] for problem in check(resource)] == []
    assert sum(resource["resourceType"] == "Observation" for resource in chart) == OBSERVATIONS
    assert sum(resource["resourceType"] == "Encounter" for resource in chart) == ENCOUNTERS
    assert chart == invented_chart(7, seed=3) != invented_chart(7, seed=4)


@pytest.mark.parametrize("sizes", ["many", "10", "1000,,2000"])
def test_a_size_that_is_no_number_is_refused(sizes):
    ran = CliRunner().invoke(app, ["records", "--sizes", sizes])

    assert ran.exit_code == 2
    assert "200 or more" in ran.output
