"""The order of the hits: by what the database holds, and by what must be decrypted first."""

import pytest


@pytest.fixture
def several(observe, patients):
    observe("a", effectiveDateTime="2020-05-01", code={"coding": [{"code": "m"}]})
    observe("b", effectiveDateTime="2021-05-01", code={"coding": [{"code": "k"}]})
    observe("c", code={"coding": [{"code": "m"}]})
    observe("d", effectiveDateTime="2019-05-01", code={"coding": [{"code": "k"}]})


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("date", ["d", "a", "b", "c"]),
        ("-date", ["b", "a", "d", "c"]),
        ("code,date", ["d", "b", "a", "c"]),
        ("code,-date", ["b", "d", "a", "c"]),
        ("-code,date", ["a", "c", "d", "b"]),
        ("_id", ["a", "b", "c", "d"]),
        ("-_id", ["d", "c", "b", "a"]),
        ("-_lastUpdated", ["d", "c", "b", "a"]),
        ("status,-_lastUpdated", ["d", "c", "b", "a"]),
    ],
)
def test_hits_come_in_the_order_asked_for_and_without_a_value_last(several, found, sort, ids):
    assert found(f"Observation?_sort={sort}") == ids


@pytest.mark.parametrize("sort", ["date", "-date", "code,date", "-code,-date", "status", "-status", "-_lastUpdated"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_pages_of_a_sorted_search_are_its_whole_in_pieces(several, backend, found, sort, count):
    whole = found(f"Observation?_sort={sort}")
    pieces, address = [], f"Observation?_sort={sort}&_count={count}"
    while address:
        document = backend.get(address).json()
        pieces.append([entry["resource"]["id"] for entry in document["entry"]])
        links = {link["relation"]: link["url"] for link in document["link"]}
        address = links.get("next", "").partition("/fhir/R4/")[2]

    assert [one for piece in pieces for one in piece] == whole
    assert all(len(piece) == count for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("family", ["o", "n", "q", "m"]),
        ("-family", ["q", "n", "o", "m"]),
        ("birthdate", ["n", "o", "q", "m"]),
        ("gender,-family", ["q", "n", "o", "m"]),
        ("given,_id", ["q", "m", "n", "o"]),
        ("identifier", ["o", "m", "n", "q"]),
    ],
)
def test_names_and_dates_of_birth_are_sorted_after_decryption(store, found, sort, ids):
    store("Patient/m")
    store("Patient/n", name=[{"family": "Nagy"}], birthDate="1950-01-02", gender="female")
    store("Patient/o", name=[{"family": "Álmos"}], birthDate="1950-01-03", identifier=[{"value": "1"}], gender="female")
    store("Patient/q", name=[{"family": "Zala", "given": ["Ágnes"]}], birthDate="1960", gender="female")

    assert found(f"Patient?_sort={sort}") == ids
    assert found(f"Patient?_sort={sort}&_count=2") == ids[:2]


def test_pages_of_a_search_sorted_after_decryption_follow_each_other(store, backend):
    for name in ("Nagy", "Álmos", "Zala", "Kis"):
        store(f"Patient/{name[0].lower().replace('á', 'x')}", name=[{"family": name}])
    first = backend.get("Patient?_sort=family&_count=3").json()
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = backend.get(url.partition("/fhir/R4/")[2]).json()

    assert [entry["resource"]["id"] for entry in first["entry"]] == ["x", "k", "n"]
    assert [entry["resource"]["id"] for entry in second["entry"]] == ["z"]


@pytest.mark.parametrize("sort", ["nonsense", "-", "code-value-quantity", "a,b,c,d,e,f", "_score"])
def test_an_order_that_does_not_exist_is_refused(refused, sort):
    refused(f"Observation?_sort={sort}")
