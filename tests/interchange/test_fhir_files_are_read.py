"""FHIR files give their resources as they stand there, line by line."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps
from wardround.interchange.ndjson import read, read_again

PATIENT = b'{"resourceType":"Patient","id":"p1","birthDate":"1963"}'
OBSERVATION = (
    b'{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/p1"},"valueQuantity":{"value":6.10}}'
)
BUNDLE = (
    b'{"resourceType":"Bundle","type":"transaction","entry":['
    b'{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","id":"o1","subject":{"reference":"urn:uuid:p"}},'
    b'"request":{"method":"POST","url":"Observation"}},'
    b'{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"p1"}}]}'
)


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("fhir")


def test_a_line_comes_back_byte_for_byte(tmp_path, mapping):
    (tmp_path / "x.ndjson").write_bytes(PATIENT + b"\n\n" + OBSERVATION + b"\n")

    drafts = list(read(tmp_path, mapping=mapping))

    assert [dumps(draft.resources[0]) for draft in drafts] == [PATIENT, OBSERVATION]
    assert [draft.source.position for draft in drafts] == ["line 1", "line 3"]


def test_patients_are_read_before_what_refers_to_them(tmp_path, mapping):
    (tmp_path / "Condition.ndjson").write_bytes(b'{"resourceType":"Condition","id":"c"}\n')
    (tmp_path / "Patient.ndjson").write_bytes(PATIENT)

    types = [draft.resources[0]["resourceType"] for draft in read(tmp_path, mapping=mapping)]

    assert types == ["Patient", "Condition"]


def test_a_bundle_is_one_draft_in_order_of_dependence_with_literal_references(tmp_path, mapping):
    (tmp_path / "b.json").write_bytes(BUNDLE)

    (draft,) = read(tmp_path, mapping=mapping)

    patient, observation = draft.resources
    assert patient["resourceType"] == "Patient"
    assert observation["subject"] == {"reference": "Patient/p1"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (OBSERVATION[:60], "not JSON"),
        (b"[]", "a resource is a JSON object"),
        (b'{"resourceType":"Patience"}', "not one of FHIR R4"),
        (b'{"resourceType":"Bundle","type":"batch"}', "empty"),
        (BUNDLE.replace(b"POST", b"DELETE"), "DELETE"),
        (b'{"resourceType":"Bundle","entry":[5]}', "list of objects"),
        (b'{"resourceType":"Bundle","entry":[{}]}', "no resource"),
        (b'{"resourceType":"Bundle","entry":[{"resource":5}]}', "entry[0]"),
    ],
)
def test_a_line_that_is_no_resource_is_rejected_and_the_rest_goes_on(tmp_path, mapping, line, reason):
    (tmp_path / "x.ndjson").write_bytes(line + b"\n" + PATIENT)

    reject, draft = read(tmp_path, mapping=mapping)

    assert reason in reject.reason
    assert reject.source == Source("x.ndjson", "line 1", line + b"\n")
    assert draft.resources[0]["id"] == "p1"


def test_a_corrected_line_is_read_again_at_its_place(mapping):
    (draft,) = read_again(Source("x.ndjson", "line 9", PATIENT), mapping=mapping)

    assert (draft.source.position, draft.resources[0]["id"]) == ("line 9", "p1")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([PATIENT, BUNDLE]), st.integers(0, 300), st.binary(max_size=4))
def test_mangled_json_gives_drafts_or_rejects_and_nothing_else(mapping, text, at, noise):
    for reading in read_again(Source("x.json", "file", text[:at] + noise + text[at + 1 :]), mapping=mapping):
        assert isinstance(reading, Draft | Reject)
