"""Official examples with something dropped, doubled, retyped, nested or blown up: a check judges them and never fails."""

import copy
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardround.interchange.fhir.definitions import type_rule
from wardround.interchange.fhir.json import Number, loads
from wardround.interchange.fhir.structure import MAX_PROBLEMS, check, check_with_warnings

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not on this machine")
ODD = [None, True, 0, -1, Number("1e999"), 1.5, "", " ", "\x00", "x" * 2_000_000, [], {}, [[]], [None], {"a": {}}, "#"]


@cache
def examples():
    return [loads(file.read_bytes()) for file in sorted(EXAMPLES.glob("*.json")) if file.stat().st_size < 20_000]


def places(value):
    """(holder, key) of everything in a resource."""
    found, pending = [], [value]
    while pending:
        holder = pending.pop()
        for key, below in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            found.append((holder, key))
            if isinstance(below, dict | list):
                pending.append(below)
    return found


def mutated(resource, draw):
    resource = copy.deepcopy(resource)
    for _ in range(draw(st.integers(1, 3))):
        all_places = places(resource)
        if not all_places:
            break
        holder, key = all_places[draw(st.integers(0, len(all_places) - 1))]
        match draw(st.sampled_from(["drop", "double", "retype", "nest", "move"])):
            case "drop":
                del holder[key]
            case "double":
                holder[key] = [copy.deepcopy(holder[key])] * 2
            case "retype":
                holder[key] = draw(st.sampled_from(ODD))
            case "nest":
                for _ in range(80):
                    holder[key] = {"extension": [holder[key]]}
            case "move":
                other, name = all_places[draw(st.integers(0, len(all_places) - 1))]
                holder[key] = copy.deepcopy(other[name])
    return resource


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutated_example_is_judged_without_an_exception(data):
    resource = mutated(data.draw(st.sampled_from(examples())), data.draw)

    errors, all_found = check(resource), check_with_warnings(resource)

    assert len(errors) <= MAX_PROBLEMS
    assert all(problem.severity == "error" and problem.sentence.endswith(".") for problem in errors)
    assert bool(errors) == any(problem.severity == "error" for problem in all_found)


def bound_codes(resource):
    """The elements of the resource itself that hold one code of a listed required value set."""
    rule = type_rule(resource["resourceType"])
    bound = [e for e in rule.elements.values() if e.type == "code" and e.binding is not None and not e.many]
    return [element.name for element in bound if element.name in resource]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_required_code_that_is_changed_is_always_refused(data):
    resource = data.draw(st.sampled_from([example for example in examples() if bound_codes(example)]))
    name = data.draw(st.sampled_from(bound_codes(resource)))

    problems = check(resource | {name: resource[name] + data.draw(st.sampled_from(["x", "-", " ", "é"]))})

    assert f"{resource['resourceType']}.{name}" in {problem.path for problem in problems}
