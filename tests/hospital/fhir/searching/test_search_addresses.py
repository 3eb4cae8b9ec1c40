"""Where a search is sent: by form, in a compartment, over all types; and what becomes of unknown parameters."""

from urllib.parse import urlencode

import pytest

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def chart(store, observe, patients):
    observe("a", subject={"reference": "Patient/p1"}, code={"coding": [{"code": "x"}]})
    observe("b", subject={"reference": "Patient/p2"}, performer=[{"reference": "Patient/p1"}])
    store("Condition/c", subject={"reference": "Patient/p1"}, code={"text": "x"})
    store("Organization/o", name="Saint Rókus")


def _ids(response):
    assert response.status_code == 200, response.content
    return [e["resource"]["id"] for e in response.json().get("entry", []) if e["search"]["mode"] == "match"]


def test_a_form_searches_as_an_address_does(chart, backend):
    form = urlencode({"name": "kovács", "_count": 5})

    assert _ids(backend.post("Patient/_search", form, content_type=FORM)) == ["p1"]
    assert _ids(backend.post("Patient/_search?gender=female", "name=kov", content_type=FORM)) == ["p1"]
    assert _ids(backend.post("Patient/_search?gender=male", "name=kov", content_type=FORM)) == []
    assert _ids(backend.post("_search", "_type=Observation", content_type=FORM)) == ["a", "b"]
    assert _ids(backend.post("Patient/p1/Observation/_search", "code=x", content_type=FORM)) == ["a"]


def test_a_form_is_read_as_a_form_only(chart, backend):
    response = backend.post("Patient/_search", {"resourceType": "Parameters"})

    assert response.status_code == 415
    assert backend.post("Patient/_search", "name=kovács".encode("latin-1"), content_type=FORM).status_code == 400


def test_the_pages_of_a_form_are_followed_by_address(chart, backend):
    first = backend.post("Observation/_search", "_count=1", content_type=FORM).json()
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")

    assert _ids(backend.get(url.partition("/fhir/R4/")[2])) == ["b"]


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("Patient/p1/Observation", ["a", "b"]),
        ("Patient/p1/Observation?code=x", ["a"]),
        ("Patient/p2/Observation", ["b"]),
        ("Patient/p1/*", ["p1", "a", "b", "c"]),
        ("Patient/p1/*?_type=Condition", ["c"]),
        ("Patient/p1/Condition?clinical-status:missing=true", ["c"]),
        ("Patient/p1/Patient", ["p1"]),
    ],
)
def test_a_compartment_holds_what_names_the_patient_by_its_parameters(chart, found, address, ids):
    assert found(address) == ids


@pytest.mark.parametrize(("address", "status"), [("Patient/none/Observation", 404), ("Patient/p1/Organization", 404)])
def test_what_is_no_compartment_is_not_there(chart, backend, address, status):
    assert backend.get(address).status_code == status


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("?_type=Observation,Condition", ["a", "b", "c"]),
        ("?_type=Observation&code=x", ["a"]),
        ("?_type=Observation,Condition&patient=p1", ["a", "c"]),
        ("?_id=a,c,o", ["a", "c", "o"]),
        ("?_id=a,c,o&_sort=-_id", ["o", "c", "a"]),
        ("?_type=Observation,Condition&_sort=code", ["a", "b", "c"]),
        ("?_lastUpdated=lt2020", []),
    ],
)
def test_several_types_are_searched_by_what_they_have_in_common(chart, found, search, ids):
    assert found(search) == ids


def test_the_pages_of_a_search_over_several_types_follow_each_other(chart, backend, found):
    first = backend.get("?_type=Observation,Condition&_count=2").json()
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")

    assert url.startswith("http://testserver/fhir/R4/?_page=")
    assert found(url.partition("/fhir/R4/")[2]) == ["c"]


def test_the_base_may_be_written_without_its_slash(chart, as_client, nurse):
    client = as_client(nurse)

    assert _ids(client.get("/fhir/R4?_type=Condition")) == ["c"]
    assert (
        client.post("/fhir/R4", "{}", content_type="application/fhir+json").json()["resourceType"] == "OperationOutcome"
    )


def test_the_same_id_in_two_types_is_not_confused_by_a_reverse_chain(chart, store, backend):
    store("Condition/a", subject={"reference": "Patient/p2"})
    agent = [{"who": {"display": "x"}}]
    store("Provenance/p", target=[{"reference": "Observation/a"}], recorded="2020-01-01T00:00:00Z", agent=agent)

    entries = backend.get("?_type=Observation,Condition&_has:Provenance:target:_id=p").json()["entry"]

    assert [entry["fullUrl"].partition("/R4/")[2] for entry in entries] == ["Observation/a"]


@pytest.mark.parametrize("search", ["?code=x", "?_type=Nonsense", "?_type=Patient,Observation&name=kov", "?_type="])
def test_several_types_are_not_searched_by_what_they_do_not_have_in_common(chart, refused, search):
    refused(search)


def test_an_unknown_parameter_is_refused_or_left_out_when_the_client_prefers_that(chart, backend):
    assert backend.get("Patient?name=kov&favourite=blue").status_code == 400

    response = backend.get("Patient?name=kov&favourite=blue", Prefer="handling=lenient")

    assert _ids(response) == ["p1"]
    document = response.json()
    assert "favourite" in document["entry"][-1]["resource"]["issue"][0]["diagnostics"]
    assert document["entry"][-1]["search"]["mode"] == "outcome"
    assert "favourite" not in document["link"][0]["url"]
    assert "blue" not in str(document["entry"][-1])


@pytest.mark.parametrize("search", ["name:nonsense=kov", "birthdate=yesterday"])
def test_a_lenient_client_is_still_told_of_a_value_that_means_nothing(chart, backend, search):
    assert backend.get(f"Patient?{search}", Prefer="handling=lenient").status_code == 400


@pytest.mark.parametrize("name", ["_text", "_content", "_list", "_query", "_filter", "near"])
def test_searches_of_another_kind_are_refused_by_name(refused, name):
    sentence, path = refused(f"Location?{name}=x")

    assert "not offered" in sentence
    assert path == name
