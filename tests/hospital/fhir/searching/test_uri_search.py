"""URIs are found whole, as they are written."""

import pytest


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("url=http://example.org/vs/a", ["a"]),
        ("url=http://example.org/vs", []),
        ("url=HTTP://example.org/vs/a", []),
        ("url=http://example.org/vs/a,http://example.org/vs/b", ["a", "b"]),
        ("url:missing=true", ["c"]),
        ("_source=urn:lab", ["b"]),
    ],
)
def test_a_uri_is_found_whole(store, found, search, ids):
    store("ValueSet/a", status="active", url="http://example.org/vs/a")
    store("ValueSet/b", status="active", url="http://example.org/vs/b", meta={"source": "urn:lab"})
    store("ValueSet/c", status="active")

    assert found(f"ValueSet?{search}") == ids


@pytest.mark.parametrize("modifier", ["below", "above", "contains"])
def test_parts_of_a_uri_are_not_searched(refused, modifier):
    sentence, _path = refused(f"ValueSet?url:{modifier}=http://example.org")

    assert "url:missing" in sentence
