"""JSON text in, the same numbers and order out; what FHIR does not allow is refused with a sentence."""

import contextlib
import copy
import json
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.json import Number, dumps, loads

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"

number_texts = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@pytest.mark.parametrize("text", ["1.50", "1e2", "1E+2", "-0", "-0.0", "0.10", "123456789012345678901234567890", "5"])
def test_a_number_keeps_its_text(text):
    document = b'{"value":%s}' % text.encode()

    assert dumps(loads(document)) == document
    assert loads(document)["value"] == Decimal(text)


@given(number_texts)
def test_every_number_that_json_can_write_comes_back_as_written(text):
    document = b"[%s]" % text.encode()

    assert dumps(loads(document)) == document


json_values = st.recursive(
    st.none() | st.booleans() | number_texts.map(Number) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text("abc", max_size=3), children, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_a_document_written_and_read_is_the_same_document(value):
    assert dumps(loads(dumps(value))) == dumps(value)


def test_elements_keep_their_order():
    document = b'{"z":1,"a":2,"m":{"y":1,"b":2}}'

    assert dumps(loads(document)) == document


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a":1,"a":2}', "stands twice"),
        ('{"a":NaN}', "not a JSON number"),
        ('{"a":-Infinity}', "not a JSON number"),
        ('{"a":01}', "not JSON"),
        ('{"a":1', "line 1, column 7"),
        ("", "not JSON"),
        ("[" * 100 + "]" * 100, "levels deep"),
        ("[" * 100_000 + "]" * 100_000, "levels deep"),
        ('{"a":"\\ud800"}', "half a character"),
        ("[1e99999999999999999999999]", "exponent"),
        ("[" + "9" * 5000 + "]", "fewer digits"),
    ],
)
def test_what_fhir_does_not_allow_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(NotJSON, match=sentence):
        loads(text)


def test_bytes_that_are_no_utf_8_are_refused_with_their_place():
    with pytest.raises(NotJSON, match="Byte 7"):
        loads(b'{"a":"\xe9"}')


def test_a_document_over_the_limit_is_refused():
    with pytest.raises(NotJSON, match="larger than 10 bytes"):
        loads(b'{"abcdefgh":1}', max_bytes=10)


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), [{"a": float("inf")}], object()])
def test_a_value_without_a_json_form_is_not_written(value):
    with pytest.raises(NotJSON):
        dumps({"value": value})


def test_a_copied_number_keeps_its_text():
    number = loads("[1.50]")[0]

    assert copy.deepcopy(number).text == "1.50"
    assert pickle.loads(pickle.dumps(number)).text == "1.50"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(NotJSON):
        loads(data)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not beside this checkout")
def test_every_official_example_comes_back_with_its_numbers_and_order():
    def as_text(document):
        return json.loads(document, parse_float=str, parse_int=str, object_pairs_hook=list)

    files = list(EXAMPLES.glob("*.json"))
    assert len(files) > 700
    for file in files:
        assert as_text(dumps(loads(file.read_bytes()))) == as_text(file.read_bytes()), file.name
