"""A Bundle of any type gives what it holds: whole where it is one message, entry by entry where each stands for itself."""

import base64

import pytest

from wardround.interchange.draft import Draft
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.interchange.ndjson import read, read_again

UUID = "urn:uuid:0b8dcf0e-5a5d-4f3a-9f8e-0d3f1b5b2f10"
NUMBER = [{"system": "urn:mrn", "value": "7/8 9"}]


@pytest.fixture
def take(make_mapping, tmp_path):
    """(drafts, rejects) of a Bundle of a type with these entries."""

    def taken(kind, *entries, **others):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries), **others}
        (tmp_path / "b.json").write_bytes(dumps(bundle))
        readings = list(read(tmp_path / "b.json", mapping=make_mapping("fhir")))
        drafts = [reading for reading in readings if isinstance(reading, Draft)]
        return drafts, [reading for reading in readings if not isinstance(reading, Draft)]

    return taken


def entry(resource=None, *, full_url=None, method=None, url="", **others):
    made = {"fullUrl": full_url} if full_url else {}
    made |= {"resource": resource} if resource is not None else {}
    return made | ({"request": {"method": method, "url": url}} if method else {}) | others


def weight(name="o1", *, subject="Patient/p1", **others):
    code = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    named = {"id": name} if name else {}
    rest = {"status": "final", "code": code, "subject": {"reference": subject}}
    return {"resourceType": "Observation", **named, **rest, **others}


PATIENT = {"resourceType": "Patient", "id": "p1"}


@pytest.mark.parametrize("kind", ["transaction", "collection", "message"])
def test_a_bundle_that_is_one_message_is_one_draft(take, kind):
    (draft,), rejects = take(kind, entry(weight(subject=UUID)), entry(PATIENT, full_url=UUID))

    assert not rejects
    assert [resource["resourceType"] for resource in draft.resources] == ["Patient", "Observation"]
    assert draft.resources[1]["subject"]["reference"] == "Patient/p1"


@pytest.mark.parametrize("kind", ["batch", "searchset", "history"])
def test_entries_that_stand_for_themselves_are_drafts_that_can_be_read_again_alone(take, make_mapping, kind):
    drafts, rejects = take(
        kind, entry(weight(subject=UUID)), entry({"resourceType": "X"}), entry(PATIENT, full_url=UUID)
    )

    assert [draft.source.position for draft in drafts] == ["file, entry 3", "file, entry 1"]
    assert [reject.source.position for reject in rejects] == ["file, entry 2"]
    assert "Bundle.entry[1]: The resourceType is not one of FHIR R4" in rejects[0].reason
    (again,) = read_again(drafts[1].source, mapping=make_mapping("fhir"))
    assert again.resources == drafts[1].resources
    assert again.resources[0]["subject"]["reference"] == "Patient/p1"


def test_a_resource_without_an_id_is_referred_to_by_its_identifier(take):
    (draft,), _ = take(
        "transaction",
        entry({"resourceType": "Patient", "identifier": NUMBER}, full_url=UUID, method="POST", url="Patient"),
        entry(weight(subject=UUID)),
    )

    assert "id" not in draft.resources[0]
    assert draft.resources[1]["subject"]["reference"] == "Patient?identifier=urn:mrn|7%2F8%209"


def test_resources_without_a_name_of_their_own_get_that_of_their_place_in_the_bundle(take):
    shared = [{"system": "urn:order", "value": "5"}]
    other = UUID[:-1] + "1"
    (draft,), _ = take(
        "transaction",
        entry(weight(None, identifier=shared), full_url=UUID),
        entry(weight(None, identifier=shared), full_url=other),
        entry(
            {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}},
            full_url="https://x/fhir/Condition/c9",
        ),
    )

    assert [resource["id"] for resource in draft.resources] == [UUID[9:], other[9:], "c9"]
    assert not any(check(resource) for resource in draft.resources)


def test_links_are_replaced_wherever_they_stand_and_identifiers_are_left(take):
    document = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": UUID}],
        "content": [{"attachment": {"url": UUID}}],
        "extension": [{"url": "urn:x", "valueReference": {"reference": UUID}}],
    }
    (draft,), _ = take("transaction", entry(document), entry({"resourceType": "Binary", "id": "b1"}, full_url=UUID))

    found = draft.resources[0]
    assert found["content"][0]["attachment"]["url"] == "Binary/b1"
    assert found["extension"][0]["valueReference"]["reference"] == "Binary/b1"
    assert found["identifier"][0]["value"] == UUID


def test_numbers_in_a_bundle_keep_their_text(take):
    (draft,), _ = take(
        "collection", entry(weight(valueQuantity={"value": loads(b"6.100")})), entry(PATIENT, full_url=UUID)
    )

    assert b'"value":6.100' in dumps(draft.resources[1])


def test_what_is_put_has_the_id_of_its_address(take):
    (draft,), _ = take("transaction", entry({"resourceType": "Patient"}, method="PUT", url="Patient/p9"))

    assert draft.resources == ({"resourceType": "Patient", "id": "p9"},)


@pytest.mark.parametrize(
    ("method", "url", "reason"),
    [
        ("PUT", "Patient/p2", "differ"),
        ("PUT", "Observation/p1", "not the address"),
        ("PUT", "Patient", "not the address"),
        ("POST", "Patient/$match", "not the address"),
        ("DELETE", "Patient/p1", "asks for DELETE"),
        ("PATCH", "Patient/p1", "asks for PATCH"),
        ("JUMP", "Patient/p1", "something else"),
    ],
)
@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_request_that_a_file_cannot_make_is_refused_with_its_reason(take, kind, method, url, reason):
    drafts, (reject,) = take(kind, entry(PATIENT, method=method, url=url))

    assert not drafts
    assert reason in reject.reason


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_what_the_source_has_deleted_is_refused_by_name_and_deletes_nothing(take, kind):
    drafts, (reject,) = take(
        kind, entry(method="DELETE", url="Patient/p1"), entry(method="DELETE", url="Observation/o1")
    )

    assert not drafts
    assert reject.reason.startswith("The source has deleted Observation, Patient.")


def test_of_a_history_the_newest_version_of_each_resource_is_stored_and_earlier_ones_are_listed(take):
    drafts, rejects = take(
        "history",
        entry(PATIENT | {"gender": "female"}, method="PUT", url="Patient/p1"),
        entry(PATIENT | {"gender": "male"}, method="PUT", url="Patient/p1"),
        entry(method="DELETE", url="Observation/o1"),
        entry(weight(), method="POST", url="Observation"),
    )

    assert [draft.resources for draft in drafts if draft.resources] == [(PATIENT | {"gender": "female"},)]
    assert {draft.unmapped for draft in drafts if not draft.resources} == {("Bundle.entry: an earlier version",)}
    assert "asks for DELETE" in rejects[0].reason


def test_what_a_search_says_about_itself_is_listed_and_not_stored(take):
    drafts, rejects = take(
        "searchset",
        entry({"resourceType": "OperationOutcome"}, search={"mode": "outcome"}),
        entry(PATIENT, search={"mode": "match"}),
    )

    assert not rejects
    assert [draft.unmapped for draft in drafts] == [("Bundle.entry: OperationOutcome",), ()]


def test_the_answers_of_a_server_are_listed_where_they_hold_no_resource(take):
    drafts, rejects = take(
        "transaction-response", entry(response={"status": "201"}), entry(PATIENT, response={"status": "200"})
    )

    assert not rejects
    assert sorted(len(draft.resources) for draft in drafts) == [0, 1]


COMPOSITION = {"resourceType": "Composition", "id": "c1", "title": "Summary", "subject": {"reference": UUID}}


def test_a_document_is_kept_byte_for_byte_in_the_chart_beside_the_resources_in_it(take):
    identifier = {"system": "urn:ietf:rfc:3986", "value": UUID[:-1] + "7"}
    (draft,), _ = take(
        "document",
        entry(COMPOSITION),
        entry(PATIENT, full_url=UUID),
        identifier=identifier,
        timestamp="2026-02-03T08:00:00Z",
    )

    patient, read, document = draft.resources
    assert patient == PATIENT
    assert read["subject"]["reference"] == document["subject"]["reference"] == "Patient/p1"
    assert base64.b64decode(document["content"][0]["attachment"]["data"]) == draft.source.raw
    assert document["identifier"] == [identifier]
    assert check(document) == []


def test_a_document_that_is_about_no_patient_is_kept_as_the_bundle_that_it_is(take):
    composition = COMPOSITION | {"subject": {"reference": "Group/g"}}
    (draft,), _ = take("document", entry(composition), id="d1")

    assert [resource["resourceType"] for resource in draft.resources] == ["Composition", "Bundle"]
