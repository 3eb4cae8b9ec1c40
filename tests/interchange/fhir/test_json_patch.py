"""JSON Patch as RFC 6902 has it, its appendix A among the cases; numbers keep their text."""

import pytest

from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.json_patch import MOST_OPERATIONS, NoPatch, NotApplicable, apply_patch


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ('{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'),
        ('{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'),
        ('{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'),
        ('{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'),
        ('{"baz":"qux","foo":"bar"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":"bar"}'),
        (
            '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
            '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
            '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
        ),
        (
            '{"foo":["all","grass","cows","eat"]}',
            '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
            '{"foo":["all","cows","eat","grass"]}',
        ),
        ('{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"qux"}]', '{"baz":"qux"}'),
        ('{"foo":"bar"}', '[{"op":"add","path":"/child","value":{"a":{}}}]', '{"foo":"bar","child":{"a":{}}}'),
        ('{"foo":"bar"}', '[{"op":"add","path":"/baz","value":1,"xyz":2}]', '{"foo":"bar","baz":1}'),
        ('{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["a"]}]', '{"foo":["bar",["a"]]}'),
        ('{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'),
        (
            '{"a/b":1,"m~n":2}',
            '[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":3}]',
            '{"m~n":3}',
        ),
        ('{"":1}', '[{"op":"replace","path":"/","value":2}]', '{"":2}'),
        ('{"a":1}', '[{"op":"add","path":"","value":{"b":2}}]', '{"b":2}'),
        (
            '{"a":[1]}',
            '[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}]',
            '{"a":[1],"b":[0,1]}',
        ),
        (
            '{"a":1.50}',
            '[{"op":"test","path":"/a","value":1.5},{"op":"copy","from":"/a","path":"/b"}]',
            '{"a":1.50,"b":1.50}',
        ),
        ('{"a":1}', '[{"op":"move","from":"/a","path":"/a"}]', '{"a":1}'),
        ('{"a":1}', "[]", '{"a":1}'),
    ],
)
def test_a_patch_makes_what_the_standard_says(document, patch, result):
    assert dumps(apply_patch(loads(document), loads(patch))).decode() == result


@pytest.mark.parametrize(
    ("document", "step"),
    [
        ('{"baz":"qux"}', '{"op":"test","path":"/baz","value":"bar"}'),
        ('{"foo":"bar"}', '{"op":"add","path":"/baz/bat","value":"qux"}'),
        ('{"a":true}', '{"op":"test","path":"/a","value":1}'),
        ('{"a":"10"}', '{"op":"test","path":"/a","value":10}'),
        ('{"a":[1]}', '{"op":"add","path":"/a/2","value":1}'),
        ('{"a":[1]}', '{"op":"remove","path":"/a/-"}'),
        ('{"a":[1,2]}', '{"op":"remove","path":"/a/01"}'),
        ('{"a":[1,2]}', '{"op":"remove","path":"/a/\\u0661"}'),
        ('{"a":1}', '{"op":"replace","path":"/b","value":1}'),
        ('{"a":{"b":1}}', '{"op":"move","from":"/a","path":"/a/b"}'),
        ('{"a":1}', '{"op":"remove","path":""}'),
    ],
)
def test_a_step_that_the_document_does_not_allow_is_refused_and_named(document, step):
    with pytest.raises(NotApplicable) as refused:
        apply_patch(loads(document), [{"op": "test", "path": "", "value": loads(document)}, loads(step)])

    assert refused.value.operation == 1


@pytest.mark.parametrize(
    "patch",
    [
        "{}",
        '[{"op":"add","path":"/a"}]',
        '[{"op":"move","path":"/a"}]',
        '[{"op":"spam","path":"/a"}]',
        '[{"op":"remove","path":"a"}]',
        '[{"op":"remove","path":"/a~2"}]',
        '[{"op":"remove"}]',
        "[3]",
    ],
)
def test_what_is_no_patch_is_refused(patch):
    with pytest.raises(NoPatch):
        apply_patch({"a": 1}, loads(patch))


def test_the_document_given_stays_as_it_is_when_a_later_step_fails():
    document = loads('{"a":[1,2]}')

    with pytest.raises(NotApplicable):
        apply_patch(document, loads('[{"op":"add","path":"/a/-","value":3},{"op":"remove","path":"/b"}]'))

    assert document == {"a": [1, 2]}


def test_a_patch_that_doubles_without_end_is_refused():
    doubling = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 60

    with pytest.raises(NotApplicable):
        apply_patch({"a": list(range(100))}, doubling)
    with pytest.raises(NoPatch):
        apply_patch({}, [{"op": "test", "path": "", "value": {}}] * (MOST_OPERATIONS + 1))
