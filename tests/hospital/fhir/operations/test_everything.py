"""Patient/$everything: what it brings, in which pages, and to whom."""

import json
from urllib.parse import urlsplit

import pytest

from wardround.web.audit.models import AuditEvent

BASE = "/fhir/R4"


@pytest.fixture
def ilona(make_patient, make_observation):
    """A patient with an observation in February and one in March, beside another patient's."""
    patient_id = make_patient()
    make_observation(patient_id, loinc="8480-6", value=120, unit="mm[Hg]", time="2026-02-10T08:00:00Z")
    make_observation(patient_id, loinc="8480-6", value=130, unit="mm[Hg]", time="2026-03-10T08:00:00Z")
    other = make_patient(family="Varga")
    make_observation(other, loinc="8480-6", value=110, unit="mm[Hg]")
    return patient_id


def hits(answer):
    return [entry["resource"] for entry in json.loads(answer.content).get("entry", [])]


def types(answer):
    return [resource["resourceType"] for resource in hits(answer)]


def next_of(answer):
    links = {link["relation"]: link["url"] for link in json.loads(answer.content)["link"]}
    if "next" not in links:
        return None
    parts = urlsplit(links["next"])
    return f"{parts.path}?{parts.query}".removeprefix(f"{BASE}/")


def test_it_brings_the_patient_first_and_nothing_of_another_patient(backend, ilona):
    answer = backend.get(f"Patient/{ilona}/$everything")

    assert answer.status_code == 200
    assert types(answer) == ["Patient", "Observation", "Observation"]
    assert json.loads(answer.content)["total"] == 3
    assert "Varga" not in answer.content.decode()


def test_pages_meet_every_resource_once_also_when_one_is_added_in_between(backend, ilona, make_observation):
    first = backend.get(f"Patient/{ilona}/$everything?_count=2")
    make_observation(ilona, loinc="8480-6", value=140, unit="mm[Hg]")
    second = backend.get(next_of(first))

    seen = [resource["id"] for resource in [*hits(first), *hits(second)]]
    assert len(seen) == len(set(seen)) == 3
    assert next_of(second) is None


def test_a_page_link_of_one_patient_opens_no_other(backend, ilona, make_patient):
    link = next_of(backend.get(f"Patient/{ilona}/$everything?_count=1"))

    answer = backend.get(link.replace(ilona, make_patient()))

    assert answer.status_code == 400


def test_a_date_of_care_limits_what_was_done_and_keeps_the_patient(backend, ilona):
    answer = backend.get(f"Patient/{ilona}/$everything?start=2026-03-01&end=2026-03-31")

    assert types(answer) == ["Patient", "Observation"]
    assert hits(answer)[1]["effectiveDateTime"].startswith("2026-03-10")


def test_only_what_changed_since_and_only_the_types_asked_for(backend, ilona):
    assert hits(backend.get(f"Patient/{ilona}/$everything?_since=2100-01-01T00:00:00Z")) == []
    assert types(backend.get(f"Patient/{ilona}/$everything?_type=Observation")) == ["Observation", "Observation"]


def test_it_can_be_asked_by_parameters_in_a_body(backend, ilona):
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]}

    assert types(backend.post(f"Patient/{ilona}/$everything", parameters)) == ["Patient"]


@pytest.mark.parametrize(
    "query",
    ["colour=red", "_count=0", "_count=many", "start=yesterday", "_type=Banana", "start=2026-05-01&end=2026-01-01"],
)
def test_what_is_not_understood_is_refused_with_a_sentence(backend, ilona, query):
    answer = backend.get(f"Patient/{ilona}/$everything?{query}")

    assert answer.status_code == 400
    assert json.loads(answer.content)["resourceType"] == "OperationOutcome"


def test_a_token_gets_the_types_of_its_scopes_and_no_more(backend_with, ilona):
    narrow = backend_with("system/Patient.rs")

    assert types(narrow.get(f"Patient/{ilona}/$everything")) == ["Patient"]
    assert narrow.get(f"Patient/{ilona}/$everything?_type=Observation").status_code == 403
    assert backend_with("system/Observation.rs").get(f"Patient/{ilona}/$everything").status_code == 403


@pytest.mark.parametrize(("role", "status"), [("nurse", 200), ("doctor", 200), ("steward", 200), ("stranger", 403)])
def test_who_sees_charts_may_ask_for_everything(as_client, request, ilona, role, status):
    user = request.getfixturevalue(role)

    answer = as_client(user).get(f"{BASE}/Patient/{ilona}/$everything")

    assert answer.status_code == status
    action = "patient.everything" if status == 200 else "access"
    assert AuditEvent.objects.filter(action=action, actor_name=user.username).exists()


def test_who_is_signed_out_gets_nothing_and_an_unknown_patient_is_not_there(client, backend, ilona):
    assert client.get(f"{BASE}/Patient/{ilona}/$everything").status_code == 401
    assert backend.get("Patient/nobody/$everything").status_code == 404
