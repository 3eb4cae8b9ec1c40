"""The pages of imports and of the quarantine: what a steward sees, mends, replays and undoes."""

import re

import pytest
from django.test import Client
from visits_of_a_clinic import HEADER, MAPPING, ROWS

from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.raw_text import bytes_of, text_of
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("import")
TORN = "K-4,Decurtins,F,1951,2026-03"
ALSO_TORN = "K-5,Egli,M,1952,2026-03"
pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(write_table):
    """An import of three good rows and two that are broken off."""
    return import_files([write_table(*ROWS, TORN, ALSO_TORN)], by=ME, mapping_text=MAPPING)


@pytest.fixture
def torn(taken):
    return QuarantineItem.objects.order_by("pk")[0]


def said(answer):
    return answer.content.decode()


def test_the_list_says_what_became_of_each_import(taken, steward, as_client):
    page = said(as_client(steward).get("/imports/"))

    assert f"/imports/{taken.batch}/" in page
    assert "Complete" in page
    assert f'<a href="/imports/quarantine/?batch={taken.batch}">2</a>' in page


def test_one_import_shows_its_rows_as_they_stand_today(taken, steward, as_client):
    client = as_client(steward)
    address = f"/imports/{taken.batch}/"

    held = said(client.get(address))
    refused = said(client.get(address, {"show": "quarantined"}))

    assert "visits.csv" in held
    assert "1400 mmHg" in held
    assert "line 5" in refused
    assert f"/imports/quarantine/{QuarantineItem.objects.first().pk}/" in refused
    assert client.get(address, {"show": "unmapped", "start": "x"}).status_code == 200
    assert client.get(address, {"show": "not_standardised"}).status_code == 200
    assert AuditEvent.objects.filter(action="batch.show", actor_name=steward.username).exists()
    assert client.get("/imports/nothing/").status_code == 404


def test_an_import_is_undone_only_after_it_was_asked(taken, steward, as_client):
    client = as_client(steward)
    address = f"/imports/{taken.batch}/undo/"

    asked = client.get(address)
    assert "Undo the import" in said(asked)
    assert Batch.objects.get().undone is None

    done = client.post(address, follow=True)
    assert "The import is undone" in said(done)
    assert not Resource.objects.filter(is_deleted=False).exists()
    assert AuditEvent.objects.get(action="batch.undo").actor_name == steward.username
    assert client.get(address).status_code == 404
    assert "Nothing is in quarantine" in said(client.get("/imports/quarantine/"))


def test_why_an_import_cannot_be_undone_is_said(taken, steward, as_client, make_observation):
    make_observation(Resource.objects.filter(type="Patient").first().logical_id, loinc="8867-4", value=70, unit="/min")

    answer = as_client(steward).post(f"/imports/{taken.batch}/undo/")

    assert answer.status_code == 409
    assert "1 resources that came otherwise" in said(answer)
    assert Batch.objects.get().undone is None


def test_the_quarantine_counts_by_reason(taken, steward, as_client):
    client = as_client(steward)

    page = said(client.get("/imports/quarantine/"))
    [key] = set(re.findall(r"\?reason=(\w+)", page))
    of_reason = said(client.get("/imports/quarantine/", {"reason": key, "batch": taken.batch}))

    assert "broken off" in page
    assert "Replay all 2" in page
    assert "line 5" in of_reason
    assert "line 6" in of_reason


def test_a_message_is_shown_as_it_came_and_the_look_is_audited(torn, steward, as_client):
    page = said(as_client(steward).get(f"/imports/quarantine/{torn.pk}/"))

    assert TORN in page
    assert "line 5" in page
    assert "visits.csv" in page
    event = AuditEvent.objects.get(action="quarantine.show")
    assert (event.actor_name, event.what) == (steward.username, f"Quarantine/{torn.pk}")


def test_a_corrected_message_is_stored(torn, steward, as_client):
    text = f"{HEADER}\r\n{TORN}-05 08:00,135,200,4\r\n"

    done = as_client(steward).post(f"/imports/quarantine/{torn.pk}/replay/", {"text": text}, follow=True)

    assert "has left the quarantine" in said(done)
    torn.refresh_from_db()
    assert torn.state == "replayed"
    assert Resource.objects.filter(type="Patient").count() == 4
    assert AuditEvent.objects.get(action="quarantine.replay").detail["corrected"] is True
    again = as_client(steward).post(f"/imports/quarantine/{torn.pk}/replay/", {"text": text}, follow=True)
    assert "replayed already" in said(again)


def test_a_message_that_is_still_wrong_stays_with_its_new_reason(torn, steward, as_client):
    text = f"{HEADER}\n{TORN}-35 08:00,135,200,4\n"

    page = said(as_client(steward).post(f"/imports/quarantine/{torn.pk}/replay/", {"text": text}, follow=True))

    assert "It stays in quarantine" in page
    assert "calendar" in page


def test_everything_of_a_reason_is_replayed_under_a_mended_mapping(taken, steward, as_client):
    client = as_client(steward)
    [key] = set(re.findall(r"\?reason=(\w+)", said(client.get("/imports/quarantine/"))))

    refused = client.post("/imports/quarantine/replay/", {"reason": key}, follow=True)
    wrong = client.post("/imports/quarantine/replay/", {"reason": key, "mapping": "this is no TOML"}, follow=True)

    assert "Stays in quarantine: 2" in said(refused)
    assert "could not be read again" in said(wrong)
    assert AuditEvent.objects.filter(action="quarantine.replay", outcome="refused").count() == 2
    assert "Choose an import or a reason" in said(client.post("/imports/quarantine/replay/", {}, follow=True))


def test_many_messages_are_replayed_in_parts(taken, steward, as_client, monkeypatch):
    monkeypatch.setattr("wardround.hospital.intake.quarantine_views._AT_ONCE", 1)

    answer = as_client(steward).post("/imports/quarantine/replay/", {"batch": taken.batch})
    page = said(as_client(steward).get(answer["Location"]))

    assert "1 more were not read yet" in page
    assert f"after={QuarantineItem.objects.order_by('pk')[0].pk}" in answer["Location"]


def test_bytes_that_are_no_text_are_offered_as_a_file(tmp_path, steward, as_client):
    path = tmp_path / "message.hl7"
    path.write_bytes(b"MSH|^~\\&|A|B\xff\x00\r")
    import_files([path], by=ME, form="hl7v2")
    item = QuarantineItem.objects.get()
    client = as_client(steward)

    page = said(client.get(f"/imports/quarantine/{item.pk}/"))
    file = client.get(f"/imports/quarantine/{item.pk}/raw/")

    assert "no text that can be shown" in page
    assert "<textarea" not in page
    assert file.content == path.read_bytes().rstrip(b"\r") or file.content == path.read_bytes()
    assert file["Content-Disposition"] == f'attachment; filename="quarantine-{item.pk}.bin"'
    assert AuditEvent.objects.filter(action="quarantine.show").count() == 2
    still = client.post(f"/imports/quarantine/{item.pk}/replay/", follow=True)
    assert "It stays in quarantine" in said(still)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_correction_keeps_the_line_ends_of_the_message(end):
    raw = f"MSH|1{end}PID|2{end}".encode()

    assert text_of(raw) == raw.decode()
    assert bytes_of("MSH|1\r\nPID|2\r\n", like=raw) is None
    assert bytes_of("MSH|1\r\nPID|3\r\n", like=raw) == f"MSH|1{end}PID|3{end}".encode()


ADDRESSES = ("/imports/", "/imports/{batch}/", "/imports/{batch}/undo/", "/imports/quarantine/")
OF_A_MESSAGE = ("/imports/quarantine/{item}/", "/imports/quarantine/{item}/raw/")
DEEDS = ("/imports/{batch}/undo/", "/imports/quarantine/{item}/replay/", "/imports/quarantine/replay/")


def addresses(which, taken):
    item = QuarantineItem.objects.order_by("pk")[0].pk
    return [address.format(batch=taken.batch, item=item) for address in which]


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("stranger", 403), ("doctor", 403), ("steward", 200)])
def test_the_pages_are_for_those_who_look_after_data(taken, request, role, status, as_client):
    client = as_client(request.getfixturevalue(role))

    for address in addresses((*ADDRESSES, *OF_A_MESSAGE), taken):
        assert client.get(address).status_code == status, address
    if status == 403:
        for address in addresses(DEEDS, taken):
            assert client.post(address, {"batch": taken.batch}).status_code == 403, address
        assert QuarantineItem.objects.filter(state="open").count() == 2
        assert AuditEvent.objects.filter(outcome="refused").count() == 9


def test_signed_out_nobody_sees_or_does_anything(taken, client):
    for address in addresses((*ADDRESSES, *OF_A_MESSAGE), taken):
        assert client.get(address)["Location"].startswith("/login/"), address
    for address in addresses(DEEDS, taken):
        assert client.post(address)["Location"].startswith("/login/"), address
    assert Batch.objects.get().undone is None


def test_a_deed_needs_its_own_form(taken, steward, as_client):
    client = as_client(steward)
    for address in addresses(DEEDS[1:], taken):
        assert client.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")
    for address in addresses(DEEDS, taken):
        assert strict.post(address).status_code == 403
    assert Batch.objects.get().undone is None
