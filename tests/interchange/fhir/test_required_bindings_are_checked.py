"""Every required binding of R4: by its published codes, by rule, or named as not checked with the reason."""

import json
from pathlib import Path

import pytest

from wardround.interchange.fhir.bindings import BY_RULE, NOT_CHECKED
from wardround.interchange.fhir.currencies import CURRENCIES
from wardround.interchange.fhir.definitions import value_set
from wardround.interchange.fhir.structure import check

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-definitions"
NOT_R4 = {"http://hl7.org/fhir/ValueSet/characteristic-combination"}  # of R5's EvidenceVariable
MAXIMUM = "http://hl7.org/fhir/ValueSet/all-languages"  # the maximum of preferred bindings to languages


def is_listed(url):
    try:
        return bool(value_set(url).codes)
    except KeyError:
        return False


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published R4 definitions are not beside this checkout")
def test_each_required_value_set_has_its_codes_or_a_rule_or_a_reason():
    resources = json.loads((PUBLISHED / "resource-elements.json").read_text("utf-8"))
    types = json.loads((PUBLISHED / "profiles-types.json").read_text("utf-8"))["entry"]
    elements = [e for name, r in resources.items() if name != "SubscriptionStatus" for e in r["element"]]
    elements += [e for t in types for e in t["resource"].get("snapshot", {}).get("element", ())]
    bindings = [e["binding"] for e in elements if e.get("binding", {}).get("strength") == "required"]
    required = {b["valueSet"].split("|")[0] for b in bindings if "valueSet" in b} - NOT_R4

    listed = {url for url in required if is_listed(url)}

    assert required - listed == (BY_RULE.keys() - {MAXIMUM}) | NOT_CHECKED.keys()
    assert len(listed) >= 219
    assert all(NOT_CHECKED.values())


def basic(**elements):
    return {"resourceType": "Basic", "code": {"text": "x"}, **elements}


def attached(content_type):
    return basic(extension=[{"url": "u", "valueAttachment": {"contentType": content_type, "data": "QQ=="}}])


def paid(currency):
    return basic(extension=[{"url": "u", "valueMoney": {"value": 1, "currency": currency}}])


def composed(confidentiality):
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "x"},
        "date": "2026",
        "author": [{"display": "x"}],
        "title": "x",
        "confidentiality": confidentiality,
    }


def estimated(unit):
    return {
        "resourceType": "EffectEvidenceSynthesis",
        "status": "draft",
        **{
            name: {"reference": "EvidenceVariable/1"}
            for name in ("population", "exposure", "exposureAlternative", "outcome")
        },
        "effectEstimate": [{"unitOfMeasure": {"coding": [{"system": "http://unitsofmeasure.org", "code": unit}]}}],
    }


def licensed(code):
    return {
        "resourceType": "ImplementationGuide",
        "url": "http://x.org/ig",
        "name": "X",
        "status": "draft",
        "packageId": "x.y",
        "fhirVersion": ["4.0.1"],
        "license": code,
    }


@pytest.mark.parametrize(
    ("made", "right", "wrong"),
    [
        (attached, ["application/pdf", "text/plain; charset=utf-8", "application/hl7-v3+xml"], ["pdf", "a/b/c", "/x"]),
        (paid, ["EUR", "HUF", "DEM"], ["eur", "EURO", "ZZZ", "€"]),
        (composed, ["N", "R"], ["n", "X", "normal"]),
        (estimated, ["mg/dL", "mmol/L", "%"], ["bananas", "mg per dL"]),
        (licensed, ["CC0-1.0", "not-open-source"], ["CC-0", "mine"]),
        (
            lambda code: basic(language=code),
            ["en", "de-AT", "zh-Hans-CN", "sr-Latn", "x-own"],
            ["english_UK", "e", "-"],
        ),
    ],
)
def test_a_code_that_no_list_holds_is_judged_by_rule(made, right, wrong):
    for code in right:
        assert [p for p in check(made(code)) if p.code == "code-invalid"] == [], code
    for code in wrong:
        assert len([p for p in check(made(code)) if p.code == "code-invalid"]) == 1, code


def test_currencies_are_three_capitals():
    assert len(CURRENCIES) == 295
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ({"reference": "Organization/1"}, "Group or Patient"),
        ({"reference": "http://other.org/fhir/Encounter/1/_history/2"}, "Group or Patient"),
        ({"type": "Practitioner", "display": "x"}, "Group or Patient"),
        ({"reference": "Encounter?identifier=urn:x|1"}, "Group or Patient"),
        ({"reference": "Patient/1", "type": "Group"}, "different resource types"),
        ({"reference": "#own"}, "Group or Patient"),
    ],
)
def test_a_reference_points_to_the_types_that_its_element_allows(reference, sentence):
    contained = [{"resourceType": "Organization", "id": "own", "name": "O"}]
    condition = {"resourceType": "Condition", "subject": reference}
    if reference.get("reference") == "#own":
        condition["contained"] = contained

    (problem,) = check(condition)

    assert problem.path == "Condition.subject"
    assert sentence in problem.sentence


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/1"},
        {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"},
        {"reference": "http://other.org/records/1"},
        {"identifier": {"value": "1"}},
        {"display": "somebody"},
        {"reference": "Patient/1", "type": "Patient"},
    ],
)
def test_what_a_reference_does_not_tell_may_be_anything(reference):
    assert check({"resourceType": "Condition", "subject": reference}) == []
