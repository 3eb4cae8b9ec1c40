"""Bundles sent to the base: batch and transaction."""

import base64
import gzip
import json
from pathlib import Path

import pytest
from django.apps import apps

from wardround.hospital.records.models import Provenance, Resource
from wardround.interchange.fhir.json import dumps, loads
from wardround.web.audit.models import AuditEvent

SYNTHEA = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/synthea_fhir_r4/bundles").is_dir()), None
)
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "7"}], "gender": "female"}
WARD = {"resourceType": "Organization", "identifier": [{"system": "urn:w", "value": "1"}], "name": "Ward"}


def observation(subject, **elements):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": subject},
        **elements,
    }


def entry(method, url, resource=None, *, full_url=None, **request):
    made = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def rows():
    """How many rows every table of the records and the trail has, but for what the trail says of refusals."""
    tables = [model for label in ("records", "audit") for model in apps.get_app_config(label).get_models()]
    counted = {model.__name__: model.objects.count() for model in tables if model is not AuditEvent}
    return counted | {"done": AuditEvent.objects.filter(action__startswith="record.", outcome="done").count()}


def answers(response):
    return [one["response"] for one in response.json()["entry"]]


def address(answer):
    return answer["location"].split("/_history")[0]


def test_references_between_the_entries_of_a_transaction_are_resolved_wherever_they_stand(backend):
    own = {"url": "urn:x:of", "valueReference": {"reference": "urn:uuid:p"}}
    narrative = {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:p">urn:uuid:p</a></div>',
    }
    identifier = [{"system": "urn:x", "value": "urn:uuid:p"}]
    body = observation("urn:uuid:p", extension=[own], text=narrative, identifier=identifier)

    response = backend.bundle(
        "transaction",
        entry("POST", "Observation", body, full_url="urn:uuid:o"),
        entry("POST", "Patient", PATIENT, full_url="urn:uuid:p"),
    )

    assert response.status_code == 200
    assert response.json()["type"] == "transaction-response"
    observed, patient = map(address, answers(response))
    stored = backend.get(observed).json()
    assert stored["subject"]["reference"] == patient
    assert stored["extension"][0]["valueReference"]["reference"] == patient
    assert f'href="{patient}">urn:uuid:p<' in stored["text"]["div"]
    assert stored["identifier"] == identifier
    assert {answer["status"] for answer in answers(response)} == {"201"}
    assert Resource.objects.get(type="Observation").patient_id == patient.removeprefix("Patient/")


def test_an_entrys_relative_reference_is_read_beside_its_own_address(backend):
    response = backend.bundle(
        "transaction",
        entry("POST", "Patient", PATIENT, full_url="http://other.example/fhir/Patient/1"),
        entry("POST", "Observation", observation("Patient/1"), full_url="http://other.example/fhir/Observation/1"),
    )

    patient, observed = map(address, answers(response))
    assert backend.get(observed).json()["subject"]["reference"] == patient


def test_a_conditional_reference_finds_the_one_that_matches_or_fails_the_whole(backend):
    patient = backend.post("Patient", PATIENT).json()["id"]

    found = backend.bundle("transaction", entry("POST", "Observation", observation("Patient?identifier=urn:x|7")))
    before = rows()
    missed = backend.bundle("transaction", entry("POST", "Observation", observation("Patient?identifier=urn:x|8")))

    assert backend.get(address(answers(found)[0])).json()["subject"]["reference"] == f"Patient/{patient}"
    assert missed.status_code == 412
    assert missed.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource"]
    assert rows().items() >= {k: v for k, v in before.items() if k != "done"}.items()


def test_everything_is_done_in_fhirs_order_and_answered_in_the_senders(backend):
    backend.put("Patient/old", {**PATIENT, "id": "old"})
    backend.put("Organization/o", {**WARD, "id": "o"})
    patch = base64.b64encode(b'[{"op":"replace","path":"/name","value":"Ward Two"}]').decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": patch}

    response = backend.bundle(
        "transaction",
        entry("GET", "Patient?identifier=urn:x|7"),
        entry("PATCH", "Organization/o", binary, ifMatch='W/"1"'),
        entry("PUT", "Location/l", {"resourceType": "Location", "id": "l", "name": "Room"}),
        entry("POST", "Patient", PATIENT),
        entry("DELETE", "Patient/old"),
    )

    assert [answer["status"] for answer in answers(response)] == ["200", "200", "201", "201", "204"]
    searched, patched, _put, posted, deleted = response.json()["entry"]
    assert [f"Patient/{one['resource']['id']}" for one in searched["resource"]["entry"]] == [
        address(posted["response"])
    ]
    assert patched["response"]["etag"] == 'W/"2"'
    assert "location" not in deleted["response"]
    assert backend.get("Organization/o").json()["name"] == "Ward Two"
    activities = set(Provenance.objects.values_list("activity", flat=True))
    assert activities == {"create", "patch", "delete"}
    trail = AuditEvent.objects.filter(action__in=("record.create", "record.patch", "record.delete"))
    assert trail.count() == 6


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (entry("POST", "Patient", {"resourceType": "Patient", "gender": "banana"}), 422),
        (entry("POST", "Observation", observation("urn:uuid:nobody")), 400),
        (entry("POST", "Observation", observation("Patient/none")), 422),
        (entry("PUT", "Organization/o", {**WARD, "id": "o"}, ifMatch='W/"9"'), 412),
        (entry("PUT", "Organization/o", {**WARD, "id": "p"}), 400),
        (entry("DELETE", "Organization/parent"), 409),
        (entry("GET", "Organization/none"), 404),
        (entry("GET", "Organization?favourite=blue"), 400),
        (entry("PATCH", "Organization/o", {"resourceType": "Binary", "contentType": "text/plain"}), 400),
        (entry("POST", "Organization/o", WARD), 400),
        (entry("POST", "Organisation", WARD), 400),
        (entry("POST", "Organization", PATIENT), 400),
        (entry("POST", "Patient/$match", PATIENT), 400),
        (entry("PUT", "Organization?identifier=urn:w|2", WARD), 412),
        (entry("STEAL", "Organization/o"), 400),
        ({"resource": WARD}, 400),
        (3, 400),
    ],
)
def test_a_transaction_with_one_bad_entry_leaves_nothing_behind(backend, bad, status):
    parent = {"reference": "Organization/parent"}
    backend.put("Organization/parent", {"resourceType": "Organization", "id": "parent", "name": "House"})
    backend.put("Organization/o", {**WARD, "id": "o", "partOf": parent})
    for number in (1, 2):
        twin = {**WARD, "id": f"twin{number}", "identifier": [{"system": "urn:w", "value": "2"}]}
        backend.put(f"Organization/twin{number}", twin)
    before = rows()

    response = backend.bundle(
        "transaction",
        entry("POST", "Patient", PATIENT, full_url="urn:uuid:p"),
        entry("DELETE", "Organization/twin1") if status != 412 else entry("GET", "Organization/o"),
        bad,
        entry("POST", "Observation", observation("urn:uuid:p")),
    )

    assert response.status_code == status
    assert response.json()["resourceType"] == "OperationOutcome"
    assert rows() == before


def test_where_the_fault_lies_is_said_by_entry_and_element(backend):
    wrong = {"resourceType": "Patient", "gender": "banana"}

    response = backend.bundle("transaction", entry("POST", "Patient", PATIENT), entry("POST", "Patient", wrong))

    assert response.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.gender"]


def test_the_same_resource_twice_is_refused(backend):
    backend.put("Organization/o", {**WARD, "id": "o"})
    put = entry("PUT", "Organization/o", {**WARD, "id": "o"})

    assert backend.bundle("transaction", put, put).status_code == 400
    assert backend.bundle("transaction", put, entry("DELETE", "Organization/o")).status_code == 400
    found = entry("POST", "Organization", WARD, ifNoneExist="identifier=urn:w|1")
    assert backend.bundle("transaction", found, entry("DELETE", "Organization/o")).status_code == 400


def test_a_conditional_create_in_a_transaction_lends_its_id_to_references(backend):
    ward = backend.post("Organization", WARD).json()["id"]
    location = {"resourceType": "Location", "managingOrganization": {"reference": "urn:uuid:w"}}

    response = backend.bundle(
        "transaction",
        entry("POST", "Organization", WARD, full_url="urn:uuid:w", ifNoneExist="identifier=urn:w|1"),
        entry("POST", "Location", location),
    )

    assert [answer["status"] for answer in answers(response)] == ["200", "201"]
    stored = backend.get(address(answers(response)[1])).json()
    assert stored["managingOrganization"]["reference"] == f"Organization/{ward}"


def test_a_chart_is_deleted_together_with_its_patient_or_not_at_all(backend, make_patient, make_observation):
    patient_id = make_patient()
    one, two = (make_observation(patient_id, loinc="8480-6", value=v, unit="mm[Hg]") for v in (120, 121))
    gone = [entry("DELETE", f"Patient/{patient_id}"), entry("DELETE", f"Observation/{one}")]

    assert backend.bundle("transaction", *gone).status_code == 409
    assert not Resource.objects.filter(is_deleted=True).exists()
    assert backend.bundle("transaction", *gone, entry("DELETE", f"Observation/{two}")).status_code == 200
    assert Resource.objects.filter(is_deleted=True).count() == 3
    assert backend.get(f"Observation/{one}").status_code == 410
    assert backend.get(f"Observation/{one}/_history").json()["total"] == 2


def test_a_batch_does_each_entry_by_itself(backend):
    wrong = {"resourceType": "Patient", "gender": "banana"}

    response = backend.bundle(
        "batch",
        entry("POST", "Patient", PATIENT),
        entry("POST", "Patient", wrong),
        entry("POST", "Observation", observation("Patient/none")),
        entry("GET", "Patient?identifier=urn:x|7"),
        entry("GET", "Patient/none"),
        entry("GET", "metadata"),
        entry("PUT", "Organization/o", {**WARD, "id": "o"}, ifNoneMatch="*"),
        entry("DELETE", "Organization/o"),
        entry("GET", "Patient/%00"),
    )

    assert response.json()["type"] == "batch-response"
    statuses = [answer["status"] for answer in answers(response)]
    assert statuses == ["201", "422", "422", "200", "404", "200", "201", "204", "404"]
    second = answers(response)[1]
    assert second["outcome"]["issue"][0]["expression"] == ["Patient.gender"]
    assert response.json()["entry"][3]["resource"]["total"] == 1
    assert Resource.objects.filter(type="Patient").count() == 1


def test_a_bundles_entries_are_answered_with_what_is_preferred(backend):
    for kind in ("batch", "transaction"):
        minimal = backend.bundle(kind, entry("POST", "Organization", WARD)).json()["entry"][0]
        outcome = backend.bundle(kind, entry("POST", "Organization", WARD), Prefer="return=OperationOutcome")
        whole = backend.bundle(kind, entry("POST", "Organization", WARD), Prefer="return=representation")
        assert "resource" not in minimal
        assert "outcome" not in minimal["response"]
        assert answers(outcome)[0]["outcome"]["resourceType"] == "OperationOutcome"
        assert whole.json()["entry"][0]["resource"]["name"] == "Ward"


def test_each_entry_needs_its_own_scope(backend, backend_with):
    narrow = backend_with("system/Patient.crs")
    both = [entry("POST", "Patient", PATIENT), entry("POST", "Organization", WARD)]

    refused = narrow.bundle("transaction", *both)
    batch = narrow.bundle("batch", *both)

    assert refused.status_code == 403
    assert [answer["status"] for answer in answers(batch)] == ["201", "403"]
    assert AuditEvent.objects.filter(action="token.scope", outcome="refused", what="Organization").count() == 2
    assert not Resource.objects.filter(type="Organization").exists()


def test_a_reader_may_send_a_batch_of_reads_and_writes_nothing(as_client, steward, make_patient):
    client = as_client(steward)
    bundle = {"resourceType": "Bundle", "type": "batch"}
    reads = [entry("GET", f"Patient/{make_patient()}"), entry("POST", "Organization", WARD)]

    answer = client.post("/fhir/R4/", json.dumps({**bundle, "entry": reads}), content_type="application/fhir+json")

    assert [one["status"] for one in answers(answer)] == ["200", "403"]
    whole = {**bundle, "type": "transaction", "entry": reads}
    assert client.post("/fhir/R4/", json.dumps(whole), content_type="application/fhir+json").status_code == 403


def test_a_bundle_of_another_kind_is_stored_at_its_own_address(backend):
    collection = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": "urn:x:1", "resource": PATIENT}],
    }

    assert backend.post("", collection).status_code == 400
    stored = backend.post("Bundle", collection)
    assert stored.status_code == 201
    assert stored.json()["entry"] == collection["entry"]
    assert not Resource.objects.filter(type="Patient").exists()


@pytest.mark.parametrize("body", ["[]", '{"resourceType":"Patient"}', '{"resourceType":"Bundle"}', '{"entry":'])
def test_what_is_no_bundle_is_refused(backend, body):
    assert backend.post("", body).status_code == 400


def test_an_empty_bundle_and_the_base_without_a_slash_are_answered(backend):
    bundle = {"resourceType": "Bundle", "type": "transaction"}

    assert backend.post("", bundle).json() == {"resourceType": "Bundle", "type": "transaction-response"}
    answer = backend._client.post(
        "/fhir/R4", json.dumps(bundle), content_type="application/fhir+json", headers=backend._headers
    )
    assert answer.status_code == 200


@pytest.mark.skipif(SYNTHEA is None, reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout.")
def test_a_synthea_chart_goes_through_whole_and_reads_back_equal(backend):
    smallest = sorted(SYNTHEA.glob("*.json.gz"), key=lambda path: path.stat().st_size)[:2]
    for path in smallest:
        text = gzip.decompress(path.read_bytes())
        sent = loads(text)["entry"]

        response = backend.post("", text)

        assert response.status_code == 200
        places = [address(answer) for answer in answers(response)]
        literal = {f'"{one["fullUrl"]}"': f'"{place}"' for one, place in zip(sent, places, strict=True)}
        for one, place in zip(sent, places, strict=True):
            expected = dumps(_without_own(one["resource"])).decode()
            for url, reference in literal.items():
                expected = expected.replace(f'"reference":{url}', f'"reference":{reference}')
            assert dumps(_without_own(loads(backend.get(place).content))).decode() == expected


def _without_own(resource):
    return {name: value for name, value in resource.items() if name not in {"id", "meta"}}
