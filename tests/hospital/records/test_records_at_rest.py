"""What a copy of the database shows, and what it does not."""

import pytest
from django.db import connection

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import BrokenSeal, Keyring
from wardround.hospital.records.models import DataKey, ResourceVersion

pytestmark = pytest.mark.django_db


def test_every_patient_has_a_data_key_of_their_own_from_the_first_version(make_patient, make_observation):
    one, other = make_patient(), make_patient(family="Other")
    make_observation(one, loinc="8480-6", value=120, unit="mm[Hg]")

    keys = {v.resource.patient_id: v.resource.data_key_id for v in ResourceVersion.objects.select_related("resource")}

    assert len(set(keys.values())) == 2
    assert DataKey.objects.get(subject=one).pk == keys[one] != keys[other]


def test_a_version_moved_within_its_own_resource_does_not_open(make_patient):
    from wardround.hospital.records.actions.resources import update_resource
    from wardround.interchange.fhir.json import loads
    from wardround.web.audit.actor import system_actor

    patient_id = make_patient()
    first = ResourceVersion.objects.select_related("resource__data_key").get()
    body = loads(open_body(first, keyring=Keyring()))
    update_resource({**body, "gender": "other"}, type_name="Patient", logical_id=patient_id, by=system_actor("tests"))
    ResourceVersion.objects.filter(number=2).update(body=first.body)

    with pytest.raises(BrokenSeal, match="altered or moved"):
        open_body(ResourceVersion.objects.get(number=2), keyring=Keyring())


def test_one_flipped_bit_is_seen(make_patient):
    make_patient()
    version = ResourceVersion.objects.get()
    flipped = bytearray(version.body)
    flipped[20] ^= 1
    version.body = bytes(flipped)

    with pytest.raises(BrokenSeal):
        open_body(version, keyring=Keyring())


def test_data_keys_do_not_open_with_another_homes_key(make_patient, settings, tmp_path):
    from wardround.web.home import Home

    make_patient()
    settings.HOME = Home.create(tmp_path / "other", kind="hospital", name="Other")

    with pytest.raises(BrokenSeal, match="keys folder"):
        open_body(ResourceVersion.objects.get(), keyring=Keyring())


def test_no_table_shows_a_name_a_number_or_a_birth_date(make_patient):
    make_patient(family="Csipkerózsa", given="Hétszünyű", birth="1958-04-17")
    canaries = ("Csipker", "csipkerozsa", "Hétsz", "hetszunyu", "T-1001", "1958-04-17")

    with connection.cursor() as cursor:
        shown = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            shown += [str(value) for row in cursor.fetchall() for value in row]

    text = "\n".join(shown)
    assert "female" in text  # what is not identifying is plain, and the search looks at real content
    assert not [canary for canary in canaries if canary in text]


def test_no_table_shows_what_names_or_reaches_a_person_or_any_free_text(make_patient, make_observation):
    """Names, addresses, telephone numbers, identifiers of any kind, and texts that may hold any of these."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    patient_id = make_patient(
        name=[{"text": "Canary-a", "prefix": ["Canaryb"], "family": "Canaryc", "suffix": ["Canaryd"]}],
        telecom=[{"system": "phone", "value": "+36-canary-e"}, {"system": "email", "value": "canaryf@example.org"}],
        address=[{"line": ["Canaryg 1"], "city": "Canaryh", "postalCode": "canaryi", "country": "Canaryj"}],
        generalPractitioner=[{"identifier": {"system": "urn:x", "value": "canaryk"}}],
    )
    subject = {"reference": f"Patient/{patient_id}"}
    elements = {
        "Observation": {
            "status": "final",
            "code": {"text": "canaryl"},
            "valueString": "canarym wrote this",
            "component": [{"code": {"text": "canaryn"}, "valueString": "canaryo"}],
            "subject": subject,
        },
        "ServiceRequest": {
            "status": "active",
            "intent": "order",
            "requisition": {"value": "canaryp"},
            "subject": subject,
        },
        "Condition": {"subject": subject, "onsetString": "canaryq", "identifier": [{"value": "canaryr"}]},
        "AuditEvent": {
            "type": {"code": "rest"},
            "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"requestor": True, "name": "canarys", "altId": "canaryt", "network": {"address": "canaryu"}}],
            "source": {"observer": {"display": "canaryv"}},
            "entity": [{"name": "canaryw"}],
        },
    }
    for number, (type_name, own) in enumerate(elements.items()):
        create_resource({"resourceType": type_name, "id": f"r{number}", **own}, by=system_actor("tests"))

    with connection.cursor() as cursor:
        shown = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            shown += [str(bytes(value) if isinstance(value, memoryview) else value) for row in cursor for value in row]

    assert "rest" in shown
    assert not [value for value in shown if "canary" in value.casefold()]


def test_the_same_name_has_another_hash_in_another_home(settings, tmp_path):
    from wardround.web.home import Home

    here = BlindIndex().hashed("name", "whole", "kovacs")
    settings.HOME = Home.create(tmp_path / "other", kind="hospital", name="Other")

    assert BlindIndex().hashed("name", "whole", "kovacs") != here


def test_a_hash_says_where_one_part_ends_and_the_next_begins():
    blind = BlindIndex()

    assert blind.hashed("ab", "c") != blind.hashed("a", "bc")
