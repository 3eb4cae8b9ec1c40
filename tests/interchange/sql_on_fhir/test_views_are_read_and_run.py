"""A ViewDefinition is refused with every place that is wrong; a view that runs keeps values as they were written."""

from typing import Any

import pytest

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.json import loads
from wardround.interchange.sql_on_fhir.errors import ViewFailed, ViewRefused
from wardround.interchange.sql_on_fhir.reading import read_view
from wardround.interchange.sql_on_fhir.running import rows_of
from wardround.interchange.sql_on_fhir.writing import written

OBSERVATION = loads(
    b'{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"Glucose, \\"fasting\\""},'
    b'"valueQuantity":{"value":1.50,"unit":"mmol/L"},'
    b'"component":[{"code":{"text":"a"}},{"code":{"text":"b"}},{"code":{"text":"b"}}]}'
)


def view_of(*select: dict[str, Any], **more: Any) -> Any:
    return read_view({"resource": "Observation", "select": list(select), **more})


def columns(**paths: str) -> dict[str, Any]:
    return {"column": [{"name": name, "path": path} for name, path in paths.items()]}


def problems_of(definition: Any) -> dict[str, str]:
    with pytest.raises(ViewRefused) as refused:
        read_view(definition)
    return {problem.path: problem.sentence for problem in refused.value.problems}


def test_every_wrong_place_is_named_at_once():
    problems = problems_of(
        {
            "resource": "Observations",
            "constant": [{"name": "limit"}],
            "select": [
                {"column": [{"name": "1st", "path": "id"}, {"name": "b", "path": "value.where("}]},
                {"forEach": "component", "repeat": ["component"], "column": [{"name": "c", "path": "%unknown"}]},
                {},
            ],
        }
    )

    assert set(problems) == {
        "ViewDefinition.resource",
        "ViewDefinition.constant[0].value[x]",
        "ViewDefinition.select[0].column[0].name",
        "ViewDefinition.select[0].column[1].path",
        "ViewDefinition.select[1]",
        "ViewDefinition.select[1].column[0].path",
        "ViewDefinition.select[2]",
    }


@pytest.mark.parametrize("definition", [None, [], "Patient", 1, {}, {"select": {}}, {"resource": ["Patient"]}])
def test_what_is_no_view_is_refused_with_a_sentence(definition: Any):
    assert all(sentence.endswith(".") for sentence in problems_of(definition).values())


def test_a_column_name_stands_once():
    problems = problems_of({"resource": "Patient", "select": [columns(id="id"), columns(id="gender")]})

    assert problems == {"ViewDefinition.select": "Two columns are called id; a name stands once."}


def test_selections_inside_selections_have_a_limit():
    select = columns(id="id")
    for _ in range(40):
        select = {"select": [select]}

    assert "at most 16 inside each other" in " ".join(problems_of({"resource": "Patient", "select": [select]}).values())


def test_numbers_keep_their_text():
    view = view_of(columns(id="id", value="value.ofType(Quantity).value"))

    assert b"".join(written(view, rows_of(view, OBSERVATION), form="ndjson")) == b'{"id":"o1","value":1.50}\n'


def test_csv_has_a_header_and_quotes_what_needs_it():
    view = view_of(columns(id="id", text="code.text", note="note.text"))

    assert b"".join(written(view, rows_of(view, OBSERVATION), form="csv")) == (
        b'id,text,note\r\no1,"Glucose, ""fasting""",\r\n'
    )


def test_json_without_rows_is_an_empty_list():
    view = view_of(columns(id="id"), where=[{"path": "status = 'cancelled'"}])

    assert b"".join(written(view, rows_of(view, OBSERVATION), form="json")) == b"[]"


def test_equal_items_are_rows_of_their_own():
    for_each = view_of({"forEach": "component", **columns(code="code.text")})
    repeat = view_of({"repeat": ["component"], **columns(code="code.text")})

    assert [row["code"] for row in rows_of(for_each, OBSERVATION)] == ["a", "b", "b"]
    assert [row["code"] for row in rows_of(repeat, OBSERVATION)] == ["a", "b", "b"]


def test_a_resource_of_another_type_has_no_rows():
    assert list(rows_of(view_of(columns(id="id")), {"resourceType": "Patient", "id": "p1"})) == []


def test_several_values_in_a_plain_column_fail_with_the_column_named():
    with pytest.raises(ViewFailed, match="Column code has several values"):
        list(rows_of(view_of(columns(code="component.code.text")), OBSERVATION))


def test_a_condition_that_is_no_boolean_fails():
    with pytest.raises(ViewFailed, match="neither true nor false"):
        list(rows_of(view_of(columns(id="id"), where=[{"path": "code.text"}]), OBSERVATION))


def test_a_repeat_that_leads_nowhere_ends():
    with pytest.raises(ViewFailed, match="levels deep"):
        list(rows_of(view_of({"repeat": ["$this"], **columns(id="id")}), OBSERVATION))


def test_a_product_of_many_selections_is_refused_before_it_fills_the_memory():
    wide = OBSERVATION | {"component": [{"code": {"text": str(n)}} for n in range(400)]}
    select = [{"forEach": "component", **columns(**{f"c{n}": "code.text"})} for n in range(3)]

    with pytest.raises(ViewFailed, match="more than 100000 rows"):
        list(rows_of(view_of(*select), wide))


def test_a_path_without_meaning_for_a_resource_fails_as_a_path():
    with pytest.raises(PathFailed):
        list(rows_of(view_of(columns(sum="status + 1")), OBSERVATION))
