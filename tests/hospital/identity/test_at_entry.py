"""Who may be here twice is noted when a patient is stored, by any door, and waits for a steward."""

import json

import pytest
from two_records import ME, body_of

from wardround.hospital.identity.actions import NoSuchPair, merge_pair, tell_apart, undo_merge
from wardround.hospital.identity.models import BlockKey, CandidatePair
from wardround.hospital.identity.queries import pairs, side_by_side, waiting
from wardround.hospital.identity.searching import search_everybody
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.records.access import NotAllowed, patient_for
from wardround.web.accounts.actions import make_token
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def person(id_, **changes):
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": "urn:wardround:mrn:test-hospital", "value": id_}],
        "name": [{"family": "Kovács", "given": ["Ilona"]}],
        "gender": "female",
        "birthDate": "1963-05-12",
        "telecom": [{"system": "phone", "value": "+36 1 555 0101"}],
        "address": [{"line": ["Fő utca 12"], "city": "Budapest", "postalCode": "1011"}],
        **changes,
    }


MISTYPED = person("p2", name=[{"family": "KOVASC", "given": ["Ilona", "Mária"]}], birthDate="1963-12-05")
TWIN = person("p3", name=[{"family": "Kovács", "given": ["Petra"]}])


@pytest.fixture
def take(tmp_path, db):
    def taken(*resources):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ndjson"
        path.write_text("\n".join(map(json.dumps, resources)), "utf-8")
        return import_files([path], by=ME)

    return taken


@pytest.fixture
def fhir(client, db):
    headers = {"Authorization": f"Bearer {make_token('laboratory', scopes='system/*.cruds', days=1, by=ME)}"}
    kind = "application/fhir+json"

    def send(method, address, body):
        return client.generic(method, f"/fhir/R4/{address}", json.dumps(body), content_type=kind, headers=headers)

    return send


@pytest.fixture
def pair(take):
    take(person("p1"), MISTYPED)
    return CandidatePair.objects.get()


def test_an_import_reports_how_many_it_found(take):
    report = take(person("p1"), MISTYPED, TWIN, person("p4", name=[{"family": "Nagy", "given": ["Pál"]}]))

    assert report.possible_duplicates == 1
    [line] = pairs(ME)
    assert (line.one, line.other, line.state) == ("p1", "p2", "open")
    assert line.grade in {"certain", "probable"}
    assert take(person("p1"), MISTYPED).possible_duplicates == 0  # the same again


def test_what_comes_over_fhir_is_compared_one_by_one_and_in_a_transaction(fhir):
    assert fhir("PUT", "Patient/p1", person("p1")).status_code == 201
    assert fhir("PUT", "Patient/p2", MISTYPED).status_code == 201
    assert waiting(ME) == 1

    entry = {"resource": person("p5"), "request": {"method": "PUT", "url": "Patient/p5"}}
    fhir("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert waiting(ME) == 3


def test_a_pair_that_looks_alike_no_more_is_closed(fhir):
    fhir("PUT", "Patient/p1", person("p1"))
    fhir("PUT", "Patient/p2", MISTYPED)
    fhir("PUT", "Patient/p2", person("p2", name=[{"family": "Nagy", "given": ["Pál"]}], birthDate="1990-01-02"))

    assert waiting(ME) == 0


def test_a_search_finds_what_was_stored_before_there_were_keys(take):
    take(person("p1"), MISTYPED, TWIN)
    CandidatePair.objects.all().delete()
    BlockKey.objects.all().delete()

    searched = search_everybody(ME)

    assert (searched.patients, searched.found, searched.new) == (3, 1, 1)
    assert search_everybody(ME).new == 0
    assert search_everybody(ME, estimating=True).found == 1


def test_nothing_in_the_table_says_what_agrees(pair):
    stored = str(list(CandidatePair.objects.values())) + str(list(BlockKey.objects.values()))

    assert "ov" not in stored.replace("found", "")
    assert "1963-05" not in stored


def test_a_steward_sees_both_side_by_side_and_the_look_is_audited(pair, make_observation, steward):
    make_observation("p1", loinc="29463-7", value=70, unit="kg", time="2026-03-02T08:00:00Z")

    shown = side_by_side(steward, pair.pk)

    agreement = {line.name: line.agreement for line in shown.fields}
    assert agreement["family name"] == "alike"
    assert agreement["birth date"] == "alike"
    assert agreement["sex"] == agreement["address"] == agreement["telephone"] == "equal"
    assert agreement["numbers"] == "different"
    assert agreement["e-mail"] == "neither"
    assert (shown.one.records, shown.other.records, shown.suggested) == ({"Observation": 1}, {}, "p1")
    assert shown.one.last_visit.date().isoformat() == "2026-03-02"
    opened = AuditEvent.objects.filter(action="patient.open", actor_name=steward.username)
    assert {event.patient_id for event in opened} == {"p1", "p2"}


def test_merging_a_pair_and_taking_it_back(pair, steward):
    merge = merge_pair(pair.pk, keep="p1", by=steward, reason="Same passport.")

    assert (merge.survivor, merge.retired, merge.merged_by) == ("p1", "p2", steward.username)
    assert patient_for(steward, "p2").id == "p1"
    [line] = pairs(steward, state="merged")
    assert (line.decided_by, line.reason) == (steward.username, "Same passport.")
    with pytest.raises(NoSuchPair, match="decided already"):
        merge_pair(pair.pk, keep="p1", by=steward)

    undo_merge(pair.pk, by=steward)
    assert patient_for(steward, "p2").id == "p2"
    assert "active" not in body_of("Patient/p2")
    assert waiting(steward) == 1


def test_two_people_are_told_apart_for_good(pair, take, steward):
    tell_apart(pair.pk, by=steward, reason="Cousins.")
    take(person("p1", maritalStatus={"text": "married"}))

    assert waiting(steward) == 0
    assert search_everybody(steward).new == 0
    assert AuditEvent.objects.filter(action="identity.different", actor_name=steward.username).count() == 1


def test_a_pair_whose_patients_were_taken_back_does_not_wait(take, steward):
    report = take(person("p1"), MISTYPED)
    assert waiting(steward) == 1

    undo_batch(report.batch, by=ME)

    assert (waiting(steward), pairs(steward)) == (0, [])


def test_who_may_be_the_retired_one_may_be_the_survivor(take, steward):
    take(person("p1"), MISTYPED, person("p5"))
    number = CandidatePair.objects.get(one="p1", other="p2").pk

    merge_pair(number, keep="p1", by=steward)

    assert [(line.one, line.other) for line in pairs(steward)] == [("p1", "p5")]


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_only_who_looks_after_data_decides(pair, request, role):
    user = request.getfixturevalue(role)

    for deed in (
        lambda: pairs(user),
        lambda: waiting(user),
        lambda: side_by_side(user, pair.pk),
        lambda: merge_pair(pair.pk, keep="p1", by=user),
        lambda: tell_apart(pair.pk, by=user),
        lambda: undo_merge(pair.pk, by=user),
        lambda: search_everybody(user),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert AuditEvent.objects.filter(action="access", outcome="refused").count() == 7


def test_a_pair_is_named_as_it_is(pair, steward):
    with pytest.raises(NoSuchPair, match="Keep one of the two"):
        merge_pair(pair.pk, keep="somebody", by=steward)
    with pytest.raises(NoSuchPair):
        side_by_side(steward, pair.pk + 1)
    with pytest.raises(NoSuchPair, match="was not merged"):
        undo_merge(pair.pk, by=steward)


def test_over_fhir_the_retired_patient_answers_with_its_link_and_the_rest_leads_on(fhir, take, steward):
    take(person("p1"), MISTYPED, {**OBSERVATION, "id": "o1", "subject": {"reference": "Patient/p2"}})
    merge_pair(CandidatePair.objects.get().pk, keep="p1", by=steward)

    assert fhir("GET", "Patient/p2", {}).json()["link"][0]["type"] == "replaced-by"
    everything = fhir("GET", "Patient/p2/$everything", {}).json()
    assert {entry["resource"]["id"] for entry in everything["entry"]} == {"p1", "o1"}
    found = fhir("GET", "Patient?identifier=p2", {}).json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == ["p2"]

    later = fhir("POST", "Observation", {**OBSERVATION, "subject": {"reference": "Patient/p2"}})
    assert later.json()["subject"] == {"reference": "Patient/p1"}
    refused = fhir("PUT", "Patient/p2", person("p2"))
    assert refused.status_code == 422
    assert "merged into Patient/p1" in refused.json()["issue"][0]["diagnostics"]
    matched = fhir(
        "POST",
        "Patient/$match",
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": MISTYPED}]},
    ).json()
    assert [entry["resource"]["id"] for entry in matched["entry"]] == ["p1"]


OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "effectiveDateTime": "2026-03-02T08:00:00Z",
    "valueQuantity": {"value": 70, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
}
