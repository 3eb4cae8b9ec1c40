"""Resources as nobody should send them: valid ones with a few places changed for the worse."""

import copy
import json

from hostile import MARK
from hypothesis import strategies as st

DEEP = "[" * 200 + "]" * 200
NASTY = (
    None, True, False, 0, -1, 10**30, 1e308, "", " ", MARK, MARK * 3000, "\u202e" + MARK, "\x00", "a\x00b", "\ud800", [], {},
    [[]], [{}], [None], {"": ""}, {"resourceType": "Patient"}, {"reference": "Patient/" + "x" * 70},
    {"reference": "#nothing"}, {"reference": "urn:uuid:" + MARK}, {"reference": "http://[bad"}, {"reference": 5},
    "2026-02-30", "0000-01-01", "9999-12-31T23:59:59.999999999+14:00", "Patient/1", "//", {"value": 1e308, "code": "mg"},
    {"value": 5, "system": "http://unitsofmeasure.org", "code": "((((" + MARK},
    {"coding": [{"system": MARK * 100, "code": MARK * 400}]}, {"start": "2026", "end": "2025"},
    {"extension": [{"url": "x", "valueString": "y", "valueCode": "z"}]}, [1, "a", {}, []],
    "<div xmlns='http://www.w3.org/1999/xhtml'><script>" + MARK + "</script></div>",
)  # fmt: skip


def places(value, path=()):
    """The path of everything inside."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def at(value, path):
    for step in path:
        value = value[step]
    return value


@st.composite
def mutated(draw, resources):
    """One of the resources with up to three places replaced, renamed, doubled or taken out."""
    resource = copy.deepcopy(draw(st.sampled_from(resources)))
    for _each in range(draw(st.integers(1, 3))):
        inner = [path for path in places(resource) if path]
        if not inner:
            break
        *parents, last = draw(st.sampled_from(inner))
        parent = at(resource, parents)
        match draw(st.sampled_from(["replace", "replace", "remove", "rename", "double", "wrap"])):
            case "replace":
                parent[last] = copy.deepcopy(draw(st.sampled_from(NASTY)))
            case "remove":
                del parent[last]
            case "rename" if isinstance(parent, dict):
                parent[
                    draw(
                        st.sampled_from(
                            ["notAnElement", "_" + str(last), "value", "contained", "extension", "id", "meta"]
                        )
                    )
                ] = parent.pop(last)
            case "double" if isinstance(parent, list):
                parent.extend(copy.deepcopy(parent[last]) for _again in range(20))
            case "wrap":
                parent[last] = [parent[last]]
    return resource


def text_of(resource):
    """JSON text; a lone surrogate is written as its escape."""
    return json.dumps(resource)
