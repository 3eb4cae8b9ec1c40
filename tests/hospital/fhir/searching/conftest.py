"""A store with a few resources of readable ids, and a way to ask which of them a search finds."""

import pytest

PATIENT = {"resourceType": "Patient", "name": [{"family": "Kovács", "given": ["Ilona"]}], "gender": "female"}


@pytest.fixture
def store(backend):
    """Store resources under ids of one's own choice: store("Observation/a", status="final", ...)."""

    def put(address, /, **elements):
        type_name, _slash, logical_id = address.partition("/")
        body = {"resourceType": type_name, "id": logical_id, **elements}
        response = backend.put(address, body)
        assert response.status_code in {200, 201}, response.content
        return address

    return put


@pytest.fixture
def observe(store):
    """An observation with what R4 asks for at least, and whatever else a test is about."""

    def put(logical_id, /, **elements):
        body = {"status": "final", "code": {"text": "something"}, **elements}
        return store(f"Observation/{logical_id}", **body)

    return put


@pytest.fixture
def found(backend):
    """The ids that a search finds, in order; its answer must be a searchset."""

    def ids(search, client=None):
        response = (client or backend).get(search)
        assert response.status_code == 200, response.content
        document = response.json()
        assert document["type"] == "searchset"
        return [e["resource"]["id"] for e in document.get("entry", []) if e["search"]["mode"] == "match"]

    return ids


@pytest.fixture
def refused(backend):
    """The sentence with which a search is refused, and its path."""

    def sentence(search, status=400):
        response = backend.get(search)
        assert response.status_code == status, response.content
        issue = response.json()["issue"][0]
        return issue["diagnostics"], issue.get("expression", [""])[0]

    return sentence


@pytest.fixture
def patients(store):
    """Two patients, p1 and p2."""
    store("Patient/p1", **{k: v for k, v in PATIENT.items() if k != "resourceType"})
    store("Patient/p2", name=[{"family": "Nagy", "given": ["Béla"]}], gender="male", birthDate="1958-04-17")
    return ("p1", "p2")
