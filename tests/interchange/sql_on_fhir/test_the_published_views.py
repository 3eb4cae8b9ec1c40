"""The 134 tests of SQL on FHIR v2 (sql-on-fhir.org, Apache-2.0): each view gives exactly the rows it must, or is refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from wardround.interchange.errors import InterchangeError
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.sql_on_fhir.reading import read_view
from wardround.interchange.sql_on_fhir.running import rows_of

SUITE = Path(__file__).parents[4] / "shared" / "suites" / "sql-on-fhir-v2" / "tests"
FILES = sorted(SUITE.glob("*.json")) if SUITE.is_dir() else []
CASES = [(path.stem, case["title"]) for path in FILES for case in json.loads(path.read_text("utf-8"))["tests"]]

pytestmark = pytest.mark.skipif(not CASES, reason="The suite shared/suites/sql-on-fhir-v2 is not here.")


def test_the_suite_is_whole():
    assert len(CASES) == 134


@pytest.mark.parametrize(("name", "title"), CASES or [("", "")])
def test_a_published_view_gives_its_rows(name: str, title: str):
    file = loads((SUITE / f"{name}.json").read_bytes())
    (case,) = (case for case in file["tests"] if case["title"] == title)

    if case.get("expectError"):
        with pytest.raises(InterchangeError):
            rows_by_view(case["view"], file["resources"])
        return
    columns, rows = rows_by_view(case["view"], file["resources"])

    # The suite does not fix the order of rows.
    assert Counter(map(comparable, rows)) == Counter(map(comparable, case["expect"]))
    if "expectColumns" in case:
        assert columns == case["expectColumns"]


def rows_by_view(definition: Any, resources: list[Any]) -> tuple[list[str], list[dict[str, Any]]]:
    view = read_view(definition)
    rows = [row for resource in resources for row in rows_of(view, resource)]
    return [column.name for column in view.columns], rows


def comparable(row: dict[str, Any]) -> str:
    """Numbers by their value: the suite writes 1.0 and 1 for the same."""
    return json.dumps(json.loads(dumps(row)), sort_keys=True)
