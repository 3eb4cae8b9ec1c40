"""What shapes the answer: _count, _total, _elements, _summary."""

import pytest

from wardround.hospital.records.search import finding

BODY = {
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "identifier": [{"value": "1"}],
    "name": [{"family": "Kovács"}],
    "gender": "female",
    "contact": [{"name": {"family": "Kovács"}, "gender": "male"}],
    "multipleBirthInteger": 2,
}


@pytest.fixture
def one(store):
    store("Patient/p", **BODY)


def _resource(backend, search):
    return backend.get(search).json()["entry"][0]["resource"]


def test_a_resource_with_some_elements_says_so_and_the_stored_one_does_not(backend, one):
    part = _resource(backend, "Patient?_elements=name,gender")

    assert set(part) == {"resourceType", "id", "meta", "name", "gender"}
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert part["meta"]["versionId"] == "1"
    assert "tag" not in backend.get("Patient/p").json()["meta"]


@pytest.mark.parametrize(
    ("elements", "names"),
    [
        ("multipleBirth", {"multipleBirthInteger"}),
        ("multipleBirth[x]", {"multipleBirthInteger"}),
        ("Patient.name", {"name"}),
        ("identifier, name", {"identifier", "name"}),
        ("Observation.code,name", {"name"}),
    ],
)
def test_elements_are_named_as_the_standard_names_them(backend, one, elements, names):
    assert set(_resource(backend, f"Patient?_elements={elements}")) - {"resourceType", "id", "meta"} == names


@pytest.mark.parametrize("elements", ["nonsense", "name.family", "", "Observation.nonsense"])
def test_an_element_that_the_type_does_not_have_is_refused(refused, elements):
    refused(f"Patient?_elements={elements}")


def test_what_must_be_there_stays(backend, observe):
    observe("o", valueInteger=3)

    assert set(_resource(backend, "Observation?_elements=value")) == {
        "resourceType", "id", "meta", "status", "code", "valueInteger",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("summary", "names"),
    [
        ("true", {"identifier", "name", "gender"}),
        ("text", {"text"}),
        ("data", {"identifier", "name", "gender", "contact", "multipleBirthInteger"}),
    ],
)
def test_a_summary_is_a_part_and_says_so(backend, one, summary, names):
    part = _resource(backend, f"Patient?_summary={summary}")

    assert set(part) - {"resourceType", "id", "meta"} == names
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_without_a_summary_the_text_is_as_stored(backend, one):
    assert _resource(backend, "Patient?_summary=false") == backend.get("Patient/p").json()


@pytest.mark.parametrize("search", ["Patient?_summary=count", "Patient?_count=0"])
def test_a_count_has_a_total_and_no_entries(backend, store, search):
    for number in range(3):
        store(f"Patient/p{number}")

    document = backend.get(search).json()

    assert document["total"] == 3
    assert "entry" not in document
    assert [link["relation"] for link in document["link"]] == ["self"]


@pytest.mark.parametrize(
    ("total", "counted"), [("", None), ("&_total=none", None), ("&_total=accurate", 4), ("&_total=estimate", 3)]
)
def test_hits_are_counted_up_to_a_limit_and_beyond_it_when_asked(backend, store, monkeypatch, total, counted):
    monkeypatch.setattr(finding, "COUNTED", 2)
    for number in range(4):
        store(f"Patient/p{number}", gender="female")

    document = backend.get(f"Patient?gender=female&_count=1{total}").json()

    assert document.get("total") == counted
    assert backend.get(f"Patient?gender=male{total}").json().get("total") == (None if total == "&_total=none" else 0)


@pytest.mark.parametrize("count", ["٣", "-1", "1.5", "all", "1" * 10, "½"])
def test_a_count_is_a_whole_number_in_plain_digits(refused, count):
    sentence, path = refused(f"Patient?_count={count}")

    assert "_count=50" in sentence
    assert path == "_count"


@pytest.mark.parametrize(
    "search",
    ["_summary=much", "_total=roughly", "_count=1&_count=2", "_summary=text&_include=Patient:link", "_sort=a&_sort=b"],
)
def test_what_shapes_no_answer_is_refused(refused, search):
    refused(f"Patient?{search}")
