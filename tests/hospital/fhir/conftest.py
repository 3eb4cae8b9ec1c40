"""A backend client with a token, and what it sends."""

import json

import pytest

from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor

BASE = "/fhir/R4"


class BackendClient:
    """Speaks FHIR with one token."""

    def __init__(self, client, *, scopes: str) -> None:
        self._client = client
        token = make_token("laboratory", scopes=scopes, days=1, by=system_actor("tests"))
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, address, **headers):
        return self._client.get(f"{BASE}/{address}", headers={**self._headers, **headers})

    def post(self, address, body, *, content_type="application/fhir+json", **headers):
        headers = {**self._headers, **headers}
        return self._client.post(f"{BASE}/{address}", _text(body), content_type=content_type, headers=headers)

    def patch(self, address, steps, *, content_type="application/json-patch+json", **headers):
        headers = {**self._headers, **headers}
        return self._client.patch(f"{BASE}/{address}", _text(steps), content_type=content_type, headers=headers)

    def delete(self, address, **headers):
        return self._client.delete(f"{BASE}/{address}", headers={**self._headers, **headers})

    def bundle(self, kind, *entries, **headers):
        """Send entries to the base: (method, url, resource or None, **of the request) as dictionaries."""
        return self.post("", {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **headers)

    def put(self, address, body, **headers):
        return self._client.put(
            f"{BASE}/{address}",
            _text(body),
            content_type="application/fhir+json",
            headers={**self._headers, **headers},
        )

    def request(self, method, address, **headers):
        return self._client.generic(method, f"{BASE}/{address}", headers={**self._headers, **headers})


def _text(body):
    return body if isinstance(body, str | bytes) else json.dumps(body)


@pytest.fixture
def backend(client, db):
    return BackendClient(client, scopes="system/*.cruds")


@pytest.fixture
def backend_with(client, db):
    own = client
    return lambda scopes, client=own: BackendClient(client, scopes=scopes)


@pytest.fixture
def patient_body():
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:wardround:mrn:test-hospital", "value": "B-1"}],
        "name": [{"family": "Szabó", "given": ["Márta"]}],
        "gender": "female",
        "birthDate": "1958-04-17",
    }
