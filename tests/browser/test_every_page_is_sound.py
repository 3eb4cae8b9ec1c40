"""On every page, wide and narrow: no breach of the security policy, no foreign request, no axe violation, no overflow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

HOSPITAL = {
    "log-in": ("", "/login/"),
    "components": ("n.horvath", "/components/"),
    "patients": ("n.horvath", "/patients/"),
    "chart": ("d.keller", "/patients/{whole}/"),
    "vital signs entered": ("n.horvath", "/patients/{whole}/enter/vital-signs/"),
    "laboratory entered": ("n.horvath", "/patients/{whole}/enter/laboratory/?panel=kidney"),
    "a problem entered": ("d.keller", "/patients/{whole}/enter/problem/"),
    "a medicine entered": ("n.horvath", "/patients/{whole}/enter/medicine/"),
    "an allergy entered": ("n.horvath", "/patients/{whole}/enter/allergy/"),
    "a procedure entered": ("d.keller", "/patients/{whole}/enter/procedure/"),
    "a vaccination entered": ("n.horvath", "/patients/{whole}/enter/immunization/"),
    "a note entered": ("n.horvath", "/patients/{whole}/enter/note/"),
    "an admission": ("n.horvath", "/patients/{thin}/enter/admit/"),
    "a transfer": ("n.horvath", "/patients/{whole}/enter/transfer/"),
    "a discharge": ("n.horvath", "/patients/{whole}/enter/discharge/"),
    "a new patient": ("n.horvath", "/patients/new/"),
    "a value corrected": ("n.horvath", "/patients/{whole}/correct/Observation/{value}/"),
    "a problem corrected": ("d.keller", "/patients/{whole}/correct/Condition/{problem}/"),
    "a patient corrected": ("n.horvath", "/patients/{rich}/correct/Patient/{rich}/"),
    "a stay corrected": ("n.horvath", "/patients/{whole}/correct/Encounter/{stay}/"),
    "a limit corrected": ("n.horvath", "/patients/{rich}/correct/Observation/{limit}/"),
    "codes": ("d.keller", "/codes/?text=copd"),
    "worklist": ("n.horvath", "/worklist/"),
    "wards": ("s.moreau", "/wards/"),
    "one ward": ("d.keller", "/wards/acute-medical/"),
    "held value": ("s.moreau", "/patients/{held}/"),
    "withheld estimate": ("d.keller", "/patients/{thin}/"),
    "history": ("d.keller", "/patients/{held}/history/"),
    "history of one kind": ("d.keller", "/patients/{rich}/history/?kind=Condition"),
    "a rich chart": ("d.keller", "/patients/{rich}/"),
    "a very long name": ("d.keller", "/patients/{long_name}/"),
    "vital signs": ("n.horvath", "/patients/{rich}/vital-signs/?show=all"),
    "vital signs, none": ("n.horvath", "/patients/{thin}/vital-signs/"),
    "laboratory": ("n.horvath", "/patients/{rich}/laboratory/"),
    "laboratory, older": ("n.horvath", "/patients/{rich}/laboratory/?start=7"),
    "problems": ("d.keller", "/patients/{rich}/problems/"),
    "medicines": ("d.keller", "/patients/{rich}/medicines/"),
    "allergies": ("n.horvath", "/patients/{rich}/allergies/"),
    "allergies, not asked": ("n.horvath", "/patients/{thin}/allergies/"),
    "procedures": ("d.keller", "/patients/{rich}/procedures/"),
    "immunisations": ("n.horvath", "/patients/{rich}/immunizations/"),
    "notes": ("d.keller", "/patients/{rich}/notes/"),
    "documents": ("d.keller", "/patients/{rich}/documents/"),
    "a document": ("d.keller", "/patients/{rich}/documents/DocumentReference/{document}/"),
    "a document with files beside it": ("d.keller", "/patients/{rich}/documents/DocumentReference/{attached}/"),
    "whole record": ("n.horvath", "/patients/{rich}/everything/"),
    "whole record of one kind": ("d.keller", "/patients/{rich}/everything/?kind=MedicationAdministration"),
    "whole record, nothing else": ("d.keller", "/patients/{thin}/everything/"),
    "one record as stored": ("d.keller", "/patients/{rich}/everything/CarePlan/{plan}/"),
    "stays": ("n.horvath", "/patients/{rich}/encounters/"),
    "print": ("d.keller", "/patients/{rich}/print/"),
    "data quality": ("s.moreau", "/quality/"),
    "records of a number": ("s.moreau", "/quality/records/?check=measurePersonCompleteness:Condition"),
    "agreement, nobody answered": ("s.moreau", "/quality/agreement/"),
    "no answers behind a number": ("s.moreau", "/quality/agreement/none/?asked=month:2026-01:agree"),
    "fix queue": ("s.moreau", "/quality/queue/"),
    "accepting suggestions": ("s.moreau", "/quality/queue/accept/?group=held:decimal_slip:systolic_pressure"),
    "model facts": ("d.keller", "/models/{model}/facts/"),
    "imports": ("s.moreau", "/imports/"),
    "new import": ("s.moreau", "/imports/new/"),
    "an upload": ("s.moreau", "/imports/uploads/{upload}/"),
    "one import": ("s.moreau", "/imports/{batch}/"),
    "rows in quarantine": ("s.moreau", "/imports/{batch}/?show=quarantined"),
    "undoing an import": ("s.moreau", "/imports/{batch}/undo/"),
    "quarantine": ("s.moreau", "/imports/quarantine/"),
    "message in quarantine": ("s.moreau", "/imports/quarantine/{refused}/"),
    "duplicates": ("s.moreau", "/duplicates/"),
    "side by side": ("s.moreau", "/duplicates/{pair}/"),
    "emergency access": ("n.horvath", "/emergency-access/"),
    "emergency strip": ("b.acs", "/patients/{apart}/"),
    "emergency accesses": ("p.weber", "/administration/emergencies/"),
    "people": ("a.novak", "/administration/people/"),
    "person": ("a.novak", "/administration/people/n.horvath/"),
    "care teams": ("a.novak", "/administration/teams/"),
    "care team": ("a.novak", "/administration/teams/{team}/"),
    "audit trail": ("p.weber", "/administration/audit/"),
    "who opened a record": ("p.weber", "/administration/audit/?patient={whole}"),
    "keys, backups, health": ("a.novak", "/administration/health/"),
    "own password": ("n.horvath", "/password/"),
    "no charts": ("r.lang", "/"),
    "not there": ("d.keller", "/patients/none/"),
    "not allowed": ("a.novak", "/patients/"),
}
JUDGED = {
    "agreement": ("s.moreau", "/quality/agreement/"),
    "answers behind a number": ("s.moreau", "/quality/agreement/{heart}/?asked=reason:does-not-fit:disagree"),
    "an alert of drift": ("s.moreau", "/quality/"),
    "models that drift": ("s.moreau", "/models/"),
    "facts of a model that drifts": ("d.keller", "/models/{heart}/facts/"),
    "two estimates, one withheld": ("d.keller", "/patients/{fits}/"),
    "three estimates": ("d.keller", "/patients/{both}/"),
    "too few inputs": ("d.keller", "/patients/{thin}/"),
    "out of scope": ("d.keller", "/patients/{aged}/"),
    "held inputs": ("d.keller", "/patients/{held}/"),
    "stale inputs": ("d.keller", "/patients/{stale}/"),
}
FEDERATED = {
    "federation": ("a.novak", "/federation/"),
    "studies": ("a.novak", "/studies/"),
    "study to decide on": ("p.varga", "/studies/{study}/"),
    "approved study": ("a.novak", "/studies/{approved}/"),
    "study, read only": ("r.lind", "/studies/{study}/"),
    "runs": ("a.novak", "/runs/"),
    "models": ("a.novak", "/models/"),
    "what left": ("p.varga", "/what-left/"),
}
COORDINATOR = {
    "components": ("o.peeters", "/components/"),
    "log-in": ("", "/login/"),
    "federation": ("o.peeters", "/"),
    "runs": ("o.peeters", "/runs/"),
    "run": ("o.peeters", "/runs/{run}/"),
    "run that has ended": ("a.lind", "/runs/{ended}/"),
    "studies": ("o.peeters", "/studies/"),
    "study": ("o.peeters", "/studies/{study}/"),
    "publishing": ("o.peeters", "/studies/publish/"),
    "members": ("o.peeters", "/members/"),
    "member": ("o.peeters", "/members/of/zurich-basel/"),
    "invited hospital": ("o.peeters", "/members/of/malmo/"),
    "hospital that asks": ("o.peeters", "/members/of/graz/"),
    "revoked hospital": ("o.peeters", "/members/of/porto/"),
    "inviting": ("o.peeters", "/members/invite/"),
    "models": ("o.peeters", "/models/"),
    "model facts": ("o.peeters", "/models/{model}/"),
    "audit": ("a.lind", "/audit/"),
    "people": ("m.costa", "/people/"),
    "person": ("m.costa", "/people/of/a.lind/"),
    "not there": ("o.peeters", "/runs/none/"),
    "not allowed": ("o.peeters", "/audit/"),
}
EXPECTED_REFUSALS = {"not there", "not allowed"}


@pytest.mark.parametrize("width", [1480, 390])
@pytest.mark.parametrize("name", HOSPITAL)
def test_a_page_of_the_hospital_is_sound(name, width, hospital, someone):
    username, path = HOSPITAL[name]
    _is_sound(someone(hospital, username, width=width), path, is_refusal=name in EXPECTED_REFUSALS)


@pytest.mark.parametrize("width", [1480, 390])
@pytest.mark.parametrize("name", JUDGED)
def test_a_page_with_what_months_have_left_is_sound(name, width, judged, someone):
    username, path = JUDGED[name]
    _is_sound(someone(judged, username, width=width), path, is_refusal=False)


@pytest.mark.parametrize("width", [1480, 390])
@pytest.mark.parametrize("name", FEDERATED)
def test_a_page_of_the_federation_at_the_hospital_is_sound(name, width, federated, someone):
    username, path = FEDERATED[name]
    _is_sound(someone(federated, username, width=width), path, is_refusal=False)


@pytest.mark.parametrize("width", [1480, 390])
@pytest.mark.parametrize("name", COORDINATOR)
def test_a_page_of_the_coordinator_is_sound(name, width, coordinator, someone):
    username, path = COORDINATOR[name]
    _is_sound(someone(coordinator, username, width=width), path, is_refusal=name in EXPECTED_REFUSALS)


def _is_sound(person, path: str, *, is_refusal: bool) -> None:
    response = person.opens(path)
    for closed in person.page.query_selector_all("main details:not([open]) > summary"):
        closed.click()

    assert response.status < 400 or is_refusal
    assert person.overflow() <= 0
    violations = Axe().run(person.page).response["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in violations] == []
    # The browser itself reports the status of a refused page on its console; nothing else may be there.
    assert [o for o in person.objections if not (is_refusal and "the server responded with a status of 40" in o)] == []
