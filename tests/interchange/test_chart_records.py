"""What a FHIR resource says about when and how, and when two resources say the same."""

from decimal import Decimal

import pytest

from wardround.interchange.fhir.chart_records import life_of, record_of
from wardround.interchange.fhir.same_entries import entry_of

CODE = {"coding": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose"}]}


def observation(**elements):
    quantity = {"value": 95, "unit": "mg/dL"}
    given = {"effectiveDateTime": "2026-03-02T08:15:00Z", "valueQuantity": quantity, **elements}
    return {"resourceType": "Observation", "status": "final", "code": CODE, **given}


def paths(moments):
    return [moment.path for moment in moments]


def test_when_it_happened_and_when_it_was_written_down_are_told_apart():
    record = record_of(observation(issued="2026-03-02T09:00:00Z"))

    assert paths(record.happened) == ["Observation.effectiveDateTime"]
    assert paths(record.written) == ["Observation.issued"]
    assert [(order.first.path, order.later.path) for order in record.orders] == [
        ("Observation.effectiveDateTime", "Observation.issued")
    ]


def test_both_ends_of_a_period_happened_and_a_foreseen_end_did_not():
    period = {"start": "2026-03-01", "end": "2026-03-09"}
    visit = {"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}, "period": period}

    assert paths(record_of(visit).happened) == ["Encounter.period.start", "Encounter.period.end"]
    assert paths(record_of({**visit, "status": "in-progress"}).happened) == ["Encounter.period.start"]
    assert paths(record_of({**visit, "status": "planned"}).happened) == []


def test_the_parts_of_a_visit_are_ordered_against_the_whole():
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "period": {"start": "2026-03-01", "end": "2026-03-09"},
        "location": [{"period": {"start": "2026-04-01", "end": "2026-04-02"}}],
    }

    assert [(o.first.path, o.later.path, o.held) for o in record_of(visit).orders] == [
        ("Encounter.period.start", "Encounter.location[0].period.end", False),
        ("Encounter.location[0].period.start", "Encounter.period.end", False),
    ]


def test_what_was_entered_in_error_says_nothing():
    record = record_of(observation(status="entered-in-error", effectiveDateTime="2062-03-02"))

    assert (record.happened, record.written, record.has_value) == ([], [], False)


def test_types_without_rules_are_passed_by():
    assert record_of({"resourceType": "Claim", "status": "active", "created": "2062-01-01"}) is None


def test_what_an_observation_and_a_patient_lack_is_seen():
    bare = record_of(observation(valueQuantity={"value": 7}, component=[{"code": CODE, "valueQuantity": {"value": 1}}]))

    assert bare.quantities_without_unit == ["Observation.valueQuantity", "Observation.component[0].valueQuantity"]
    assert record_of({"resourceType": "Patient", "gender": "male"}).lacks == ["Patient.birthDate"]
    absent = {"_birthDate": {"extension": [{"url": "x", "valueCode": "unknown"}]}}
    assert record_of({"resourceType": "Patient", "gender": "unknown", **absent}).lacks == []


@pytest.mark.parametrize(
    ("said", "sex"),
    [
        ({"gender": "female"}, "female"),
        ({"gender": "other"}, None),
        ({}, None),
        ({"gender": "female", "birthsex": "F"}, "female"),
        ({"gender": "female", "birthsex": "M"}, None),
        ({"gender": "male", "identity": "transgender-male"}, None),
    ],
)
def test_a_sex_that_is_said_in_two_ways_is_no_sex_to_judge_by(said, sex):
    core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    identity = "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity"
    extension = [{"url": core, "valueCode": said["birthsex"]}] if "birthsex" in said else []
    if "identity" in said:
        extension.append({"url": identity, "valueCodeableConcept": {"coding": [{"code": said["identity"]}]}})
    gender = {"gender": said["gender"]} if "gender" in said else {}

    assert life_of({"resourceType": "Patient", **gender, "extension": extension}).sex == sex


def test_a_dead_patient_without_a_date_is_dead():
    assert life_of({"resourceType": "Patient", "deceasedBoolean": True}).is_dead
    assert not life_of({"resourceType": "Patient", "deceasedBoolean": False}).is_dead


@pytest.mark.parametrize(
    "other",
    [
        {"identifier": [{"value": "2"}]},
        {"issued": "2026-03-02T10:00:00Z"},
        {"note": [{"text": "sent again"}]},
        {"code": {"coding": [{**CODE["coding"][0], "display": "Glucose [Mass/volume]"}], "text": "sugar"}},
        {"meta": {"source": "another"}},
    ],
)
def test_the_same_said_in_other_words_is_the_same(other):
    assert entry_of(observation(**other)) == entry_of(observation())


@pytest.mark.parametrize(
    "other",
    [
        {"valueQuantity": {"value": 96, "unit": "mg/dL"}},
        {"effectiveDateTime": "2026-03-02T08:16:00Z"},
        {"specimen": {"reference": "Specimen/2"}},
        {"bodySite": {"text": "left arm"}},
    ],
)
def test_another_value_time_or_sample_is_another_entry(other):
    assert entry_of(observation(**other)) != entry_of(observation())


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "amended", "preliminary"])
def test_a_version_of_a_result_is_no_repetition(status):
    assert entry_of(observation(status=status)) is None


def test_a_day_and_a_midnight_are_not_a_time_of_day():
    assert entry_of(observation()).is_timed
    assert not entry_of(observation(effectiveDateTime="2026-03-02")).is_timed
    assert not entry_of(observation(effectiveDateTime="2026-03-02T00:00:00Z")).is_timed


def test_the_same_number_written_otherwise_is_the_same_value():
    def said(number: str) -> str:
        return entry_of(observation(valueQuantity={"value": Decimal(number), "unit": "mg/dL"})).content

    assert said("95.50") == said("95.5") == said("955e-1")
    assert entry_of(observation(valueQuantity={"value": 95, "unit": "mg/dL"})).content == said("95.0")
    assert entry_of(observation(valueQuantity={"value": 10**30, "unit": "mg/dL"})).content == said("1e30")
    assert said("0.0") == said("-0")
    assert said("1e1000000") != said("1e1000001")
    assert said("1" * 5000) == said("1" * 5000 + ".0")
    assert said("1." + "0" * 40 + "1") != said("1." + "0" * 40 + "2")
