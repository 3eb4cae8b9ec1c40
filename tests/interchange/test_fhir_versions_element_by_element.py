"""Every element that R5 and STU3 have, one by one in each type that is read: its values come out in R4, or it is refused.

The elements are those of another project's schemas (fhir.resources, a development package).
"""

import importlib
import itertools
import re

import pytest
from resources_of_other_versions import R5, STU3

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir_versions import as_r4

pytest.importorskip("fhir.resources")
PACKAGES = {"R5": ("fhir.resources", R5), "STU3": ("fhir.resources.STU3", STU3)}
LEFT_OUT = {"resourceType", "resource_type", "contained", "fhir_comments", "meta", "text", "extension"}
LEFT_OUT |= {"modifierExtension", "implicitRules", "language", "id"}
PYTHON = {
    "str": "String",
    "bool": "Boolean",
    "int": "Integer",
    "Decimal": "Decimal",
    "datetime": "DateTime",
    "date": "Date",
}
CHOICES = ("value", "effective", "occurrence", "occurence", "onset", "abatement", "medication", "performed", "deceased")
# Said in R4 by where the value stands: who recorded, who asserted, what is a member, that it was not done.
TOLD_BY_ITS_PLACE = {"author", "informant", "has-member", "taking", True}
SYSTEMS = re.compile(r"http://(terminology\.hl7\.org|hl7\.org/fhir)/|http://snomed\.info/sct$")
COUNT = itertools.count(1)


def value_of(kind):
    """A small value of a FHIR type that was never there before; None for a type that is not known here."""
    number = next(COUNT)
    year = f"20{number % 80 + 10}"
    simple = {
        **dict.fromkeys(("String", "Markdown", "Code", "Id"), f"x{number}"),
        **dict.fromkeys(("Uri", "Url", "Canonical"), f"urn:x:{number}"),
        **dict.fromkeys(("Integer", "PositiveInt", "UnsignedInt", "Decimal"), number),
        "Boolean": True,
        "Integer64": str(number),
        "Date": f"{year}-01-02",
        "Base64Binary": "aGk=",
        **dict.fromkeys(("DateTime", "Instant"), f"{year}-01-01T00:00:00Z"),
        "CodeableConcept": {"coding": [{"system": "urn:s", "code": f"k{number}"}]},
        "Coding": {"system": "urn:s", "code": f"k{number}"},
        "Reference": {"display": f"r{number}"},
        "CodeableReference": {"concept": {"text": f"c{number}"}},
        "Identifier": {"value": f"i{number}"},
        "Quantity": {"value": number},
        "Age": {"value": number, "system": "http://unitsofmeasure.org", "code": "a"},
        "Duration": {"value": number, "system": "http://unitsofmeasure.org", "code": "h"},
        "Period": {"start": year},
        "Range": {"low": {"value": number}},
        "Ratio": {"numerator": {"value": number}, "denominator": {"value": 1}},
        "Annotation": {"text": f"a{number}"},
        "Attachment": {"title": f"t{number}"},
        "HumanName": {"family": f"f{number}"},
        "ContactPoint": {"system": "phone", "value": f"{number}"},
        "Address": {"city": f"c{number}"},
        "Timing": {"event": [year]},
        "Dosage": {"text": f"d{number}"},
        "ExtendedContactDetail": {"telecom": [{"system": "phone", "value": f"{number}"}]},
    }
    return simple.get(kind)


def fields(model):
    """(name, does it repeat, type) of a schema's elements."""
    for name, field in model.model_fields.items():
        alias, annotation = field.alias or name, str(field.annotation)
        if alias in LEFT_OUT or alias.startswith("_") or name.endswith("__ext"):
            continue
        named = [found for found in re.findall(r"(\w+)Type\b", annotation) if found != "None"]
        plain = re.search(r"\b(str|bool|int|Decimal|datetime|date)\b(?!\.)", annotation)
        yield alias, "List" in annotation, named[0] if named else PYTHON.get(plain[1]) if plain else None


def leaves(value):
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


def each_element(version, type_name):
    """(element, value) for every element of a type, and for every part of its backbone elements."""
    package, samples = PACKAGES[version]
    schema = "MedicationStatement" if type_name == "MedicationUsage" else type_name
    module = importlib.import_module(f"{package}.{schema.lower()}")
    for name, is_list, kind in fields(getattr(module, schema)):
        value = value_of(kind)
        if value is not None:
            yield name, [value] if is_list else value
            continue
        backbone = getattr(module, kind or "", None)
        for part, part_is_list, part_kind in fields(backbone) if hasattr(backbone, "model_fields") else ():
            if (inner := value_of(part_kind)) is not None:
                there = samples[type_name].get(name, {})
                basis = there[0] if isinstance(there, list) else there
                made = {**basis, part: [inner] if part_is_list else inner}
                yield name, [made] if is_list else made


@pytest.mark.parametrize(("version", "type_name"), [(v, t) for v, (_p, samples) in PACKAGES.items() for t in samples])
def test_what_an_element_says_comes_out_or_is_refused(version, type_name):
    sample = PACKAGES[version][1][type_name]
    brought = 0
    for name, value in each_element(version, type_name):
        stem = next((choice for choice in CHOICES if re.match(f"{choice}[A-Z]", name)), None)
        others = {k: v for k, v in sample.items() if stem is None or not re.match(f"{stem}[A-Z]", k)}
        try:
            made = as_r4({"resourceType": type_name} | others | {name: value}, version=version)
        except Unreadable:
            continue
        out = list(leaves(made))
        lost = [leaf for leaf in leaves(value) if leaf not in out and leaf not in TOLD_BY_ITS_PLACE]
        assert [leaf for leaf in lost if not (isinstance(leaf, str) and SYSTEMS.match(leaf))] == [], (name, value)
        brought += 1

    assert brought
