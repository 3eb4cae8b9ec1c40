"""CDS Hooks, patient-view: an estimate from what the other record sends, by the chart's own code, and nothing stored of it."""

import json
import re

import pytest

pytestmark = pytest.mark.django_db

SERVICE = "/cds-services/heart"
PATIENT = "their-patient-1"


@pytest.fixture(autouse=True)
def known(heart, register):
    """The model is in use, and the other record is registered."""
    register()


def card_of(response) -> dict:
    assert response.status_code == 200, response.content
    [card] = response.json()["cards"]
    return card


def test_discovery_says_what_the_model_needs(client, token):
    [service] = client.get("/cds-services", headers={"Authorization": f"Bearer {token('/cds-services')}"}).json()["services"]  # fmt: skip

    assert (service["id"], service["hook"]) == ("heart", "patient-view")
    assert service["prefetch"]["patient"] == "Patient/{{context.patientId}}"
    assert "http://loinc.org|8480-6" in service["prefetch"]["observations"]
    assert "http://loinc.org|85354-9" in service["prefetch"]["observations"]
    assert "urn:wardround:code|thallium_scan" in service["prefetch"]["observations"]
    assert "coronary_angiography" in service["prefetch"]["procedures"]


def test_the_card_says_the_estimate_and_that_it_is_no_diagnosis(call, request_of, prefetch):
    card = card_of(call(SERVICE, request_of(prefetch())))

    assert re.search(r"\d+% \(likely \d+ to >?\d+%\); model output, not a diagnosis\.$", card["summary"])
    assert len(card["summary"]) < 140
    assert card["indicator"] == "info"
    assert card["source"]["topic"] == {
        "system": "urn:wardround:study",
        "code": "heart",
        "display": "Coronary heart disease before angiography",
    }
    assert "12 of 13 inputs used." in card["detail"]
    assert "Missing: Thallium scan." in card["detail"]
    assert "Patients under 18." in card["detail"]
    assert all(reason["display"] and reason["system"] and reason["code"] for reason in card["overrideReasons"])


def test_the_suggestion_adds_a_suspicion_and_is_not_recommended(call, request_of, prefetch):
    card = card_of(call(SERVICE, request_of(prefetch())))

    [suggestion] = card["suggestions"]
    [action] = suggestion["actions"]
    assert card["selectionBehavior"] == "at-most-one"
    assert suggestion["isRecommended"] is False
    assert action["type"] == "create"
    assert action["resource"]["resourceType"] == "Condition"
    assert action["resource"]["subject"] == {"reference": f"Patient/{PATIENT}"}
    assert action["resource"]["verificationStatus"]["coding"][0]["code"] == "provisional"


def test_the_suspicion_is_the_one_that_agreeing_in_the_chart_writes(call, request_of, prefetch, make_patient, doctor):
    from wardround.bench.heart_visit import visit
    from wardround.hospital.diagnosis.actions import record_verdict
    from wardround.hospital.diagnosis.queries import references_for
    from wardround.hospital.records.access import patient_for
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.hospital.records.queries import history
    from wardround.interchange.fhir.structure import check
    from wardround.web.audit.actor import system_actor

    patient = make_patient(birth="1963-05-02")
    for resource in visit(patient)[:10]:
        create_resource(resource, by=system_actor("tests"))
    ours = patient_for(doctor, patient, to="judge")
    [reference] = references_for(ours)
    sha256 = reference.model.sha256
    verdict = record_verdict(ours, model_sha256=sha256, inputs_sha256=reference.inputs_sha256, choice="agree")
    written = json.loads(history(ours, "Condition", verdict.condition_id)[0].body)

    card = card_of(call(SERVICE, request_of(prefetch())))

    suggested = card["suggestions"][0]["actions"][0]["resource"]
    said = ("clinicalStatus", "verificationStatus", "category", "code")
    assert {name: suggested[name] for name in said} == {name: written[name] for name in said}
    assert suggested["code"]["coding"][0]["code"] == "I25.10"
    assert check(suggested) == []


def test_the_card_is_the_chart_s_estimate_of_the_same_facts(call, request_of, prefetch, make_patient):
    from wardround.hospital.diagnosis.queries import references_for
    from wardround.hospital.records.access import patient_for
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    sent = prefetch()
    ours = make_patient(birth="1963-05-02")
    for entry in sent["observations"]["entry"]:
        resource = {**entry["resource"], "subject": {"reference": f"Patient/{ours}"}}
        del resource["id"]
        create_resource(resource, by=system_actor("tests"))

    card = card_of(call(SERVICE, request_of(sent)))
    [reference] = references_for(patient_for(system_actor("tests"), ours))

    assert f": {reference.estimate.percent}% (likely {reference.estimate.low} to" in card["summary"]


def test_a_likely_slip_is_not_used_and_named(call, request_of, prefetch):
    card = card_of(call(SERVICE, request_of(prefetch(pressure=16))))

    assert "Held as likely errors and not used: Resting systolic blood pressure." in card["detail"]


def test_what_is_no_fhir_or_of_somebody_else_is_not_used_and_counted(call, request_of, prefetch):
    sent = prefetch()
    entries = sent["observations"]["entry"]
    entries[0]["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    entries[1]["resource"]["status"] = "whatever"

    card = card_of(call(SERVICE, request_of(sent)))

    assert "2 resources were not understood and not used." in card["detail"]
    assert "10 of 13 inputs used." in card["detail"]


def test_a_date_before_birth_holds_what_it_dates(call, request_of, prefetch):
    sent = prefetch()
    sent["observations"]["entry"][0]["resource"]["effectiveDateTime"] = "1926-03-02T08:10:00Z"

    card = card_of(call(SERVICE, request_of(sent)))

    assert "not used: Resting systolic blood pressure." in card["detail"]


def test_what_came_after_the_examination_is_no_input(call, request_of, prefetch):
    card = card_of(call(SERVICE, request_of(prefetch(examined=True))))

    assert "was on 2026-03-04; only what was known before is used." in card["detail"]


def test_out_of_scope_there_is_no_card(call, request_of, prefetch):
    response = call(SERVICE, request_of(prefetch(birth="2010-01-01")))

    assert response.json() == {"cards": []}


def test_a_card_says_so_when_held_values_stop_the_estimate(call, request_of, prefetch):
    sent = prefetch(pressure=16)
    sent["observations"]["entry"] = sent["observations"]["entry"][:1]

    card = card_of(call(SERVICE, request_of(sent)))

    assert card["summary"].endswith("no estimate: values that it needs wait for a decision")
    assert "suggestions" not in card


def test_nothing_of_the_patient_is_stored(call, request_of, prefetch):
    from wardround.hospital.cds.models import IssuedCard
    from wardround.hospital.records.models import Resource, ResourceFinding, StandardValue

    card = card_of(call(SERVICE, request_of(prefetch(pressure=16))))

    assert not Resource.objects.exists()
    assert not StandardValue.objects.exists()
    assert not ResourceFinding.objects.exists()
    kept = IssuedCard.objects.get(card=card["uuid"])
    assert kept.patient_id == ""
    assert len(kept.inputs_sha256) == 64


@pytest.mark.parametrize("broken", ["patient", "observations", "procedures"])
def test_a_key_that_lacks_is_412_and_named(call, request_of, prefetch, broken):
    sent = prefetch()
    del sent[broken]

    response = call(SERVICE, request_of(sent))

    assert response.status_code == 412
    assert response.json()["issue"][0]["diagnostics"].endswith(f"each whole: {broken}.")


def test_a_patient_of_whom_nothing_is_sent_is_412(call, request_of, prefetch):
    assert call(SERVICE, request_of({**prefetch(), "patient": None})).status_code == 412


def test_an_error_or_a_first_page_in_place_of_the_data_is_412(call, request_of, prefetch):
    failed, paged = prefetch(), prefetch()
    failed["observations"] = {"resourceType": "OperationOutcome", "issue": []}
    paged["observations"]["link"] = [{"relation": "next", "url": "https://emr.hospital.example/page2"}]

    assert call(SERVICE, request_of(failed)).status_code == 412
    assert call(SERVICE, request_of(paged)).status_code == 412
    assert call(SERVICE, request_of(None)).status_code == 412


def outcome(severity: str, code: str = "processing") -> dict:
    resource = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}
    return {"resource": resource, "search": {"mode": "outcome"}}


def test_a_server_s_remark_beside_what_it_found_is_no_error(call, request_of, prefetch):
    sent = prefetch()
    sent["observations"]["entry"].append(outcome("information"))
    sent["procedures"]["entry"].append(outcome("warning"))

    card = card_of(call(SERVICE, request_of(sent)))

    assert "12 of 13 inputs used." in card["detail"]
    assert "not understood" not in card["detail"]


@pytest.mark.parametrize("broken", [outcome("error"), outcome("fatal"), outcome("warning", "incomplete"), outcome("")])
def test_an_error_among_what_was_found_is_412(call, request_of, prefetch, broken):
    sent = prefetch()
    sent["observations"]["entry"].append(broken)

    assert call(SERVICE, request_of(sent)).status_code == 412


@pytest.mark.parametrize("who", [f"Patient/{PATIENT}", "RelatedPerson/mother"])
def test_a_patient_or_a_relative_who_looks_is_shown_no_estimate(call, request_of, prefetch, who):
    from wardround.hospital.cds.models import IssuedCard
    from wardround.web.audit.models import AuditEvent

    response = call(SERVICE, request_of(prefetch(), context={"userId": who, "patientId": PATIENT}))

    assert (response.status_code, response.json()) == (200, {"cards": []})
    assert not IssuedCard.objects.exists()
    assert AuditEvent.objects.filter(action="cds.call", outcome="done").count() == 1


def test_who_acts_in_a_role_is_answered(call, request_of, prefetch):
    role = {"userId": "PractitionerRole/a-7", "patientId": PATIENT, "encounterId": "89284"}

    assert card_of(call(SERVICE, request_of(prefetch(), context=role)))


def test_the_access_token_of_a_request_is_kept_nowhere(call, request_of, prefetch, caplog):
    from django.apps import apps

    authorization = {
        "access_token": "an-opaque-secret", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read", "subject": "cds",
    }  # fmt: skip
    body = request_of(prefetch(), fhirServer="https://emr.hospital.example/fhir", fhirAuthorization=authorization)

    assert card_of(call(SERVICE, body))
    kept = [str(row) for model in apps.get_models() for row in model.objects.values()]
    assert kept
    assert not any("an-opaque-secret" in text for text in [*kept, caplog.text])


def test_an_extension_changes_nothing(call, request_of, prefetch):
    body = request_of(prefetch(), extension={"com.example.timestamp": "2026-11-27T22:13:25Z"})

    assert card_of(call(SERVICE, body))


def test_null_means_that_the_record_has_nothing(call, request_of, prefetch):
    assert call(SERVICE, request_of({**prefetch(), "procedures": None})).status_code == 200


def test_another_hook_is_refused(call, request_of, prefetch):
    assert call(SERVICE, request_of(prefetch(), hook="order-sign")).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"hookInstance": "1"},
        {"context": {"patientId": PATIENT}},
        {"context": {"userId": "Practitioner/dr-k"}},
        {"context": {"userId": "dr-k", "patientId": PATIENT}},
        {"context": {"userId": "Location/ward-1", "patientId": PATIENT}},
        {"context": {"userId": "Practitioner/", "patientId": PATIENT}},
        {"context": {"userId": "Practitioner/dr-k", "patientId": f"Patient/{PATIENT}"}},
        {"context": {"userId": "Practitioner/dr-k", "patientId": 7}},
        {"context": 1},
        {"prefetch": [1]},
        {"prefetch": 1},
        {"fhirAuthorization": {"access_token": "secret"}},
    ],
)
def test_a_request_that_is_none_is_refused(call, request_of, prefetch, change):
    assert call(SERVICE, request_of(prefetch()) | change).status_code == 400


def test_the_patient_that_is_sent_is_the_one_who_is_viewed(call, request_of, prefetch):
    assert call(SERVICE, request_of(prefetch(), patient="another")).status_code == 400


def test_another_service_is_not_there(call, request_of, prefetch):
    assert call("/cds-services/lungs", request_of(prefetch())).status_code == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"hook": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(call, body):
    assert call(SERVICE, body).status_code == 400


def test_too_much_is_refused(call, request_of, prefetch, monkeypatch):
    from wardround.hospital.cds import estimating, views

    monkeypatch.setattr(estimating, "MOST_RESOURCES", 3)
    assert call(SERVICE, request_of(prefetch())).status_code == 413
    monkeypatch.setattr(views, "MOST_BYTES", 100)
    assert call(SERVICE, request_of(prefetch())).status_code == 413


def test_what_takes_too_long_is_given_up(call, request_of, prefetch, monkeypatch):
    from wardround.hospital.cds import calls

    monkeypatch.setattr(calls, "MOST_SECONDS", -1.0)
    assert call(SERVICE, request_of(prefetch())).status_code == 503


def test_our_own_patient_is_answered_from_the_chart_where_the_record_may_ask_so(call, register, request_of, make_patient):  # fmt: skip
    from wardround.bench.heart_visit import visit
    from wardround.hospital.cds.models import IssuedCard
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor
    from wardround.web.audit.models import AuditEvent

    ours = make_patient()
    for resource in visit(ours):
        create_resource(resource, by=system_actor("tests"))

    refused = call(SERVICE, request_of(None, patient=ours))
    register(knows_our_patients=True)
    card = card_of(call(SERVICE, request_of(None, patient=ours)))
    stranger = call(SERVICE, request_of(None, patient="nobody"))

    assert refused.status_code == 412
    assert stranger.status_code == 412
    assert {link["label"] for link in card["links"]} >= {"The patient's chart"}
    assert IssuedCard.objects.get(card=card["uuid"]).patient_id == ours
    opened = AuditEvent.objects.filter(action="patient.open", patient_id=ours, actor_kind="service")
    assert opened.count() == 1


def test_every_call_is_in_the_audit_trail_without_names(call, request_of, prefetch):
    from wardround.web.audit.models import AuditEvent

    call(SERVICE, request_of(prefetch()))
    call(SERVICE, request_of(None))

    outcomes = list(AuditEvent.objects.filter(action="cds.call").order_by("pk").values_list("outcome", "patient_id"))
    assert outcomes == [("done", ""), ("refused", "")]
