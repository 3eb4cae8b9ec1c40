"""The stored text of resources: made on the way in, opened on the way out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import DataKey, Resource, ResourceVersion
from wardround.interchange.fhir.json import dumps


def place_of(resource: Resource, *, number: int) -> str:
    """What the ciphertext is bound to: the table, the resource and the version."""
    return f"records_resourceversion|{resource.type}/{resource.logical_id}|{number}"


def stored_text(resource: dict[str, Any], *, logical_id: str, version: int, recorded: datetime) -> bytes:
    """The text that GET returns: as received, with id, version and time added; everything else keeps its place."""
    meta = resource.get("meta")
    own = {"versionId": str(version), "lastUpdated": instant(recorded)}
    rest = {name: value for name, value in resource.items() if name not in {"resourceType", "id", "meta"}}
    return dumps(
        {
            "resourceType": resource["resourceType"],
            "id": logical_id,
            "meta": {**(meta if isinstance(meta, dict) else {}), **own},
            **rest,
        }
    )


def received_text(resource: dict[str, Any]) -> bytes:
    """What was received, without id and without what the server itself says in meta: to tell whether it came before."""
    meta = resource.get("meta")
    if isinstance(meta, dict):
        meta = {name: value for name, value in meta.items() if name not in {"versionId", "lastUpdated"}}
    rest = {name: value for name, value in resource.items() if name not in {"id", "meta"}}
    return dumps({**rest, "meta": meta} if meta else rest)


def seal_body(text: bytes, *, keyring: Keyring, key: DataKey, resource: Resource, number: int) -> bytes:
    return keyring.seal(text, key=key, place=place_of(resource, number=number))


def open_body(version: ResourceVersion, *, keyring: Keyring) -> bytes:
    """The text of one version. Select `resource__data_key` with it, or each call asks the database."""
    resource = version.resource
    place = place_of(resource, number=version.number)
    return keyring.open(version.body, key=resource.data_key, place=place)


def open_bodies(versions: Iterable[ResourceVersion]) -> dict[int, bytes]:
    """The texts of many versions by resource row; each patient's key is unwrapped once."""
    keyring = Keyring()
    return {version.resource_id: open_body(version, keyring=keyring) for version in versions}


def instant(moment: datetime) -> str:
    """A FHIR instant: 2026-03-02T08:00:00.123456Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
