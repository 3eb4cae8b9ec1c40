"""_include and _revinclude, once and again."""

import pytest

from wardround.hospital.records.search import includes


@pytest.fixture
def web(store, observe):
    store("Organization/top", name="Ministry")
    store("Organization/mid", name="County", partOf={"reference": "Organization/top"})
    store("Organization/low", name="Ward", partOf={"reference": "Organization/mid"})
    store("Patient/p", managingOrganization={"reference": "Organization/low"})
    store("Patient/q")
    observe("a", subject={"reference": "Patient/p"})
    observe("b", subject={"reference": "Patient/q"}, hasMember=[{"reference": "Observation/a"}])


@pytest.fixture
def modes(backend):
    """(ids of hits, addresses of what came along)."""

    def of(search, client=None):
        response = (client or backend).get(search)
        assert response.status_code == 200, response.content
        entries = response.json().get("entry", [])
        hits = [e["resource"]["id"] for e in entries if e["search"]["mode"] == "match"]
        along = [e["fullUrl"].partition("/R4/")[2] for e in entries if e["search"]["mode"] == "include"]
        return hits, sorted(along)

    return of


@pytest.mark.parametrize(
    ("search", "along"),
    [
        ("Observation?_include=Observation:subject", ["Patient/p", "Patient/q"]),
        ("Observation?_id=a&_include=Observation:subject", ["Patient/p"]),
        ("Observation?_id=a&_include=Observation:subject:Patient", ["Patient/p"]),
        ("Observation?_id=a&_include=Observation:subject:Group", []),
        ("Observation?_id=a&_include=Patient:organization", []),
        (
            "Observation?_id=a&_include=Observation:subject&_include:iterate=Patient:organization",
            ["Organization/low", "Patient/p"],
        ),
        (
            "Patient?_id=p&_include=Patient:organization&_include:iterate=Organization:partof",
            ["Organization/low", "Organization/mid", "Organization/top"],
        ),
        ("Organization?_id=low&_include=Organization:partof", ["Organization/mid"]),
        ("Patient?_id=p&_revinclude=Observation:subject", ["Observation/a"]),
        ("Patient?_id=p&_revinclude=Observation:subject:Patient", ["Observation/a"]),
        ("Patient?_id=p&_revinclude=Observation:encounter", []),
        (
            "Patient?_id=p&_revinclude=Observation:subject&_revinclude:iterate=Observation:has-member",
            ["Observation/a", "Observation/b"],
        ),
        ("Observation?_id=a&_include=*", ["Patient/p"]),
        ("Observation?_id=a&_include=Observation:*", ["Patient/p"]),
        ("Observation?_id=a,b&_include=Observation:has-member", []),
    ],
)
def test_what_comes_along_is_marked_and_stands_there_once(web, modes, search, along):
    assert modes(search)[1] == along


def test_a_canonical_reference_is_followed_to_the_resource_of_that_address(store, modes):
    url = "http://example.org/Questionnaire/q"
    store("Questionnaire/q", status="active", url=url)
    store("QuestionnaireResponse/r", status="completed", questionnaire=f"{url}|1.0")

    assert modes("QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire")[1] == ["Questionnaire/q"]


def test_the_total_counts_the_hits_only(web, backend):
    document = backend.get("Observation?_include=Observation:subject&_count=1").json()

    assert document["total"] == 2
    assert len(document["entry"]) == 2


def test_too_many_are_cut_and_the_answer_says_so(web, backend, monkeypatch):
    monkeypatch.setattr(includes, "MOST_INCLUDED", 1)

    entries = backend.get("Observation?_include=Observation:subject").json()["entry"]

    assert [entry["search"]["mode"] for entry in entries] == ["match", "match", "include", "outcome"]
    assert "would be included" in entries[-1]["resource"]["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "value",
    ["Observation", "Nonsense:subject", "Observation:code", "Observation:nonsense", "Observation:subject:Device:x", ""],
)
def test_what_cannot_be_followed_is_refused(refused, value):
    refused(f"Observation?_include={value}")
