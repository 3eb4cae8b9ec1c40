"""A backend client that asks for exports, and the worker's step."""

import json
from urllib.parse import urlsplit

import pytest

from wardround.hospital.exports.actions import run_next_export
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor

BASE = "/fhir/R4"


class ExportClient:
    """Speaks Bulk Data Access with one token."""

    def __init__(self, client, *, name, scopes) -> None:
        self._client = client
        self._token = f"Bearer {make_token(name, scopes=scopes, days=1, by=system_actor('tests'))}"

    def ask(self, address="$export", *, body=None, prefer="respond-async", **headers):
        sent = {"Authorization": self._token, "Prefer": prefer, **headers}
        if body is None:
            return self._client.get(f"{BASE}/{address}", headers=sent)
        text = json.dumps(body)
        return self._client.post(f"{BASE}/{address}", text, content_type="application/fhir+json", headers=sent)

    def get(self, url):
        return self._client.get(urlsplit(url).path, headers={"Authorization": self._token})

    def delete(self, url):
        return self._client.delete(urlsplit(url).path, headers={"Authorization": self._token})

    def whole(self, address="$export", **how):
        """(manifest, type -> resources) of an export that the worker has written."""
        asked = self.ask(address, **how)
        assert asked.status_code == 202, asked.content
        assert run_next_export()
        manifest = json.loads(self.get(asked.headers["Content-Location"]).content)
        found = {}
        for entry in manifest["output"]:
            lines = self.get(entry["url"]).content.decode().splitlines()
            assert len(lines) == entry["count"]
            found.setdefault(entry["type"], []).extend(map(json.loads, lines))
        return manifest, found


@pytest.fixture
def bulk(client, db):
    return ExportClient(client, name="warehouse", scopes="system/*.rs")


@pytest.fixture
def bulk_with(client, db):
    return lambda scopes, name="other": ExportClient(client, name=name, scopes=scopes)


@pytest.fixture
def charts(make_patient, make_observation):
    """Two patients with one observation each, and an organization in nobody's chart."""
    from wardround.hospital.records.actions.resources import create_resource

    patients = [make_patient(), make_patient(family="Varga")]
    for patient_id in patients:
        make_observation(patient_id, loinc="8480-6", value=120, unit="mm[Hg]")
    create_resource({"resourceType": "Organization", "name": "Laboratory"}, by=system_actor("tests"))
    return patients
