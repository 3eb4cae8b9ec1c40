"""Every limit has its refusal: size, depth, entries, length and time; and whatever goes wrong is an OperationOutcome."""

import logging
import time

import pytest
from django.db import connection

from wardround.hospital.fhir import reading
from wardround.hospital.fhir.limits import TookTooLong, within_time
from wardround.hospital.records.models import Resource

SLOW = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 2000000000) SELECT max(n) FROM c",
    "postgresql": "SELECT pg_sleep(60)",
}


def issue(response):
    assert response.headers["Content-Type"].startswith("application/fhir+json")
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


def run_slowly(*_arguments, **_names):
    with connection.cursor() as cursor:
        cursor.execute(SLOW[connection.vendor])
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_runs_on_is_interrupted_by_the_database(settings):
    settings.FHIR_MOST_SECONDS = 0.3
    before = time.monotonic()

    with pytest.raises(TookTooLong), within_time():
        run_slowly()

    assert time.monotonic() - before < 50
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_request_beyond_its_time_is_answered_with_503_and_what_to_do(backend, settings, monkeypatch):
    settings.FHIR_MOST_SECONDS = 0.3
    monkeypatch.setattr(reading, "present", run_slowly)

    response = backend.get("Patient/one")

    assert response.status_code == 503
    assert issue(response)["code"] == "too-costly"
    assert "Narrow it" in issue(response)["diagnostics"]


def test_a_bundle_of_too_many_entries_is_refused(backend, settings):
    settings.FHIR_MOST_ENTRIES = 2
    read = {"request": {"method": "GET", "url": "metadata"}}

    response = backend.bundle("batch", read, read, read)

    assert response.status_code == 413
    assert issue(response)["code"] == "too-long"


def test_a_body_beyond_the_limit_is_refused_whatever_it_is(backend, settings, patient_body):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    for response in (
        backend.post("Patient", patient_body),
        backend.put("Patient/x", patient_body),
        backend.patch("Patient/x", [{"op": "remove", "path": "/gender"}]),
        backend.bundle("batch"),
        backend.post("Patient/_search", "name=" + "x" * 20, content_type="application/x-www-form-urlencoded"),
    ):
        assert response.status_code == 413
        issue(response)


def test_a_body_nested_too_deep_is_refused(backend):
    deep = '{"resourceType":"Patient","extension":' + '[{"extension":' * 40 + "[]" + "}]" * 40 + "}"

    for text in (deep, "[" * 100_000, '{"a":' * 100_000):
        response = backend.post("Patient", text)
        assert response.status_code == 400
        issue(response)


def test_an_address_that_is_too_long_is_refused(backend):
    response = backend.get("Patient?name=" + "x" * 40_000)

    assert response.status_code == 414
    assert "_search" in issue(response)["diagnostics"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Patient","name":[{"family":"\xff\xfe"}]}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
        b'{"resourceType":"Patient","gender":"male","gender":"female"}',
        b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 5000 + b"}",
        b'{"resourceType":"Patient","multipleBirthInteger":Infinity}',
        b"\x00",
    ],
)
def test_text_that_is_no_fhir_json_is_refused_and_nothing_is_stored(backend, body):
    response = backend.post("Patient", body)

    assert response.status_code == 400
    issue(response)
    assert not Resource.objects.exists()


@pytest.mark.parametrize("number", ["9" * 40, "1e400", "-1e400", "1.5", "12345678901234567890"])
def test_numbers_beyond_every_register_are_stored_or_refused_but_never_an_error(backend, number):
    start = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":'
    body = start + number + "}}"

    response = backend.post("Observation", body)

    assert response.status_code in {201, 400, 422}
    assert backend.get("Observation?value-quantity=gt5").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "Patient/x/_history/%D9%A1",
        "Patient/x/_history/999999999999",
        "Patient/x%0A",
        "%0A",
        "Patient/%00",
        "Patient/%FF",
        "Patient/" + "x" * 65,
        "../Patient",
        "Patient/x/",
        "Patient//",
        "$nothing",
    ],
)
def test_addresses_that_lead_nowhere_are_not_found(backend, address):
    response = backend.get(address)

    assert response.status_code == 404
    issue(response)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json", 200),
        ("application/json, text/plain;q=0.5", 200),
        ("*/*", 200),
        ("application/fhir+json; fhirVersion=4.0", 200),
        ("application/fhir+json; fhirVersion=5.0", 406),
        ("application/fhir+xml", 406),
        ("application/fhir+json;q=0", 406),
        ("text/html", 406),
    ],
)
def test_only_json_of_r4_is_answered(backend, accept, status):
    assert backend.get("Patient", Accept=accept).status_code == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/fhir+json; charset=utf-8", 201),
        ("application/json", 201),
        ("application/fhir+json; fhirVersion=4.0", 201),
        ("application/fhir+json; fhirVersion=3.0", 415),
        ("application/fhir+json; charset=iso-8859-2", 415),
        ("text/plain", 415),
        ("multipart/form-data", 415),
    ],
)
def test_only_json_of_r4_is_read(backend, patient_body, content_type, status):
    assert backend.post("Patient", patient_body, content_type=content_type).status_code == status


def test_methods_are_not_tunnelled_and_no_other_origin_is_let_in(backend, make_patient):
    address = f"Patient/{make_patient()}"

    tunnelled = backend.post(address, {}, **{"X-HTTP-Method-Override": "DELETE"})
    options = backend.request("OPTIONS", address, Origin="https://elsewhere.example")

    assert tunnelled.status_code == 405
    assert options.status_code == 405
    assert not any(name.lower().startswith("access-control") for name in options.headers)
    assert backend.get(f"{address}?_method=DELETE").status_code == 400
    assert backend.get(address).status_code == 200


def test_what_nobody_foresaw_is_a_sentence_without_a_word_of_the_patients(backend, monkeypatch, caplog):
    def broken(*_arguments):
        raise ValueError("Kovács Ilona 1963")

    monkeypatch.setattr(reading, "present", broken)

    with caplog.at_level(logging.DEBUG):
        response = backend.get("Patient/one")

    assert response.status_code == 500
    assert issue(response)["code"] == "exception"
    assert "Kov" not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("wardround")]
    assert any("ValueError" in line for line in logged)
    assert not any("Kov" in line for line in logged)


def test_a_host_of_another_name_is_refused_by_an_outcome(client):
    response = client.get("/fhir/R4/metadata", headers={"Host": "elsewhere.example"})

    assert response.status_code == 400
    issue(response)
