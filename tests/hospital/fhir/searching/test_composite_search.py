"""Composites: values that must stand together in one place."""

import pytest

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def _code(code):
    return {"coding": [{"system": LOINC, "code": code}]}


def _quantity(value, unit="mm[Hg]"):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


@pytest.fixture
def pressures(observe):
    """a: 120 over 80; b: 80 over 120, which must not be taken for it."""
    for name, systolic, diastolic in (("a", 120, 80), ("b", 80, 120)):
        components = [
            {"code": _code("8480-6"), "valueQuantity": _quantity(systolic)},
            {"code": _code("8462-4"), "valueQuantity": _quantity(diastolic)},
        ]
        observe(name, code=_code("85354-9"), component=components)
    observe("c", code=_code("8480-6"), valueQuantity=_quantity(16, "kPa"))
    observe("d", code=_code("x"), valueCodeableConcept={"coding": [{"system": "s", "code": "yes"}]})
    observe("e", code=_code("y"), valueString="Klebsiella pneumoniae")


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        (f"component-code-value-quantity={LOINC}|8480-6$gt100", ["a"]),
        ("component-code-value-quantity=8480-6$lt100", ["b"]),
        (f"component-code-value-quantity=8480-6$120|{UCUM}|mm[Hg]", ["a"]),
        ("component-code-value-quantity=8480-6$120,8462-4$120", ["a", "b"]),
        (f"combo-code-value-quantity=8480-6$gt100|{UCUM}|mm[Hg]", ["a", "c"]),
        (f"code-value-quantity=8480-6$16|{UCUM}|kPa", ["c"]),
        (f"code-value-quantity=8480-6$le120.1|{UCUM}|mm[Hg]", ["c"]),
        (f"code-value-quantity=|8480-6$16|{UCUM}|kPa", []),
        ("code-value-concept=x$yes", ["d"]),
        ("code-value-concept=x$s|yes", ["d"]),
        ("code-value-concept=x$no", []),
        ("code-value-string=y$klebs", ["e"]),
        ("code-value-string=y$staph", []),
        ("code-value-string=x$klebs", []),
        ("code-value-quantity:missing=false", ["c"]),
    ],
)
def test_the_values_of_a_composite_stand_together(pressures, found, search, ids):
    assert found(f"Observation?{search}") == ids


def test_a_documents_relation_and_its_target_stand_together(store, found):
    content = [{"attachment": {"contentType": "text/plain"}}]
    store("DocumentReference/old", status="current", content=content)
    for name, relation in (("new", "replaces"), ("signed", "signs")):
        relates = [{"code": relation, "target": {"reference": "DocumentReference/old"}}]
        store(f"DocumentReference/{name}", status="current", content=content, relatesTo=relates)

    # R4's definition writes the reference first; its expressions are the other way round, and are followed.
    assert found("DocumentReference?relationship=replaces$DocumentReference/old") == ["new"]


@pytest.mark.parametrize("value", ["8480-6", "8480-6$", "$120", "8480-6$120$3", "8480-6$high"])
def test_a_composite_that_lacks_a_part_is_refused(refused, value):
    _sentence, path = refused(f"Observation?code-value-quantity={value}")

    assert path in {"code-value-quantity", "value-quantity"}
