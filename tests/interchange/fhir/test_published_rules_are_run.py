"""The invariants of R4: each is run, written out in Python, or left out for a reason; and each says what is wrong."""

import json
from pathlib import Path

import pytest

from wardround.interchange.fhir import invariants
from wardround.interchange.fhir.definitions import resource_types, type_rule
from wardround.interchange.fhir.invariants import (
    IN_PYTHON,
    LEFT_OUT,
    REWRITTEN,
    SENTENCES,
    invariants_at,
    invariants_of,
)
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.path.compiler import compile_path
from wardround.interchange.fhir.path.nodes import Node
from wardround.interchange.fhir.path.scope import Context
from wardround.interchange.fhir.settled import sufficient_absences, sufficient_presences
from wardround.interchange.fhir.structure import check, check_with_warnings

SUITES = Path(__file__).resolve().parents[4] / "shared" / "suites"
PUBLISHED = SUITES / "fhir-r4-definitions"
EXAMPLES = SUITES / "fhir-r4-examples"

CODE = {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}
SUBJECT = {"reference": "Patient/1"}
QUANTITY = {"value": 1, "unit": "mg"}


def in_file():
    text = Path(invariants.__file__).with_name("invariants.json").read_text("utf-8")
    found = json.loads(text)
    return {rule[0] for kind in ("types", "elements") for rules in found[kind].values() for rule in rules}


def terminology(name, code):
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{name}", "code": code}]}


def broken_rules(resource):
    return {
        (p.path, p.sentence.removeprefix("Rule ").partition(":")[0]) for p in check(resource) if p.code == "invariant"
    }


def observation(**elements):
    return {"resourceType": "Observation", "status": "final", "code": CODE, **elements}


def patient(**elements):
    return {"resourceType": "Patient", **elements}


def condition(**elements):
    return {"resourceType": "Condition", "subject": SUBJECT, **elements}


def bundle(kind, *entries, **elements):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **elements}


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published R4 definitions are not beside this checkout")
def test_every_published_rule_is_run_or_written_out_or_left_out_for_a_reason():
    resources = json.loads((PUBLISHED / "resource-elements.json").read_text("utf-8"))
    types = json.loads((PUBLISHED / "profiles-types.json").read_text("utf-8"))["entry"]
    elements = [e for r in resources.values() for e in r["element"]]
    elements += [e for t in types for e in t["resource"].get("snapshot", {}).get("element", ())]
    published = {c["key"] for e in elements for c in e.get("constraint", ())}
    run = in_file() - IN_PYTHON.keys() - LEFT_OUT.keys()

    assert published == run | IN_PYTHON.keys() | LEFT_OUT.keys()
    assert not IN_PYTHON.keys() & LEFT_OUT.keys()
    assert REWRITTEN.keys() | SENTENCES.keys() <= run
    assert all(LEFT_OUT.values())
    assert len(run) == 226


def test_every_rule_compiles_and_has_a_sentence():
    file = json.loads(Path(invariants.__file__).with_name("invariants.json").read_text("utf-8"))

    rules = [r for name in file["types"] for r in invariants_of(name)]
    rules += [r for name in file["elements"] for r in invariants_at(name)]

    assert len(rules) > 220
    assert all(rule.sentence.startswith(f"Rule {rule.key}: ") and rule.sentence.endswith(".") for rule in rules)


@pytest.mark.parametrize(
    ("resource", "path", "rule"),
    [
        (patient(contact=[{"gender": "male"}]), "Patient.contact[0]", "pat-1"),
        (patient(name=[{"id": "a"}]), "Patient.name[0]", "ele-1"),
        (patient(_birthDate={"id": "a"}), "Patient._birthDate", "ele-1"),
        (patient(extension=[{"url": "http://x.org/e"}]), "Patient.extension[0]", "ext-1"),
        (
            patient(extension=[{"url": "u", "valueCode": "x", "extension": [{"url": "v", "valueCode": "y"}]}]),
            "Patient.extension[0]",
            "ext-1",
        ),
        (patient(telecom=[{"value": "1"}]), "Patient.telecom[0]", "cpt-2"),
        (
            patient(name=[{"family": "K", "period": {"start": "2026-02", "end": "2026-01-31"}}]),
            "Patient.name[0].period",
            "per-1",
        ),
        (patient(generalPractitioner=[{"reference": "#gp"}]), "Patient.generalPractitioner[0]", "ref-1"),
        (
            patient(contained=[{"resourceType": "Organization", "id": "o", "name": "O"}]),
            "Patient.contained[0]",
            "dom-3",
        ),
        (
            patient(
                managingOrganization={"reference": "#o"},
                contained=[
                    {
                        "resourceType": "Organization",
                        "id": "o",
                        "name": "O",
                        "contained": [{"resourceType": "Basic", "code": CODE}],
                    }
                ],
            ),
            "Patient.contained[0].contained",
            "dom-2",
        ),
        (
            patient(
                managingOrganization={"reference": "#o"},
                contained=[{"resourceType": "Organization", "id": "o", "name": "O", "meta": {"versionId": "1"}}],
            ),
            "Patient.contained[0].meta",
            "dom-4",
        ),
        (
            patient(
                managingOrganization={"reference": "#o"},
                contained=[
                    {"resourceType": "Organization", "id": "o", "name": "O", "meta": {"security": [{"code": "R"}]}}
                ],
            ),
            "Patient.contained[0].meta.security",
            "dom-5",
        ),
        ({"resourceType": "Organization", "active": True}, "Organization", "org-1"),
        (
            {
                "resourceType": "Organization",
                "name": "O",
                "telecom": [{"system": "phone", "use": "home", "value": "1"}],
            },
            "Organization.telecom[0]",
            "org-3",
        ),
        (observation(referenceRange=[{"appliesTo": [CODE]}]), "Observation.referenceRange[0]", "obs-3"),
        (observation(valueString="x", dataAbsentReason=CODE), "Observation", "obs-6"),
        (observation(valueString="x", component=[{"code": CODE}]), "Observation", "obs-7"),
        (observation(valueQuantity={"value": 1, "code": "mg"}), "Observation.valueQuantity", "qty-3"),
        (
            observation(valueRange={"low": {"value": 2}, "high": {"value": 1}}),
            "Observation.valueRange",
            "rng-2",
        ),
        (observation(valueRange={"low": {"value": 2, "comparator": "<"}}), "Observation.valueRange.low", "sqty-1"),
        (observation(valueRatio={"numerator": QUANTITY}), "Observation.valueRatio", "rat-1"),
        (
            condition(clinicalStatus=terminology("condition-clinical", "active"), abatementString="in May"),
            "Condition",
            "con-4",
        ),
        (
            condition(
                clinicalStatus=terminology("condition-clinical", "active"),
                verificationStatus=terminology("condition-ver-status", "entered-in-error"),
            ),
            "Condition",
            "con-5",
        ),
        (condition(stage=[{"type": CODE}]), "Condition.stage[0]", "con-1"),
        ({"resourceType": "AllergyIntolerance", "patient": SUBJECT}, "AllergyIntolerance", "ait-1"),
        (
            {"resourceType": "Immunization", "status": "completed", "vaccineCode": CODE, "patient": SUBJECT}
            | {"occurrenceString": "x", "education": [{"publicationDate": "2026"}]},
            "Immunization.education[0]",
            "imm-1",
        ),
        (
            {"resourceType": "Consent", "status": "active", "scope": CODE, "category": [CODE]},
            "Consent",
            "ppc-1",
        ),
        (
            {"resourceType": "RiskAssessment", "status": "final", "subject": SUBJECT}
            | {"prediction": [{"probabilityDecimal": 100.5}]},
            "RiskAssessment.prediction[0]",
            "ras-2",
        ),
        (
            {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": SUBJECT}
            | {"orderDetail": [CODE]},
            "ServiceRequest",
            "prr-1",
        ),
        (
            {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": SUBJECT}
            | {"activity": [{"reference": {"reference": "ServiceRequest/1"}, "detail": {"status": "completed"}}]},
            "CarePlan.activity[0]",
            "cpl-3",
        ),
        (
            {"resourceType": "QuestionnaireResponse", "status": "completed"}
            | {"item": [{"linkId": "1", "answer": [{"valueInteger": 1}], "item": [{"linkId": "2"}]}]},
            "QuestionnaireResponse.item[0]",
            "qrs-1",
        ),
        (
            {"resourceType": "Questionnaire", "status": "draft"}
            | {"item": [{"linkId": "1", "type": "display"}, {"linkId": "1", "type": "display"}]},
            "Questionnaire",
            "que-2",
        ),
        (bundle("collection", {"resource": patient(active=True)}, total=1), "Bundle", "bdl-1"),
        (bundle("transaction", {"resource": patient(active=True)}), "Bundle", "bdl-3"),
        (bundle("collection", {"fullUrl": "http://x.org/Patient/1"}), "Bundle.entry[0]", "bdl-5"),
        (
            bundle("collection", *[{"fullUrl": "http://x.org/Patient/1", "resource": patient(active=True)}] * 2),
            "Bundle",
            "bdl-7",
        ),
        (
            bundle("collection", {"fullUrl": "http://x.org/Patient/1/_history/2", "resource": patient(active=True)}),
            "Bundle.entry[0]",
            "bdl-8",
        ),
        (
            bundle(
                "collection",
                {"resource": observation(valueString="x", component=[{"code": CODE}])},
            ),
            "Bundle.entry[0].resource",
            "obs-7",
        ),
        (
            {"resourceType": "CareTeam"}
            | {"participant": [{"member": SUBJECT, "onBehalfOf": {"reference": "Organization/1"}}]},
            "CareTeam.participant[0]",
            "ctm-1",
        ),
    ],
)
def test_a_broken_rule_is_named_at_its_place(resource, path, rule):
    assert (path, rule) in broken_rules(resource)


@pytest.mark.parametrize(
    "resource",
    [
        patient(name=[{"family": "K", "period": {"start": "2026-02-03", "end": "2026-02"}}]),
        patient(name=[{"family": "K", "period": {"start": "2026-02-03T23:00:00-05:00", "end": "2026-02-03"}}]),
        patient(birthDate="1963", _birthDate={"id": "a"}),
        patient(extension=[{"url": "u", "_valueCode": {"extension": [{"url": "v", "valueCode": "y"}]}}]),
        patient(
            managingOrganization={"reference": "#o"},
            contained=[
                {"resourceType": "Organization", "id": "o", "partOf": {"reference": "#p"}, "name": "O"},
                {"resourceType": "Organization", "id": "p", "name": "P"},
            ],
        ),
        observation(valueRange={"low": {"value": 2, "unit": "cm"}, "high": {"value": 1, "unit": "m"}}),
        observation(component=[{"code": CODE, "valueString": "x"}]),
        condition(clinicalStatus=terminology("condition-clinical", "resolved"), abatementString="in May"),
        bundle("transaction", {"resource": patient(active=True), "request": {"method": "POST", "url": "Patient"}}),
        {"resourceType": "Questionnaire", "status": "draft"}
        | {
            "item": [
                {
                    "linkId": "1",
                    "type": "display",
                    "enableWhen": [{"question": "2", "operator": "exists", "answerBoolean": True}],
                }
            ]
        },
        {"resourceType": "CareTeam"}
        | {"participant": [{"member": {"reference": "urn:uuid:5"}, "onBehalfOf": {"reference": "Organization/1"}}]},
    ],
)
def test_what_is_not_certainly_broken_is_accepted(resource):
    assert broken_rules(resource) == set()


def test_advice_keeps_nothing_from_being_stored():
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "name": "no good name"}

    assert check(questionnaire) == []
    assert {p.sentence[:10] for p in check_with_warnings(questionnaire)} == {"Rule que-0", "Rule dom-6"}


def test_what_elements_absence_settles_is_read_off_the_rule():
    assert sufficient_absences(compile_path("a.empty() or b.exists()").tree) == ("a",)
    assert sufficient_absences(compile_path("a.exists() implies b.where(c = 1).empty()").tree) == ("a", "b")
    assert sufficient_absences(compile_path("a.exists() and b.empty()").tree) == ()
    assert sufficient_absences(compile_path("a.count() + b.count() > 0").tree) == ()
    assert sufficient_absences(compile_path("(a.exists() xor b.exists()).not()").tree) == ()


def test_what_an_elements_presence_settles_is_read_off_the_rule():
    assert sufficient_presences(compile_path("a.empty() or b.exists()").tree) == ("b",)
    assert sufficient_presences(compile_path("a.exists(c = 1) or b.empty()").tree) == ()
    assert sufficient_presences(compile_path("a.empty() implies b.where(c = 1).exists()").tree) == ("a",)
    assert sufficient_presences(compile_path("a.exists() and b.exists()").tree) == ()
    assert sufficient_presences(compile_path("(a.empty() and b.exists()).not()").tree) == ("a",)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not on this machine")
def test_a_rule_that_is_not_looked_at_would_hold():
    files = sorted(EXAMPLES.glob("*.json"))[::7]

    looked_past = 0
    for file in files:
        resource = loads(file.read_bytes())
        context = Context(resource=resource, root_resource=resource)
        for type_name, value in typed_values(resource["resourceType"], resource):
            for rule in invariants_of(type_name):
                if rule.is_settled(value):
                    assert rule.path.boolean(Node(value, type_name), context=context) is True, (file.name, rule.key)
                    looked_past += 1
    assert looked_past > 500


def typed_values(type_name, value):
    """(type, JSON object) of a value and of everything below it that the definitions describe."""
    yield type_name, value
    for name, content in value.items():
        element = type_rule(type_name).elements.get(name)
        for item in content if isinstance(content, list) else [content]:
            if element is not None and isinstance(item, dict):
                below = item.get("resourceType", "") if element.type not in TYPES else element.type
                if below in resource_types() or element.type in TYPES:
                    yield from typed_values(below, item)


TYPES = frozenset(
    json.loads(Path(invariants.__file__).with_name("definitions.json").read_text("utf-8"))["types"].keys()
    - {"Resource"}
)
