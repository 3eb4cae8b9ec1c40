"""No resource, patch or Bundle, however it is made, is answered otherwise than by what was stored or a sentence."""

import json
from pathlib import Path

import pytest
from hostile import MARK, VALUES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import DEEP, NASTY, mutated, text_of
from plain_answers import must_be_plain

EXAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/suites/fhir-r4-examples").is_dir()), None
)
FUZZ = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
FAMILY = "Geheimrat"
OWN = (
    {"resourceType": "Patient", "id": "fuzz", "name": [{"family": FAMILY, "given": ["Ottokar"]}], "gender": "male",
     "birthDate": "1958-04-17", "identifier": [{"system": "urn:x", "value": "1"}]},
    {"resourceType": "Observation", "id": "fuzz", "status": "final", "subject": {"reference": "Patient/fuzz"},
     "code": {"coding": [{"system": "http://loinc.org", "code": "2339-0"}]}, "effectiveDateTime": "2026-03-02",
     "valueQuantity": {"value": 126, "system": "http://unitsofmeasure.org", "code": "mg/dL"}},
    {"resourceType": "Condition", "id": "fuzz", "subject": {"reference": "Patient/fuzz"}, "code": {"text": "x"}},
    {"resourceType": "Bundle", "id": "fuzz", "type": "collection", "entry": [{"fullUrl": "urn:uuid:1", "resource":
     {"resourceType": "Basic", "code": {"text": "x"}}}]},
)  # fmt: skip


def _resources():
    if EXAMPLES is None:
        return list(OWN)
    small = sorted(path for path in EXAMPLES.glob("**/*.json") if path.stat().st_size < 6000)
    loaded = [json.loads(path.read_text("utf-8")) for path in small]
    return [*OWN, *(one for one in loaded if isinstance(one, dict) and "resourceType" in one and "id" in one)]


RESOURCES = _resources()


@pytest.fixture
def watched(backend, caplog):
    """A server with a patient in it, whose name no log may hold."""
    assert backend.put("Patient/fuzz", OWN[0]).status_code == 201
    caplog.set_level("DEBUG")
    yield backend
    assert FAMILY not in caplog.text
    assert "Ottokar" not in caplog.text
    assert MARK not in caplog.text


def _send(backend, resource, how):
    type_name, logical_id = str(resource.get("resourceType")), str(resource.get("id"))
    is_named = type_name.isalpha() and type_name.isascii() and logical_id.isalnum()
    if how == "put" and is_named:
        return backend.put(f"{type_name}/{logical_id}", text_of(resource))
    if how in {"transaction", "batch"}:
        entry = {"fullUrl": "urn:uuid:1", "resource": resource, "request": {"method": "POST", "url": type_name}}
        return backend.post("", text_of({"resourceType": "Bundle", "type": how, "entry": [entry]}))
    type_name = type_name if is_named else "Patient"
    return backend.post(f"{type_name}/$validate" if how == "validate" else type_name, text_of(resource))


hows = st.sampled_from(["post", "put", "transaction", "batch", "validate"])


@settings(max_examples=100, **FUZZ)
@given(resource=mutated(RESOURCES), how=hows)
def test_a_mutated_resource_is_answered_plainly(watched, resource, how):
    must_be_plain(_send(watched, resource, how), sent=str(resource))


@pytest.mark.parametrize("said", [["Practitioner"], MARK, MARK * 1000, None, {}])
def test_a_contained_resource_of_no_type_is_refused_plainly(watched, said):
    contained = [{"resourceType": said, "id": "p"}]
    plan = {"resourceType": "Condition", "subject": {"reference": "#p"}, "contained": contained, "code": {"text": "x"}}

    must_be_plain(watched.post("Condition", plan), sent=str(plan))


@pytest.mark.slow
@settings(max_examples=1500, **FUZZ)
@given(resource=mutated(RESOURCES), how=hows)
def test_thousands_of_mutated_resources_are_answered_plainly(watched, resource, how):
    must_be_plain(_send(watched, resource, how), sent=str(resource))


pointers = st.sampled_from(
    ["", "/", "/name", "/name/0/family", "/name/-", "/name/99", "/id", "/resourceType", "/meta/versionId", "/~2", "/~",
     "/" + "a/" * 300, "name", "/identifier/0", "/\u202e", "/name/00", "/name/-1", "/birthDate"]
)  # fmt: skip
steps = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", MARK, None, 5]), "path": pointers},
    optional={"from": pointers, "value": st.sampled_from(NASTY)},
)


@settings(max_examples=100, **FUZZ)
@given(patch=st.lists(steps, max_size=4) | st.sampled_from([{}, 5, None, "x", [5], [[]], [{}]]))
def test_a_hostile_patch_is_answered_plainly(watched, patch):
    answer = watched.patch("Patient/fuzz", text_of(patch))

    must_be_plain(answer, sent=str(patch))


envelopes = st.fixed_dictionaries(
    {},
    optional={
        "request": st.fixed_dictionaries(
            {},
            optional={
                "method": st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "", None, 5, MARK]),
                "url": st.sampled_from(
                    ["Patient", "Patient/fuzz", "Patient?name=geh", "Patient/fuzz/$everything", "metadata", "", "/", "..",
                     "Patient/../../x", "http://example.org/Patient/1", "Patient/fuzz/_history/9", "Patient?identifier=",
                     "Nothing/1", "%00", "Patient?%ff=%ff", "Patient/%zz", "\u202e", "urn:uuid:1", "Patient?" + "a=b&" * 900,
                     "_history", "?_type=Patient", "$export", "openapi.json", None, 5, MARK]
                ),
                "ifMatch": st.sampled_from(['W/"1"', MARK, "", 5]),
                "ifNoneExist": st.sampled_from(["identifier=urn:x|1", "", MARK, "name=geh", "?", 5]),
                "ifNoneMatch": st.sampled_from(["*", MARK]),
            },
        ),
        "resource": st.sampled_from([*OWN, {}, [], None, 5, {"resourceType": "Bundle", "type": "batch"}]),
        "fullUrl": st.sampled_from(["urn:uuid:1", "urn:uuid:2", "", MARK, 5, "http://example.org/Patient/1"]),
    },
)  # fmt: skip
bundles = st.fixed_dictionaries(
    {
        "resourceType": st.just("Bundle"),
        "type": st.sampled_from(["batch", "transaction", "transaction", "searchset", None, MARK]),
        "entry": st.lists(envelopes | st.sampled_from([None, 5, []]), max_size=4) | st.sampled_from([None, {}, 5, "x"]),
    }
)


@settings(max_examples=100, **FUZZ)
@given(bundle=bundles)
def test_a_hostile_bundle_is_answered_plainly(watched, bundle):
    answer = watched.post("", text_of(bundle))

    must_be_plain(answer, sent=str(bundle))


@pytest.mark.slow
@settings(max_examples=1000, **FUZZ)
@given(bundle=bundles)
def test_thousands_of_hostile_bundles_are_answered_plainly(watched, bundle):
    must_be_plain(watched.post("", text_of(bundle)), sent=str(bundle))


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"null", b"[]", b"5", b'"x"', b"\xff\xfe{}", b'{"resourceType": "Patient", "resourceType": "Group"}',
     DEEP.encode(), b'{"a":' * 100_000, b'{"resourceType": "Patient", "multipleBirthInteger": 1e999999999}',
     b'{"resourceType": "Patient", "multipleBirthInteger": ' + b"9" * 5000 + b"}", b"NaN",
     b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}', b'{"resourceType":"Patient","id":"\\u0000"}'],
)  # fmt: skip
@pytest.mark.parametrize("address", ["Patient", "", "Patient/$match"])
def test_what_is_no_resource_is_refused_plainly(watched, text, address):
    answer = watched.post(address, text)

    must_be_plain(answer, sent=repr(text[:80]))
    assert answer.status_code >= 400


def test_hostile_headers_are_answered_plainly(watched):
    names = ("If-Match", "If-None-Match", "If-Modified-Since", "Prefer", "Accept", "X-Provenance")
    values = [text for text in VALUES if text.isascii() and text.isprintable() and len(text) < 3000]
    for name in names:
        for value in values[::3]:
            must_be_plain(watched.get("Patient/fuzz", **{name: value}), sent=f"{name}: {value}")
            must_be_plain(watched.put("Patient/fuzz", OWN[0], **{name: value}), sent=f"{name}: {value}")
