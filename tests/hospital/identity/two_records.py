"""One person under two numbers, and what the store says of them."""

import json

from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, StandardValue
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor

ME = system_actor("tests")
ILONA = {
    "family": "Kovács",
    "given": "Ilona",
    "birth": "1963-05-12",
    "telecom": [{"system": "phone", "value": "+36 1 555 0101"}],
    "address": [{"line": ["Fő utca 12"], "city": "Budapest", "postalCode": "1011"}],
}
WEIGHT = "29463-7"


def row_of(address):
    type_name, _slash, logical_id = address.partition("/")
    return Resource.objects.select_related("data_key").get(type=type_name, logical_id=logical_id)


def body_of(address, *, number=None):
    """The stored body of one version as a dictionary."""
    row = row_of(address)
    version = row.versions.select_related("resource__data_key").get(number=number or row.version)
    return loads(open_body(version, keyring=Keyring()))


def content_of(address):
    """The text of the present version without what the server says of it."""
    body = body_of(address)
    return json.dumps({name: value for name, value in body.items() if name != "meta"}, default=str)


def values_of(patient_id):
    """What the present standard values of a chart say, in an order of their own."""
    columns = ("resource__logical_id", "path", "fact", "measurement", "value_number", "value_text", "unit", "time")
    judged = ("is_held", "finding", "suggestion")
    rows = StandardValue.objects.filter(patient_id=patient_id, is_current=True)
    return sorted(rows.values_list(*columns, *judged), key=str)


def observation_of(patient_id):
    return str(Resource.objects.get(type="Observation", patient_id=patient_id, is_deleted=False))
