"""Tokens: a code in any system, in one, in none; not, in a value set, missing."""

import pytest

LOINC, LOCAL = "http://loinc.org", "urn:oid:1.2.3"


@pytest.fixture
def coded(observe):
    """a: LOINC x; b: local x; c: x without a system; d: LOINC y; e: only a text."""
    observe("a", code={"coding": [{"system": LOINC, "code": "x"}]})
    observe("b", code={"coding": [{"system": LOCAL, "code": "x"}]})
    observe("c", code={"coding": [{"code": "x"}]})
    observe("d", code={"coding": [{"system": LOINC, "code": "y"}]})
    observe("e", code={"text": "x"})


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("x", ["a", "b", "c"]),
        (f"{LOINC}|x", ["a"]),
        ("|x", ["c"]),
        (f"{LOINC}|", ["a", "d"]),
        ("x,y", ["a", "b", "c", "d"]),
        (f"|x,{LOINC}|y", ["c", "d"]),
        ("X", []),
        ("z", []),
    ],
)
def test_a_code_is_found_in_any_system_in_one_or_in_none(coded, found, value, ids):
    assert found(f"Observation?code={value}") == ids


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("code:not=x", ["d", "e"]),
        ("code:not=x,y", ["e"]),
        (f"code:not={LOINC}|x", ["b", "c", "d", "e"]),
        ("code=x&code:not=|x", ["a", "b"]),
    ],
)
def test_not_finds_what_has_none_of_the_codes_and_what_has_no_code(coded, found, search, ids):
    assert found(f"Observation?{search}") == ids


def test_a_comma_a_bar_and_a_backslash_can_be_meant_themselves(observe, found):
    observe("comma", code={"coding": [{"code": "x,y"}]})
    observe("bar", code={"coding": [{"system": "s", "code": "x|y"}]})
    observe("backslash", code={"coding": [{"code": "x\\y"}]})

    assert found("Observation?code=x\\,y") == ["comma"]
    assert found("Observation?code=s|x\\|y") == ["bar"]
    assert found("Observation?code=x\\\\y") == ["backslash"]


def test_in_finds_the_codes_of_a_value_set_that_is_held(store, found, refused):
    store("Patient/f", gender="female")
    store("Patient/m", gender="male")
    store("Patient/n")
    genders = "http://hl7.org/fhir/ValueSet/administrative-gender"

    assert found(f"Patient?gender:in={genders}") == ["f", "m"]
    assert found(f"Patient?gender:in={genders}|4.0.1") == ["f", "m"]
    assert found(f"Patient?gender:not-in={genders}") == ["n"]
    sentence, path = refused("Patient?gender:in=http://example.org/ValueSet/unknown")
    assert "value set that this server holds" in sentence
    assert path == "gender:in"


@pytest.mark.parametrize("modifier", ["text", "above", "below", "of-type", "exact", "nonsense"])
def test_a_modifier_that_is_not_offered_is_refused_with_those_that_are(refused, modifier):
    sentence, path = refused(f"Observation?code:{modifier}=x")

    assert "code:not, code:in, code:not-in, code:missing" in sentence
    assert path == f"code:{modifier}"


def test_an_identifier_is_found_with_or_without_its_system(store, found):
    store("Patient/p", identifier=[{"system": "urn:mrn", "value": "A-1"}])
    store("Patient/q", identifier=[{"value": "A-1"}])

    assert found("Patient?identifier=A-1") == ["p", "q"]
    assert found("Patient?identifier=urn:mrn|A-1") == ["p"]
    assert found("Patient?identifier=|A-1") == ["q"]
    assert found("Patient?identifier=urn:mrn|") == ["p"]
    assert found("Patient?identifier:not=urn:mrn|A-1") == ["q"]


@pytest.mark.parametrize("search", ["phone=555-1", "telecom=555-1", "email=i@example.org", "telecom=i@example.org"])
def test_a_telephone_number_and_an_address_of_mail_are_found_whole(store, found, search):
    store("Patient/p", telecom=[{"system": "phone", "value": "555-1"}, {"system": "email", "value": "i@example.org"}])
    store("Patient/q", telecom=[{"system": "phone", "value": "555-2"}])

    assert found(f"Patient?{search}") == ["p"]


def test_a_flag_is_a_token(store, found):
    store("Patient/p", active=True)
    store("Patient/q", active=False)
    store("Patient/r", deceasedBoolean=True)

    assert found("Patient?active=true") == ["p"]
    assert found("Patient?active=false") == ["q"]
    assert found("Patient?deceased=true") == ["r"]


def test_ids_and_tags_are_tokens_too(observe, found):
    observe("a", meta={"tag": [{"system": "urn:tags", "code": "red"}]})
    observe("b")
    observe("c", meta={"security": [{"system": "urn:labels", "code": "R"}], "profile": ["http://example.org/p"]})

    assert found("Observation?_id=a,c,zzz") == ["a", "c"]
    assert found("Observation?_id:not=a") == ["b", "c"]
    assert found("Observation?_tag=urn:tags|red") == ["a"]
    assert found("Observation?_security=R") == ["c"]
    assert found("Observation?_profile=http://example.org/p") == ["c"]


@pytest.mark.parametrize(("search", "ids"), [("code:missing=true", []), ("status:missing=false", ["a"])])
def test_missing_asks_whether_there_is_any_value(observe, found, search, ids):
    observe("a", code={"coding": [{"code": "x"}]})

    assert found(f"Observation?{search}") == ids


@pytest.mark.parametrize("search", ["code=", "code=,", "code=|", "code:missing=maybe", "code"])
def test_a_token_that_says_nothing_is_refused(refused, search):
    _sentence, path = refused(f"Observation?{search}")

    assert path == "code"
