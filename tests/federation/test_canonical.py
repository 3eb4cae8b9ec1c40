"""One way to write a value: RFC 8785."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardround.federation.canonical import NotCanonical, canonical, read_canonical


@pytest.mark.parametrize(
    ("number", "written"),
    [  # RFC 8785, appendix B, and ECMAScript's Number::toString
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (0.34, "0.34"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(number, written):
    assert canonical(number) == written.encode()


def test_keys_are_sorted_by_their_utf_16_code_units():
    # RFC 8785, section 3.2.3: the emoji's surrogates come before U+FB33.
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "1": 4, "\r": 5}) == (
        '{"\\r":5,"1":4,"\u20ac":3,"\U0001f600":2,"\ufb33":1}'.encode()
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53 + 1, {1: "a"}, {"a"}, b"bytes", "\ud800"])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1 }', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b"NaN", b'"\\u0041"', b"[" * 100_000, b"[" * 900 + b"]" * 900,
     b"\xff", b""],
)  # fmt: skip
def test_bytes_in_another_form_are_refused(data):
    with pytest.raises(NotCanonical):
        read_canonical(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@settings(deadline=None)
@given(values)
def test_canonical_bytes_are_json_of_the_same_value_and_read_back(value):
    data = canonical(value)

    assert json.loads(data, parse_int=float) == json.loads(json.dumps(value), parse_int=float)
    assert canonical(read_canonical(data)) == data
