"""A client without the scope finds every new door shut: chains, includes, histories, Bundles, conditions, operations."""

import json

import pytest

FAMILY = "Geheimrat"
OBSERVATIONS_ONLY = "system/Observation.rs"


@pytest.fixture
def chart(make_patient, make_observation):
    """(patient, observation)"""
    patient_id = make_patient(family=FAMILY)
    return patient_id, make_observation(patient_id, loinc="2339-0", value=126, unit="mg/dL")


@pytest.fixture
def observer(backend_with, chart):
    """A client that may read and search observations, and nothing else."""
    return backend_with(OBSERVATIONS_ONLY)


def _bundle(kind, *requests):
    return {"resourceType": "Bundle", "type": kind, "entry": list(requests)}


@pytest.mark.parametrize(
    "search",
    [
        f"Observation?subject:Patient.family={FAMILY}",
        f"Observation?patient.family={FAMILY}",
        "Observation?patient._id=x",
        "Observation?_has:Provenance:target:agent=x",
        "Observation?subject:Patient._has:Condition:patient:code=x",
        "Observation?_include=Observation:subject:Patient",
        "Observation?_revinclude=Provenance:target",
        "Patient?_revinclude=Observation:patient",
        "Patient?_has:Observation:patient:code=2339-0",
        "Patient?_summary=count",
        "?_type=Patient",
        "?_type=Observation,Patient",
        "Patient/_history",
        "Patient?_elements=id",
    ],
)
def test_a_search_reaches_no_type_that_the_scopes_do_not_name(observer, search):
    answer = observer.get(search)

    assert answer.status_code == 403, answer.content
    assert FAMILY not in answer.content.decode()


@pytest.mark.parametrize(
    "search",
    [
        "Observation?_include=*",
        "Observation?_include=Observation:subject",
        "Observation?_include:iterate=*",
        "",
        "_history",
    ],
)
def test_what_is_asked_for_without_a_name_comes_only_as_far_as_the_scopes_reach(observer, search):
    answer = observer.get(search)

    if answer.status_code == 200:
        types = {entry["resource"]["resourceType"] for entry in answer.json()["entry"]}
        assert types == {"Observation"}
    else:
        assert answer.status_code == 403
    assert FAMILY not in answer.content.decode()


@pytest.mark.parametrize("address", ["Patient/{}", "Patient/{}/_history", "Patient/{}/_history/1", "Patient/{}/$everything",
                                     "Patient/{}/$summary", "Patient/{}/Condition", "$export?_type=Patient"])  # fmt: skip
def test_no_address_of_a_patient_opens(observer, chart, address):
    answer = observer.get(address.format(chart[0]), Prefer="respond-async")

    assert answer.status_code in {403, 404}
    assert FAMILY not in answer.content.decode()


def test_each_entry_of_a_batch_is_checked_by_itself(observer, chart):
    patient_id, observation_id = chart
    urls = [f"Observation/{observation_id}", f"Patient/{patient_id}", f"Patient?family={FAMILY}", f"Patient/{patient_id}/_history",
            "Observation?_include=Observation:subject:Patient", f"Patient/{patient_id}/$everything"]  # fmt: skip
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]

    answer = observer.post("", _bundle("batch", *entries))

    statuses = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
    assert statuses[0] == "200"
    assert set(statuses[1:]) <= {"403", "404", "400"}, statuses
    assert FAMILY not in answer.content.decode()


def test_a_transaction_with_one_entry_out_of_scope_does_nothing(backend_with, chart, backend):
    client = backend_with("system/Observation.cruds")
    before = backend.get("Observation?_summary=count").json()["total"]
    own = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    foreign = {"resourceType": "Patient", "gender": "male"}

    answer = client.post(
        "",
        _bundle(
            "transaction",
            {"resource": own, "request": {"method": "POST", "url": "Observation"}},
            {"resource": foreign, "request": {"method": "POST", "url": "Patient"}},
        ),
    )

    assert answer.status_code == 403
    assert backend.get("Observation?_summary=count").json()["total"] == before


def test_a_conditional_address_is_no_way_to_ask(backend_with, chart, patient_body):
    """Who may write but not search learns from the answer whether somebody is there, so the search needs its scope."""
    client = backend_with("system/Patient.crud")

    for name in (FAMILY, "Nobodyatall"):
        address = f"Patient?family={name}"
        assert client.put(address, patient_body).status_code == 403
        assert client.patch(address, [{"op": "remove", "path": "/gender"}]).status_code == 403
        assert client.request("DELETE", address).status_code == 403


def test_a_conditional_create_needs_the_scope_of_a_search(backend_with, chart, patient_body, client):
    writer = backend_with("system/Patient.c")

    answers = [
        client.post("/fhir/R4/Patient", json.dumps(patient_body), content_type="application/fhir+json",
                    headers={**writer._headers, "If-None-Exist": f"family={name}"})
        for name in (FAMILY, "Nobodyatall")
    ]  # fmt: skip

    assert {answer.status_code for answer in answers} == {403}


def test_a_condition_within_a_bundle_needs_the_scope_of_a_search(backend_with, chart, patient_body):
    writer = backend_with("system/Patient.c")
    request = {"method": "POST", "url": "Patient", "ifNoneExist": f"family={FAMILY}"}

    for kind in ("batch", "transaction"):
        answer = writer.post("", _bundle(kind, {"resource": patient_body, "request": request}))
        if answer.status_code == 200:
            assert answer.json()["entry"][0]["response"]["status"].startswith("403")
        else:
            assert answer.status_code == 403


@pytest.mark.parametrize("role", ["stranger"])
def test_whoever_may_not_see_charts_cannot_tell_what_is_there_from_what_is_not(as_client, request, chart, role):
    client = as_client(request.getfixturevalue(role))
    patient_id, observation_id = chart

    for there, not_there in (
        (f"Patient/{patient_id}", f"Patient/{'0' * 32}"),
        (f"Observation/{observation_id}", f"Observation/{'0' * 32}"),
        (f"Patient/{patient_id}/_history", f"Patient/{'0' * 32}/_history"),
        (f"Patient/{patient_id}/$everything", f"Patient/{'0' * 32}/$everything"),
        (f"Patient/{patient_id}/Observation", f"Patient/{'0' * 32}/Observation"),
        (f"Observation?patient={patient_id}", f"Observation?patient={'0' * 32}"),
    ):
        one, other = (client.get(f"/fhir/R4/{address}") for address in (there, not_there))
        assert (one.status_code, one.content) == (other.status_code, other.content), there
        assert one.status_code in {403, 404}


def test_without_a_login_only_the_two_descriptions_answer(client, chart):
    is_open = {address for address in ("metadata", "openapi.json", "", "_history", "Patient", "Patient/$match", "_search",
                                       f"Patient/{chart[0]}", "$export", "anything", "ViewDefinition/$run", "Patient/$validate")
               if client.get(f"/fhir/R4/{address}").status_code != 401}  # fmt: skip

    assert is_open == {"metadata", "openapi.json"}
    for address in is_open:
        assert FAMILY not in client.get(f"/fhir/R4/{address}").content.decode()


def test_nobody_can_write_to_the_descriptions(client, db):
    for address in ("metadata", "openapi.json"):
        assert client.post(f"/fhir/R4/{address}", "{}", content_type="application/json").status_code == 405
