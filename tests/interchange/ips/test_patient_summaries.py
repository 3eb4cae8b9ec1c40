"""A patient summary: which resources stand where, what its text says, and that the document is FHIR and holds together."""

import gzip
from pathlib import Path

import pytest

from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.interchange.ips.document import Issue, addresses_in, summary_of
from wardround.interchange.ips.narrative import NOTHING, Note
from wardround.interchange.ips.sections import SECTIONS, SEEN_IN

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


def made(*chart, named=(), notes=None):
    return summary_of(PATIENT, chart=chart, named=named, notes=notes or {}, issue=ISSUE)


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

    assert [section.code for section in SECTIONS if f'"{section.code}"' not in text] == []


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
    assert len(addresses_in([bundle])) > 1
    assert len(sections_of(bundle)) >= 5
