"""Texts: by their beginning, a part, exactly; encrypted, so some of it is refused in words."""

import pytest


@pytest.fixture
def named(store):
    store("Patient/a", name=[{"family": "Kovács", "given": ["Ilona", "Márta"]}])
    store("Patient/b", name=[{"family": "van den Berg", "given": ["Ko"]}])
    store("Patient/c", name=[{"family": "O'Brien"}, {"text": "Kovalova Irina"}])


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("name=kov", ["a", "c"]),
        ("name=KOVÁCS", ["a"]),
        ("family=kov", ["a"]),
        ("given=ilona", ["a"]),
        ("given=ilonka", []),
        ("name=kovács ilona", ["a"]),
        ("name=kovács béla", []),
        ("family=van den b", ["b"]),
        ("family=berg", []),  # the text begins with "van"
        ("name=o'bri", ["c"]),
        ("name=kovalova irina", ["c"]),
        ("name=kov,van", ["a", "b", "c"]),
        ("name=kov&name=ilo", ["a"]),
        ("family=kovácsovicsovicsova", []),
    ],
)
def test_a_text_is_found_by_its_beginning_whatever_its_case_and_accents(named, found, search, ids):
    assert found(f"Patient?{search}") == ids


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("family:contains=ovác", ["a"]),
        ("family:contains=den berg", ["b"]),
        ("name:contains=BRIE", ["c"]),
        ("name:contains=ilm", []),
        ("family:exact=Kovács", ["a"]),
        ("family:exact=Kovacs", []),
        ("family:exact=kovács", []),
        ("given:exact=Ko", ["b"]),
        ("family:exact=van den Berg", ["b"]),
        ("family:exact=Berg", []),
        ("name:missing=false", ["a", "b", "c"]),
        ("given:missing=true", ["c"]),
    ],
)
def test_a_text_is_found_by_a_part_exactly_or_by_being_there(named, found, search, ids):
    assert found(f"Patient?{search}") == ids


@pytest.mark.parametrize("search", ["name=ko", "name:contains=ko", "name=o'b", "name=..."])
def test_fewer_than_three_letters_cannot_be_looked_up_and_are_refused(refused, search):
    sentence, _path = refused(f"Patient?{search}")

    assert "letters" in sentence


def test_the_refusal_does_not_repeat_what_was_searched(refused):
    sentence, path = refused("Patient?name=xq")

    assert "xq" not in sentence + path


@pytest.mark.parametrize("modifier", ["not", "text", "in"])
def test_a_modifier_of_another_kind_is_refused(refused, modifier):
    sentence, _path = refused(f"Patient?name:{modifier}=kov")

    assert "name:exact, name:contains, name:missing" in sentence


def test_an_address_is_found_by_its_parts(store, found):
    home = {"line": ["Main Street 10"], "city": "Győr", "postalCode": "9021", "country": "Hungary", "use": "home"}
    store("Patient/p", address=[home])
    store("Patient/q", address=[{"city": "Budapest", "country": "Hungary"}])

    assert found("Patient?address=main str") == ["p"]
    assert found("Patient?address-city=gyor") == ["p"]
    assert found("Patient?address-postalcode=9021") == ["p"]
    assert found("Patient?address-country=hun") == ["p", "q"]
    assert found("Patient?address-use=home") == ["p"]


def test_a_text_that_is_no_name_is_found_by_its_beginning_only(observe, found):
    observe("a", valueString="No fever since Monday")
    observe("b", valueString="Fever")

    assert found("Observation?value-string=no fev") == ["a"]
    assert found("Observation?value-string=fever") == ["b"]
    assert found("Observation?value-string:contains=fever") == ["a", "b"]
