"""A patient summary: which resources stand where, what its text says, and that the document is FHIR and holds together."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.interchange.ips.document import Issue, summary_of
from wardround.interchange.ips.narrative import NOTHING, WITHHELD, Note
from wardround.interchange.ips.sections import IPS_GUIDE, SECTIONS, SEEN_IN

SHARED = Path(__file__).parents[4] / "shared"
ISSUE = Issue(
    base="https://hospital.example/fhir/R4",
    author="Budapest",
    instant="2026-11-26T13:00:00Z",
    bundle_id="11111111-1111-4111-8111-111111111111",
    composition_id="22222222-2222-4222-8222-222222222222",
    author_id="33333333-3333-4333-8333-333333333333",
)
PATIENT = {"resourceType": "Patient", "id": "p1", "generalPractitioner": [{"reference": "Practitioner/d1"}]}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def resource(type_name, number, **elements):
    return {
        "resourceType": type_name,
        "id": f"{type_name.lower()}-{number}",
        "subject": {"reference": "Patient/p1"},
    } | elements


def condition(number, clinical="active", **elements):
    status = {"coding": [{"system": CLINICAL, "code": clinical}]}
    return resource("Condition", number, clinicalStatus=status, code={"text": f"Illness {number}"}, **elements)


def observation(number, day, *, category="laboratory", status="final", code="2339-0"):
    return resource(
        "Observation",
        number,
        status=status,
        category=[{"coding": [{"code": category}]}],
        code={"coding": [{"system": "http://loinc.org", "code": code}]},
        effectiveDateTime=f"2026-03-{day:02}",
        valueQuantity={"value": loads("126.50"), "unit": "mg/dL"},
    )


def made(*chart, named=(), notes=None, closed=()):
    issue = replace(ISSUE, closed=frozenset(closed))
    return summary_of(PATIENT, chart=chart, named=named, notes=notes or {}, issue=issue)


def addresses_of(bundle):
    return {entry["fullUrl"].removeprefix(f"{ISSUE.base}/") for entry in bundle["entry"]}


def text_of(bundle, code):
    return sections_of(bundle)[code]["text"]["div"]


def sections_of(bundle):
    composition = bundle["entry"][0]["resource"]
    return {section["code"]["coding"][0]["code"]: section for section in composition["section"]}


def shown(bundle, code):
    return [entry["reference"].rpartition("/")[2] for entry in sections_of(bundle)[code].get("entry", [])]


def test_every_section_code_was_seen_in_the_published_value_sets():
    path = SHARED / SEEN_IN
    if not path.exists():
        pytest.skip("The definitions shared/suites/fhir-r4-definitions are not here.")
    text = path.read_text("utf-8")

    unseen = {section.code: section.source for section in SECTIONS if f'"{section.code}"' not in text}
    assert unseen == {"10162-6": IPS_GUIDE}


def test_an_empty_chart_has_the_three_required_sections_and_says_that_nothing_is_recorded():
    sections = sections_of(made())

    assert set(sections) == {"11450-4", "48765-2", "10160-0"}
    for section in sections.values():
        assert section["emptyReason"]["coding"][0]["code"] == "unavailable"
        assert NOTHING in section["text"]["div"]


def test_open_and_past_illnesses_stand_apart_and_refuted_ones_nowhere():
    refuted = {"coding": [{"code": "refuted"}]}
    bundle = made(condition(1), condition(2, "resolved"), condition(3, verificationStatus=refuted))

    assert shown(bundle, "11450-4") == ["condition-1"]
    assert shown(bundle, "11348-0") == ["condition-2"]
    assert "condition-3" not in dumps(bundle).decode()


def test_only_medication_in_use_is_shown():
    statuses = ("active", "stopped", "entered-in-error", "on-hold")
    bundle = made(*(resource("MedicationRequest", n, status=s, intent="order") for n, s in enumerate(statuses)))

    assert shown(bundle, "10160-0") == ["medicationrequest-3", "medicationrequest-0"]


def test_what_is_only_proposed_is_no_medication_and_a_ban_says_that_it_is_one():
    proposal = resource("MedicationRequest", 1, status="active", intent="proposal")
    ban = resource("MedicationRequest", 2, status="active", intent="order", doNotPerform=True)
    bundle = made(proposal, ban)

    assert shown(bundle, "10160-0") == ["medicationrequest-2"]
    assert "<td>NOT to be given, active</td>" in text_of(bundle, "10160-0")


def test_doubt_and_danger_are_written_beside_an_allergy():
    allergy = resource("AllergyIntolerance", 1, code={"text": "Penicillin"}, criticality="high")
    allergy |= {"clinicalStatus": {"text": "active"}, "verificationStatus": {"coding": [{"code": "unconfirmed"}]}}
    text = text_of(made(allergy), "48765-2")

    assert "<td>Penicillin</td>" in text
    assert "active, unconfirmed" in text
    assert "high risk" in text


def test_what_whoever_asked_may_not_see_is_called_withheld_and_not_absent():
    bundle = made(resource("MedicationStatement", 1, status="active"), closed=["Condition", "MedicationRequest"])
    problems = sections_of(bundle)["11450-4"]

    assert problems["emptyReason"]["coding"][0]["code"] == "withheld"
    assert WITHHELD in problems["text"]["div"]
    assert "may not see it: MedicationRequest." in text_of(bundle, "10160-0")
    assert "may not see it: Condition, MedicationRequest." in bundle["entry"][0]["resource"]["text"]["div"]
    assert sections_of(bundle)["48765-2"]["emptyReason"]["coding"][0]["code"] == "unavailable"


def test_the_newest_is_the_newest_in_time_and_not_in_letters():
    west = observation(1, 1) | {"effectiveDateTime": "2026-03-01T23:30:00-05:00"}
    east = observation(2, 1) | {"effectiveDateTime": "2026-03-02T01:00:00+01:00"}

    assert shown(made(west, east), "30954-2") == ["observation-1", "observation-2"]


def test_pregnancy_and_the_assessed_function_have_sections_of_their_own():
    pregnant = observation(1, 1, code="82810-3", category="social-history")
    assessed = resource("ClinicalImpression", 1, status="completed", summary="Walks with a stick", date="2026-03-01")
    bundle = made(pregnant, assessed)

    assert shown(bundle, "10162-6") == ["observation-1"]
    assert "29762-2" not in sections_of(bundle)
    assert "<td>Walks with a stick</td>" in text_of(bundle, "47420-5")


def test_what_was_entered_in_error_does_not_come_along_with_a_report():
    report = resource("DiagnosticReport", 1, status="final", code={"text": "Panel"})
    report["result"] = [{"reference": "Observation/observation-1"}, {"reference": "Observation/observation-2"}]
    bundle = made(report, observation(1, 1, status="entered-in-error"), observation(2, 2, status="preliminary"))

    assert "Observation/observation-2" in addresses_of(bundle)
    assert "Observation/observation-1" not in addresses_of(bundle)


def test_the_same_id_at_another_server_is_somebody_else():
    theirs = condition(1, asserter={"reference": "https://other.example/fhir/Practitioner/d2"})

    assert "Practitioner/d2" not in addresses_of(made(theirs, named=[{"resourceType": "Practitioner", "id": "d2"}]))


def test_the_same_chart_makes_the_same_document():
    chart = [condition(1), observation(1, 1), observation(2, 2)]

    assert dumps(made(*chart)) == dumps(made(*chart))


def test_of_each_result_the_three_newest_final_ones_are_shown():
    values = [observation(n, day=n) for n in range(1, 6)]
    bundle = made(*values, observation(9, 9, status="preliminary"), observation(8, 1, code="718-7"))

    assert shown(bundle, "30954-2") == ["observation-5", "observation-4", "observation-3", "observation-8"]


def test_a_value_without_category_is_a_result_and_a_vital_sign_is_not():
    bare = {key: value for key, value in observation(1, 1).items() if key != "category"}
    bundle = made(bare, observation(2, 2, category="vital-signs"))

    assert shown(bundle, "30954-2") == ["observation-1"]
    assert shown(bundle, "8716-3") == ["observation-2"]


def test_the_text_shows_values_as_written_and_what_the_hospital_holds():
    notes = {"Observation/observation-1": Note(standard="7.02187 mmol/L", held="Held until somebody decides.")}
    text = sections_of(made(observation(1, 1), notes=notes))["30954-2"]["text"]["div"]

    assert "<td>126.50 mg/dL</td>" in text
    assert "<td>7.02187 mmol/L</td>" in text
    assert "<td>Held until somebody decides.</td>" in text


def test_what_was_typed_cannot_become_markup():
    evil = condition(1)
    evil["code"]["text"] = '<script>alert("x")</script>'
    bundle = made(evil)

    assert "<script" not in sections_of(bundle)["11450-4"]["text"]["div"]
    assert check(bundle) == []


def test_who_is_named_comes_along_and_nobody_else():
    doctor = {"resourceType": "Practitioner", "id": "d1"}
    stranger = {"resourceType": "Practitioner", "id": "d2"}

    addresses = {entry["fullUrl"].rpartition("/")[2] for entry in made(named=[doctor, stranger])["entry"]}

    assert "d1" in addresses
    assert "d2" not in addresses


def test_every_reference_of_the_composition_leads_into_the_document():
    bundle = made(condition(1), observation(1, 1))
    here = {entry["fullUrl"] for entry in bundle["entry"]}
    composition = bundle["entry"][0]["resource"]

    named = [composition["subject"]["reference"], composition["author"][0]["reference"]]
    named += [entry["reference"] for section in composition["section"] for entry in section.get("entry", [])]
    assert set(named) <= here


@pytest.mark.parametrize("path", sorted((SHARED / "data" / "synthea_fhir_r4").rglob("*.json.gz"))[:5] or [None])
def test_a_whole_synthetic_chart_becomes_a_valid_document(path):
    if path is None:
        pytest.skip("The Synthea bundles of shared/data/synthea_fhir_r4 are not here.")
    resources = [entry["resource"] for entry in loads(gzip.decompress(path.read_bytes()))["entry"]]
    own = [r for r in resources if r["resourceType"] == "Patient"]
    if len(own) != 1:
        pytest.skip("The file holds no single patient's chart.")
    others = [r for r in resources if r["resourceType"] not in {"Patient", "Practitioner", "Organization"}]

    bundle = summary_of(own[0], chart=others, named=(), notes={}, issue=ISSUE)

    assert check(bundle) == []
    assert len(sections_of(bundle)) >= 5
