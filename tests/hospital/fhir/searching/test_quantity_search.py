"""Quantities: in the unit that is named, in any commensurable one, or in none."""

import pytest

UCUM = "http://unitsofmeasure.org"


@pytest.fixture
def measured(observe):
    def quantity(value, code, **more):
        return {"value": value, "unit": code, "system": UCUM, "code": code, **more}

    observe("a", valueQuantity=quantity(5.4, "mmol/L"))
    observe("b", valueQuantity=quantity(5.449, "mmol/L"))
    observe("c", valueQuantity=quantity(5.45, "mmol/L"))
    observe("d", valueQuantity=quantity(5400, "umol/L"))
    observe("e", valueQuantity={"value": 5.4, "unit": "mmol/L"})
    observe("f", valueQuantity=quantity(5.4, "kg"))
    observe("g", valueQuantity=quantity(6, "mmol/L", comparator="<"))


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (f"5.4|{UCUM}|mmol/L", ["a", "b", "d"]),
        (f"5.40|{UCUM}|mmol/L", ["a", "d"]),
        (f"5400|{UCUM}|umol/L", ["a", "d"]),
        ("5.4", ["a", "b", "e", "f"]),
        ("5.4||mmol/L", ["a", "b", "e"]),
        (f"gt5.4|{UCUM}|mmol/L", ["b", "c", "g"]),
        (f"ge5.4|{UCUM}|mmol/L", ["a", "b", "c", "d", "g"]),
        (f"lt5.4|{UCUM}|mmol/L", ["g"]),
        (f"le5.4|{UCUM}|mmol/L", ["a", "d", "g"]),
        (f"sa5.4|{UCUM}|mmol/L", ["b", "c"]),
        (f"eb6.5|{UCUM}|mmol/L", ["a", "b", "c", "d", "g"]),
        (f"eb5.4|{UCUM}|mmol/L", []),
        (f"ap5|{UCUM}|mmol/L", ["a", "b", "c", "d", "g"]),
        (f"5.4|{UCUM}|kg", ["f"]),
        (f"5400|{UCUM}|g", ["f"]),
        (f"5.4|{UCUM}|mg/dL", []),
        ("5.4|urn:other|mmol/L", []),
        (f"5.4|{UCUM}|mmol/L,5.4|{UCUM}|kg", ["a", "b", "d", "f"]),
    ],
)
def test_a_quantity_is_found_in_its_unit_and_in_commensurable_ones(measured, found, value, ids):
    assert found(f"Observation?value-quantity={value}") == ids


@pytest.mark.parametrize("value", ["5.4|mmol/L", "high", "5.4|a|b|c", "|u|c", "1e999|u|c"])
def test_what_is_no_quantity_is_refused_with_one_that_is(refused, value, found):
    if value == "1e999|u|c":
        assert found(f"Observation?value-quantity={value}") == []
        return
    sentence, path = refused(f"Observation?value-quantity={value}")

    assert "value-quantity=gt5.4|http://unitsofmeasure.org|mmol/L" in sentence
    assert path == "value-quantity"


def test_missing_asks_for_a_quantity(measured, observe, found):
    observe("none")

    assert found("Observation?value-quantity:missing=true") == ["none"]
