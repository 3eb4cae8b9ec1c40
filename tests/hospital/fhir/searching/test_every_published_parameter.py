"""Every published parameter of the twenty types is accepted, and finds an official example that has a value for it."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import (
    CompositeEntry,
    DateEntry,
    NumberEntry,
    QuantityEntry,
    ReferenceEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)
from wardround.interchange.fhir.search_parameters import parameters_of

FOLDER = "shared/suites/fhir-r4-examples"
EXAMPLES = next((up / FOLDER for up in Path(__file__).parents if (up / FOLDER).is_dir()), None)
TYPES = (
    "Patient", "Practitioner", "Organization", "Encounter", "Condition", "Observation", "DiagnosticReport",
    "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure", "Immunization", "DocumentReference",
    "Consent", "Provenance", "AuditEvent", "RiskAssessment", "ServiceRequest", "CarePlan", "QuestionnaireResponse",
)  # fmt: skip
_SOME = {
    "token": "x",
    "string": "xyz",
    "date": "2020",
    "number": "1",
    "quantity": "1",
    "reference": "x",
    "uri": "urn:x",
}


def _escaped(text):
    for character in "\\,|$":
        text = text.replace(character, f"\\{character}")
    return text


def _value(entry):
    """How a search asks for this entry; None where it cannot (a text of fewer than three letters)."""
    match entry:
        case TokenEntry(_code, system, code) if code:
            return f"{_escaped(system)}|{_escaped(code)}"
        case StringEntry(_code, text):
            return _escaped(text) if re.search(r"\w{3}", text) else None
        case DateEntry(_code, low, high) if low.year > 1 and high.year < 9999:
            return "ap" + low.date().isoformat() if high - low > timedelta(days=1) else low.date().isoformat()
        case DateEntry(_code, low, _high):
            return f"ge{low.year:04}"
        case ReferenceEntry(_code, type_name, logical_id, url) if logical_id or (url and url[0] != "#"):
            return f"{type_name}/{logical_id}" if logical_id else _escaped(url)
        case UriEntry(_code, uri):
            return _escaped(uri)
        case NumberEntry():
            return f"ap{_number(entry)}"
        case QuantityEntry():
            return f"ap{_number(entry)}"
        case CompositeEntry(_code, parts):
            values = [_value(part) for part in parts]
            return "$".join(values) if all(values) else None
    return None


def _number(entry):
    return next(getattr(entry, name) for name in ("value", "low", "high") if getattr(entry, name, None) is not None)


def _examples(type_name):
    return [json.loads(path.read_text("utf-8")) for path in sorted(EXAMPLES.glob(f"{type_name}-*.json"))]


def _patients_named_in(resource):
    text = json.dumps(resource)
    return {part.split('"')[0] for part in text.split('"reference": "Patient/')[1:]}


@pytest.mark.skipif(EXAMPLES is None, reason=f"The folder {FOLDER} is not beside the checkout.")
@pytest.mark.parametrize("type_name", TYPES)
def test_every_parameter_of_the_type_finds_an_example_by_it(backend, type_name):
    examples = [one for one in _examples(type_name) if one["resourceType"] == type_name]
    for patient in sorted({name for example in examples for name in _patients_named_in(example)}):
        backend.put(f"Patient/{patient}", {"resourceType": "Patient", "id": patient})
    stored = [one for one in examples if backend.put(f"{type_name}/{one['id']}", one).status_code in {200, 201}]
    if backend.get(f"{type_name}/x").json()["issue"][0]["diagnostics"].startswith("There is no such type"):
        pytest.skip("This type is not served.")
    assert stored

    parameters = parameters_of(type_name)
    entries = [(one["id"], entry) for one in stored for entry in index_entries(one)]
    wrong = []
    for code, parameter in parameters.items():
        if code == "_lastUpdated":  # the server's own time, not the example's
            continue
        known = [(logical_id, _value(entry)) for logical_id, entry in entries if entry.parameter == code]
        asked = [(logical_id, value) for logical_id, value in known if value]
        logical_id, value = asked[0] if asked else ("", _any_value(parameter, parameters))
        response = backend.get(f"{type_name}?{urlencode({code: value, '_count': 500})}")
        ids = [entry["resource"]["id"] for entry in response.json().get("entry", []) if "resource" in entry]
        if response.status_code != 200 or (asked and logical_id not in ids):
            wrong.append((code, value, response.status_code))
    assert not wrong


def _any_value(parameter, parameters):
    """Of a parameter for which no example has a value."""
    if parameter.components:
        return "$".join(_any_value(parameters[code], parameters) for code in parameter.components)
    return _SOME[parameter.type]
