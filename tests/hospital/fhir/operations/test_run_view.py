"""ViewDefinition/$run: a view's rows over the records here, to whom, and what is refused."""

import json

import pytest

from wardround.web.audit.models import AuditEvent

ADDRESS = "ViewDefinition/$run"
VIEW = {
    "resourceType": "ViewDefinition",
    "name": "pressures",
    "resource": "Observation",
    "select": [
        {
            "column": [
                {"name": "patient", "path": "subject.getReferenceKey(Patient)"},
                {"name": "value", "path": "value.ofType(Quantity).value"},
            ]
        }
    ],
}


def parameters(*, view=VIEW, resources=(), **texts):
    named = [{"name": name, "valueString": text} for name, text in texts.items()]
    given = [{"name": "resource", "resource": resource} for resource in resources]
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "viewResource", "resource": view}, *named, *given],
    }


@pytest.fixture
def pressures(make_patient, make_observation):
    patients = [make_patient(), make_patient(family="Varga")]
    for patient_id, value in zip(patients, (120, 110), strict=True):
        make_observation(patient_id, loinc="8480-6", value=value, unit="mm[Hg]")
    return patients


def rows(answer):
    return [json.loads(line) for line in answer.content.decode().splitlines()]


def test_a_view_runs_over_the_records_here(backend, pressures):
    answer = backend.post(ADDRESS, parameters())

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert rows(answer) == [{"patient": pressures[0], "value": 120}, {"patient": pressures[1], "value": 110}]


def test_it_says_its_rows_as_csv_and_as_json(backend, pressures):
    csv = backend.post(f"{ADDRESS}?_format=csv", parameters())
    as_json = backend.post(f"{ADDRESS}?_format=json", parameters())

    assert csv.content.decode().splitlines() == ["patient,value", f"{pressures[0]},120", f"{pressures[1]},110"]
    assert [row["value"] for row in json.loads(as_json.content)] == [120, 110]


def test_it_reads_one_patient_or_the_first_rows_only(backend, pressures):
    assert [row["value"] for row in rows(backend.post(ADDRESS, parameters(patient=f"Patient/{pressures[1]}")))] == [110]
    assert [row["value"] for row in rows(backend.post(ADDRESS, parameters(_limit="1")))] == [120]
    assert rows(backend.post(ADDRESS, parameters(_since="2100-01-01"))) == []


def test_it_runs_over_the_resources_that_come_with_it(backend, pressures):
    observation = {"resourceType": "Observation", "subject": {"reference": "Patient/x"}, "valueQuantity": {"value": 1}}

    assert rows(backend.post(ADDRESS, parameters(resources=[observation]))) == [{"patient": "x", "value": 1}]


def test_one_event_says_what_was_read(backend, pressures):
    backend.post(ADDRESS, parameters())

    event = AuditEvent.objects.get(action="view.run")
    assert event.what == "Observation: pressures"
    assert event.detail == {"columns": ["patient", "value"], "read": 2, "rows": 2}


def test_a_deleted_resource_has_no_rows(backend, pressures):
    first = rows(backend.post(ADDRESS, parameters(view=with_column("id"))))[0]["x"]
    assert backend.request("DELETE", f"Observation/{first}").status_code == 204

    assert len(rows(backend.post(ADDRESS, parameters()))) == 1


@pytest.mark.parametrize("scopes", ["system/Patient.rs", "system/Observation.r", "system/Observation.s"])
def test_a_client_runs_views_only_over_types_it_may_read_and_search(backend_with, pressures, scopes):
    answer = backend_with(scopes).post(ADDRESS, parameters())

    assert answer.status_code == 403
    assert not AuditEvent.objects.filter(action="view.run").exists()


def test_another_patients_chart_looks_as_if_it_were_not_there(backend, pressures):
    assert backend.post(ADDRESS, parameters(patient="nobody")).status_code == 404


def test_a_wrong_view_is_refused_with_every_place(backend):
    answer = backend.post(ADDRESS, parameters(view={"resource": "Observations", "select": [{}]}))

    outcome = json.loads(answer.content)
    assert answer.status_code == 422
    assert [issue["expression"] for issue in outcome["issue"]] == [
        ["ViewDefinition.resource"],
        ["ViewDefinition.select[0]"],
    ]


def with_column(path):
    return {**VIEW, "select": [{"column": [{"name": "x", "path": path}]}]}


@pytest.mark.parametrize("path", ["code | status", "value.ofType(Quantity).value + 'x'", "now()"])
def test_a_view_that_fails_on_a_record_is_refused_whole(backend, pressures, path):
    answer = backend.post(ADDRESS, parameters(view=with_column(path)))

    assert answer.status_code == 400
    assert json.loads(answer.content)["issue"][0]["expression"] == ["viewResource"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Parameters"}, 400),
        ({"resourceType": "Patient"}, 400),
        (parameters(group="Group/1"), 400),
        (parameters(_limit="-1"), 400),
        (parameters(_format="parquet"), 400),
    ],
)
def test_what_is_not_understood_is_refused(backend, body, status):
    answer = backend.post(ADDRESS, body)

    assert answer.status_code == status
    assert json.loads(answer.content)["resourceType"] == "OperationOutcome"


def test_more_rows_than_the_limit_are_refused_and_not_cut_in_silence(backend, pressures, monkeypatch):
    monkeypatch.setattr("wardround.hospital.fhir.operations.run_view.MOST_ROWS", 1)

    assert backend.post(ADDRESS, parameters()).status_code == 413
    assert len(rows(backend.post(ADDRESS, parameters(_limit="1")))) == 1


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
@pytest.mark.parametrize(
    "path", [r"'\\uD800'.unescape('json')", "99999999999999999999999", "10.0.power(999999)", "'a'.repeat($this & 'a')"]
)
def test_a_computed_value_that_cannot_be_written_is_no_error_of_the_server(backend, form, path):
    view = VIEW | {"select": [{"column": [{"name": "computed", "path": path}]}]}
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}

    answer = backend.post(f"{ADDRESS}?_format={form}", parameters(view=view, resources=[observation]))

    assert answer.status_code in (200, 400, 422)


def test_a_path_with_half_a_character_is_refused_with_its_place(backend):
    view = VIEW | {"select": [{"column": [{"name": "computed", "path": r"'\uD800'"}]}]}

    answer = backend.post(ADDRESS, parameters(view=view))

    assert answer.status_code in (400, 422)
    assert answer.json()["issue"][0]["expression"] == ["ViewDefinition.select[0].column[0].path"]
