"""R5 and STU3 come to R4 whole or not at all: every value that goes in comes out, or the element is named."""

import copy
import importlib
import random
from contextlib import suppress
from pathlib import Path

import pytest
from resources_of_other_versions import R5, STU3, concept

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.definitions import type_rule
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.interchange.fhir_versions import as_r4, r5_to_r4, recognition, stu3_to_r4, version_of
from wardround.interchange.ndjson import read, read_again

SAMPLES = [
    pytest.param(version, {"resourceType": name} | body, id=f"{version}-{name}")
    for version, samples in (("R5", R5), ("STU3", STU3))
    for name, body in samples.items()
]
# Words of another version for the same thing, as HL7's conversion maps pair them; and a "no" that says nothing.
OTHER_WORDS = {
    "MedicationUsage": "MedicationStatement",
    "ProcedureRequest": "ServiceRequest",
    "ReferralRequest": "ServiceRequest",
    "ReferralRequest/q2": "ServiceRequest/q2",
    "ProcedureRequest/q1": "ServiceRequest/q1",
    "on-hold": "onleave",
    "suspended": "on-hold",
    "cancelled": "revoked",
    "taking": "active",
    "author": "recorder",
    "informant": "asserter",
    "2": 2,
}


def leaves(value):
    """Every value of a resource, wherever it stands."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize(("version", "resource"), SAMPLES)
def test_every_value_that_goes_in_comes_out_and_the_result_is_r4(version, resource):
    made = as_r4(resource, version=version)

    out = list(leaves(made))
    lost = [
        leaf for leaf in leaves(resource) if leaf is not False and leaf not in out and OTHER_WORDS.get(leaf) not in out
    ]
    # Who took part in what is told by the element; the system of a code that R4 has as a plain code is the standard's own.
    assert [leaf for leaf in lost if not _is_told_by_its_place(leaf, made)] == []
    assert check(made) == []


def _is_told_by_its_place(leaf, made):
    if leaf in ("author", "informant", "taking", "has-member"):
        return bool({"recorder", "asserter", "status", "hasMember"} & made.keys())
    return isinstance(leaf, str) and leaf.startswith(
        ("http://terminology.hl7.org/CodeSystem/provenance", "http://hl7.org/fhir/", "http://snomed.info/sct")
    )


@pytest.mark.parametrize(("version", "resource"), SAMPLES)
def test_a_version_is_recognised_by_what_only_it_has(version, resource):
    shows = version_of(resource) != "R4"
    says_the_same_in_r4 = not check(resource)

    assert shows or says_the_same_in_r4
    if shows:
        assert version_of(resource) == version


@pytest.mark.parametrize(
    ("version", "name", "more", "reason"),
    [
        ("R5", "Encounter", {"virtualService": [{}]}, "Encounter.virtualService"),
        ("R5", "Encounter", {"class": [concept("IMP"), concept("AMB")]}, "takes one class"),
        ("R5", "Encounter", {"reason": [{"use": [concept("RV")]}]}, "nothing but its use"),
        ("R5", "Observation", {"triggeredBy": [{}]}, "Observation.triggeredBy"),
        ("R5", "Procedure", {"occurrenceTiming": {}}, "Procedure.occurrenceTiming"),
        ("R5", "MedicationRequest", {"medication": {"concept": {}, "reference": {}}}, "a code or a reference"),
        ("R5", "MedicationStatement", {"status": "draft"}, "no drafts"),
        ("R5", "Medication", {"totalVolume": {}}, "Medication.totalVolume"),
        ("R5", "DocumentReference", {"attester": [{}]}, "DocumentReference.attester"),
        ("R5", "DiagnosticReport", {"presentedForm": [{"pages": 3}]}, "presentedForm[0].pages"),
        ("R5", "Condition", {"participant": [{"function": concept("witness"), "actor": {}}]}, "neither"),
        ("R5", "Encounter", {"participant": [{"actor": 5}]}, "Encounter.participant[0].individual"),
        ("R5", "Encounter", {"diagnosis": 5}, "not the form"),
        ("STU3", "Patient", {"animal": {"species": concept("dog")}}, "Patient.animal"),
        ("STU3", "Observation", {"context": {"reference": "EpisodeOfCare/x"}}, "an episode of care"),
        ("STU3", "Observation", {"related": [{"type": "replaces", "target": {}}]}, "members"),
        ("STU3", "MedicationRequest", {"requester": {"agent": {}, "onBehalfOf": {}}}, "on whose behalf"),
        ("STU3", "Condition", {"verificationStatus": "unknown"}, "Condition.verificationStatus"),
        ("STU3", "Immunization", {"vaccinationProtocol": [{"doseSequence": 1, "doseStatus": {}}]}, "doseStatus"),
        ("STU3", "ReferralRequest", {"description": "please"}, "ReferralRequest.description"),
    ],
)
def test_an_element_without_a_place_in_r4_is_named_and_the_resource_refused(version, name, more, reason):
    samples = {"R5": R5, "STU3": STU3}[version]
    with pytest.raises(Unreadable, match=f"This is FHIR {version}") as refusal:
        as_r4({"resourceType": name} | samples[name] | more, version=version)

    assert reason in str(refusal.value)


def test_what_is_not_done_or_not_taken_stays_so():
    not_given = as_r4({"resourceType": "Immunization"} | STU3["Immunization"] | {"notGiven": True}, version="STU3")
    not_done = as_r4({"resourceType": "Procedure", "notDone": True} | STU3["Procedure"], version="STU3")
    not_taken = as_r4(
        {"resourceType": "MedicationStatement"} | STU3["MedicationStatement"] | {"taken": "n"}, version="STU3"
    )
    stopped = R5["MedicationStatement"] | {"adherence": {"code": concept("not-taking")}}

    assert not_given["status"] == not_done["status"] == "not-done"
    assert not_taken["status"] == "not-taken"
    assert as_r4({"resourceType": "MedicationStatement"} | stopped, version="R5")["status"] == "not-taken"


def test_a_statement_made_in_error_stays_so_whatever_is_said_of_taking_it():
    wrong = R5["MedicationStatement"] | {"status": "entered-in-error"}
    made = as_r4({"resourceType": "MedicationStatement"} | wrong, version="R5")

    assert made["status"] == "entered-in-error"
    assert made["extension"][0]["valueCode"] == "taking"


def test_a_stu3_record_made_in_error_stays_so_and_a_word_beside_not_done_is_kept():
    wrong = {"resourceType": "Procedure", "notDone": True} | STU3["Procedure"] | {"status": "entered-in-error"}
    halted = {"resourceType": "Procedure"} | STU3["Procedure"] | {"notDone": True}

    assert as_r4(wrong, version="STU3")["status"] == "entered-in-error"
    made = as_r4(halted, version="STU3")
    assert (made["status"], made["_status"]["extension"][0]["valueCode"]) == ("not-done", "on-hold")


def test_two_words_of_r5_for_one_of_r4_are_told_apart_by_an_extension():
    discharged = as_r4({"resourceType": "Encounter"} | R5["Encounter"] | {"status": "discharged"}, version="R5")
    completed = as_r4({"resourceType": "Encounter"} | R5["Encounter"] | {"status": "completed"}, version="R5")

    assert discharged["status"] == completed["status"] == "finished"
    assert discharged["_status"]["extension"][0]["valueCode"] == "discharged"
    assert "_status" not in completed


def test_contained_resources_and_numbers_come_with_their_resource():
    request = R5["MedicationRequest"] | {
        "contained": [{"resourceType": "Medication"} | R5["Medication"]],
        "medication": {"reference": {"reference": "#k1"}},
    }
    made = as_r4({"resourceType": "MedicationRequest"} | request, version="R5")

    assert made["contained"][0]["form"] == R5["Medication"]["doseForm"]
    assert made["medicationReference"] == {"reference": "#k1"}


def test_the_elements_that_show_a_version_exist_in_it_and_not_in_r4():
    """Against the schemas of another project (fhir.resources, a development package)."""
    pytest.importorskip("fhir.resources")
    r5, stu3 = "fhir.resources", "fhir.resources.STU3"
    for package, other, table in ((r5, stu3, recognition._R5_ELEMENTS), (stu3, r5, recognition._STU3_ELEMENTS)):
        for type_name, names in table.items():
            there = _elements(package, type_name)
            assert set(names) <= there.keys(), (package, type_name, set(names) - there.keys())
            assert not set(names) & type_rule(type_name).elements.keys(), (package, type_name)
            if type_name != "ServiceRequest":  # STU3 has none
                assert not set(names) & _elements(other, type_name).keys(), (package, type_name)


def test_no_element_that_changed_its_shape_between_the_versions_is_without_a_rule():
    pytest.importorskip("fhir.resources")
    for package, tables in (("fhir.resources", r5_to_r4.TABLES), ("fhir.resources.STU3", stu3_to_r4.TABLES)):
        for type_name, table in tables.items():
            if type_name == "MedicationUsage":  # the ballot's name of MedicationStatement
                continue
            r4 = type_rule(table.becomes or type_name).elements
            for name, is_list in _elements(package, type_name).items():
                if name in r4 and name not in table.rules:
                    assert r4[name].many == is_list, (package, type_name, name)


def _elements(package, type_name):
    model = getattr(importlib.import_module(f"{package}.{type_name.lower()}"), type_name)
    fields = {field.alias or name: str(field.annotation) for name, field in model.model_fields.items()}
    return {name: "List" in annotation for name, annotation in fields.items() if not name.startswith("_")}


@pytest.mark.parametrize(("version", "resource"), SAMPLES)
def test_a_mangled_resource_is_r4_or_refused_with_a_sentence(version, resource):
    chance = random.Random(3)
    for _ in range(60):
        mangled = copy.deepcopy(resource)
        for _ in range(chance.randint(1, 3)):
            _mangle(mangled, chance)
        with suppress(Unreadable):
            assert check(as_r4(mangled, version=version)) == []


def _mangle(value, chance):
    """Put something odd somewhere below."""
    while isinstance(value, dict | list) and value:
        key = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        if key != "resourceType" and (not isinstance(value[key], dict | list) or chance.random() < 0.4):
            value[key] = chance.choice([None, 5, "x", [], {}, [5], {"x": 1}, [None], True])
            return
        value = value[key]


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("fhir")


def test_a_bundle_of_r5_is_read_as_one_also_where_an_entry_does_not_show_it(tmp_path, mapping):
    entries = [{"resource": {"resourceType": name} | R5[name]} for name in ("Organization", "Encounter", "Patient")]
    (tmp_path / "b.json").write_bytes(dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))

    (draft,) = read(tmp_path, mapping=mapping)

    encounter = next(resource for resource in draft.resources if resource["resourceType"] == "Encounter")
    assert encounter["period"] == {"start": "2026-02-03"}
    assert encounter["class"]["code"] == "IMP"


def test_the_mapping_says_of_which_version_a_source_is(make_mapping):
    plain = dumps(
        {"resourceType": "Encounter"} | {"id": "e", "status": "completed", "subject": {"reference": "Patient/p"}}
    )

    (refused,) = read_again(
        Source("x.json", "file", dumps({"resourceType": "Group", "id": "g"})),
        mapping=make_mapping("fhir", source={"fhir_version": "R5"}),
    )
    (draft,) = read_again(Source("x.json", "file", plain), mapping=make_mapping("fhir", source={"fhir_version": "R5"}))

    assert isinstance(refused, Reject)
    assert "Send it as R4" in refused.reason
    assert draft.resources[0]["status"] == "finished"


def test_a_capability_statement_in_the_folder_says_of_which_version_the_files_are(tmp_path, mapping):
    (tmp_path / "metadata.json").write_bytes(dumps({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"}))
    (tmp_path / "Encounter.ndjson").write_bytes(dumps({"resourceType": "Encounter", "id": "e", "status": "completed"}))

    readings = list(read(tmp_path, mapping=mapping))

    assert all(isinstance(reading, Draft) for reading in readings)
    assert [resource["status"] for reading in readings for resource in reading.resources] == ["finished"]
    assert "CapabilityStatement of another FHIR version" in {
        place for reading in readings for place in reading.unmapped
    }


EXAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/suites/fhir-r4-examples").is_dir()), None
)


@pytest.mark.skipif(EXAMPLES is None, reason="The folder shared/suites/fhir-r4-examples is not beside the checkout.")
def test_no_published_example_of_r4_is_taken_for_another_version():
    taken = {path.name: version_of(loads(path.read_bytes())) for path in EXAMPLES.glob("*.json")}

    assert len(taken) > 500
    assert {name for name, version in taken.items() if version != "R4"} == set()
