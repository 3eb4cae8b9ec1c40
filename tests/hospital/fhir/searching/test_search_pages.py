"""Pages: opaque links that show nothing, cannot be made up, and stay stable while data change."""

import pytest

from wardround.hospital.fhir.searching import links
from wardround.hospital.records.search import finding


def _links(document):
    return {link["relation"]: link["url"] for link in document["link"]}


def _next(document):
    return _links(document).get("next", "").partition("/fhir/R4/")[2]


def _ids(document):
    return [entry["resource"]["id"] for entry in document.get("entry", [])]


@pytest.fixture
def everyone(store):
    return [store(f"Patient/t{n}", name=[{"family": f"Tóth{letter}"}])[8:] for n, letter in enumerate("abcde")]


@pytest.fixture
def pages_of_many(monkeypatch):
    """As with more hits than are counted."""
    monkeypatch.setattr(finding, "COUNTED", 2)


def _all_pages(backend, address):
    seen = []
    while address:
        document = backend.get(address).json()
        seen.append(_ids(document))
        address = _next(document)
    return seen


@pytest.mark.parametrize("search", ["Patient?_count=2", "Patient?name=tóth&_count=2", "Patient?_count=2&_sort=_id"])
def test_pages_follow_each_other_without_loss_or_repetition(backend, everyone, search):
    assert _all_pages(backend, search) == [everyone[:2], everyone[2:4], everyone[4:]]


@pytest.mark.parametrize("search", ["Patient?_count=2", "Patient?gender:missing=true&_count=2"])
def test_pages_of_many_hits_follow_each_other_too(backend, everyone, pages_of_many, search):
    assert _all_pages(backend, search) == [everyone[:2], everyone[2:4], everyone[4:]]


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("date", ["d", "e", "a", "b", "c", "f"]),
        ("-date", ["b", "a", "e", "d", "f", "c"]),
        ("-_lastUpdated", ["f", "e", "d", "c", "b", "a"]),
        ("code,-date", ["d", "c", "b", "a", "e", "f"]),
    ],
)
def test_many_hits_are_sorted_by_the_order_of_an_index(backend, observe, pages_of_many, sort, ids):
    observe("a", effectiveDateTime="2020-05-01", code={"coding": [{"code": "m"}]})
    observe("b", effectiveDateTime="2021-05-01", code={"coding": [{"code": "m"}]})
    observe("c", code={"coding": [{"code": "k"}]})
    observe("d", effectiveDateTime="2019-05-01", code={"coding": [{"code": "k"}]})
    observe("e", effectiveDateTime="2019-05-01", code={"coding": [{"code": "m"}]})
    observe("f", code={"coding": [{"code": "m"}]})

    pages = _all_pages(backend, f"Observation?_sort={sort}&_count=2")

    assert [one for page in pages for one in page] == ids
    assert _all_pages(backend, f"Observation?_sort={sort}&code=m&_count=1") == [
        [one] for one in ids if one not in {"c", "d"}
    ]


@pytest.mark.parametrize("search", ["Patient?_count=2", "Patient?name=tóth&_count=2", "Patient?_sort=-_id&_count=2"])
def test_what_is_stored_later_neither_shifts_nor_repeats_anything(backend, store, everyone, search):
    first = backend.get(search).json()
    store("Patient/new", name=[{"family": "Tóthnew"}])
    store("Patient/zzz", name=[{"family": "Tóthzzz"}])

    rest = _all_pages(backend, _next(first))

    assert sorted(_ids(first) + [one for page in rest for one in page]) == everyone
    assert first["total"] == 5


@pytest.mark.parametrize("search", ["Observation?_count=2", "Observation?_sort=-date&_count=2"])
def test_what_is_deleted_meanwhile_disappears_and_shifts_nothing(backend, observe, search):
    for day, name in enumerate("abcdef", 1):
        observe(name, effectiveDateTime=f"2020-01-0{day}")
    whole = [one for page in _all_pages(backend, search) for one in page]
    first = backend.get(search).json()
    backend.request("DELETE", f"Observation/{whole[0]}")
    backend.request("DELETE", f"Observation/{whole[3]}")

    rest = [one for page in _all_pages(backend, _next(first)) for one in page]

    assert _ids(first) == whole[:2]
    assert rest == [whole[2], *whole[4:]]


def test_the_total_of_later_pages_is_that_of_the_first(backend, store, everyone):
    first = backend.get("Patient?_count=2").json()
    store("Patient/new")

    assert backend.get(_next(first)).json()["total"] == first["total"] == 5


def test_a_link_shows_no_name_and_the_first_page_has_no_position(backend, everyone):
    document = backend.get("Patient?name=tóth&_count=2").json()

    assert _links(document)["self"].endswith("Patient?name=t%C3%B3th&_count=2")
    assert "name" not in _next(document).partition("?")[2]
    assert "t%C3%B3th" not in _next(document)
    second = backend.get(_next(document)).json()
    assert _links(second)["self"].endswith(_next(document))


@pytest.mark.parametrize("change", [lambda t: t[:-4], lambda t: "A" + t[1:], lambda t: t[::-1], lambda t: "é" + t])
def test_a_link_that_was_changed_is_refused(backend, everyone, change):
    token = _next(backend.get("Patient?_count=2").json()).partition("_page=")[2]

    response = backend.get(f"Patient?_page={change(token)}")

    assert response.status_code == 400
    assert "Search again" in response.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("token", ["", "x", "%00", "AAAA", "A" * 5000])
def test_a_link_that_was_made_up_is_refused(backend, db, token):
    assert backend.get(f"Patient?_page={token}").status_code == 400


def test_a_link_is_no_use_to_another_client_at_another_address_or_with_more_parameters(
    backend, as_client, nurse, everyone
):
    following = _next(backend.get("Patient?_count=2").json())
    token = following.partition("_page=")[2]

    assert backend.get(f"Observation?_page={token}").status_code == 400
    assert backend.get(f"{following}&name=abc").status_code == 400
    assert as_client(nurse).get(f"/fhir/R4/{following}").status_code == 400


def test_a_link_ends_after_a_day(backend, everyone, monkeypatch):
    following = _next(backend.get("Patient?_count=2").json())
    monkeypatch.setattr(links, "LIFETIME_SECONDS", -1)

    response = backend.get(following)

    assert response.status_code == 410
    assert response.json()["issue"][0]["code"] == "expired"
