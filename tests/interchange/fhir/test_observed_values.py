"""An observation's values come out with their codes, unit and time, as received."""

import pytest

from wardround.clinical.catalogue import Coding
from wardround.interchange.fhir.json import loads, number_text
from wardround.interchange.fhir.values import observed_values

CODE = {
    "coding": [{"system": "urn:wardround:local:x", "code": "KOL"}, {"system": "http://loinc.org", "code": "2093-3"}]
}


def observation(**content):
    return {"resourceType": "Observation", "status": "final", "code": CODE, "effectiveDateTime": "2026-02-03"} | content


def test_a_quantity_keeps_its_digits_its_codes_and_its_ucum_unit():
    quantity = loads('{"value":6.10,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"}')

    (found,) = observed_values(observation(valueQuantity=quantity))

    assert found.path == "Observation.valueQuantity"
    assert found.codings == (Coding("urn:wardround:local:x", "KOL"), Coding("http://loinc.org", "2093-3"))
    assert (number_text(found.value), found.unit, found.time) == ("6.10", "mmol/L", "2026-02-03")


def test_a_unit_without_a_system_is_the_written_one():
    (found,) = observed_values(observation(valueQuantity={"value": 120, "unit": "Hgmm"}))

    assert found.unit == "Hgmm"


def test_components_have_their_own_codes_and_paths():
    components = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }
        for code, value in (("8480-6", 120), ("8462-4", 80))
    ]

    found = observed_values(observation(component=components))

    assert [f.path for f in found] == [
        "Observation.component[0].valueQuantity",
        "Observation.component[1].valueQuantity",
    ]
    assert [f.codings[0].code for f in found] == ["8480-6", "8462-4"]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ({"valueBoolean": False}, False),
        ({"valueString": "1,5"}, "1,5"),
        ({"valueCodeableConcept": {"coding": [{"system": "s", "code": "c"}]}}, (Coding("s", "c"),)),
        ({"valueCodeableConcept": {"text": "none"}}, "none"),
        ({"valueInteger": 3}, 3),
    ],
)
def test_an_answer_is_a_bool_a_coding_or_a_text(content, value):
    (found,) = observed_values(observation(**content))

    assert found.value == value


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg/dL"}},
        {"valueQuantity": {"unit": "mg/dL"}},
        {"valueRange": {"low": {"value": 1}}},
        {"dataAbsentReason": {"text": "not done"}},
    ],
)
def test_what_has_no_single_value_gives_none(content):
    assert observed_values(observation(**content)) == []


def test_a_text_with_a_unit_beside_it_keeps_the_unit():
    extension = [{"url": "urn:wardround:unit-as-received", "valueString": "mm"}]

    (found,) = observed_values(observation(extension=extension, valueString="1,5"))

    assert (found.value, found.unit) == ("1,5", "mm")


def test_another_resource_has_no_observed_values():
    assert observed_values({"resourceType": "Patient", "valueString": "x"}) == []
