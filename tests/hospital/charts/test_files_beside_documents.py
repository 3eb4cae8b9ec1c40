"""An attachment that is an address: a file of this store opens through the door, a foreign address is text and never asked."""

import base64
import hashlib
import json
import socket

import pytest

from wardround.hospital.charts.attachments import files_of
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ATTACK = b"<!doctype html><script>fetch('/patients/')</script><p>Dear colleague</p>"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def make_binary(make_resource):
    def make(kind: str, content: bytes, **elements: object) -> str:
        return make_resource("Binary", contentType=kind, data=base64.b64encode(content).decode(), **elements)

    return make


@pytest.fixture
def attach(make_patient, make_resource):
    """attach({"url": ...}) -> the patient and the address of the document's page."""

    def made(
        attachment: dict[str, object], *, patient: str = "", type_name: str = "DocumentReference"
    ) -> tuple[str, str]:
        whose = patient or make_patient()
        subject = {"subject": {"reference": f"Patient/{whose}"}}
        stated: dict[str, object] = {
            "DocumentReference": {"status": "current", "type": {"text": "Letter"}, "content": [{"attachment": attachment}]},
            "DiagnosticReport": {"status": "final", "code": {"text": "CT"}, "presentedForm": [attachment]},
            "Media": {"status": "completed", "type": {"text": "Photograph"}, "content": attachment},
        }[type_name]  # fmt: skip
        return whose, f"/patients/{whose}/documents/{type_name}/{make_resource(type_name, **subject, **stated)}/"

    return made


@pytest.mark.parametrize("type_name", ["DocumentReference", "DiagnosticReport", "Media"])
@pytest.mark.parametrize("base", ["", "http://testserver/fhir/R4/"])
def test_a_file_in_this_store_opens_and_is_audited(type_name, base, attach, make_binary, as_client, nurse):
    patient, address = attach({"url": f"{base}Binary/{make_binary('image/png', PICTURE)}"}, type_name=type_name)
    client = as_client(nurse)

    page = client.get(address).content.decode()
    answer = client.get(f"{address}files/0/")

    assert f'href="{address}files/0/"' in page
    assert answer.content == PICTURE
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'inline; filename="document-1.png"'
    event = AuditEvent.objects.get(action="document.download")
    assert (event.actor_name, event.patient_id, event.detail["bytes"]) == (nurse.username, patient, len(PICTURE))


@pytest.mark.parametrize(
    "kind",
    ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript", "text/css"],
)
@pytest.mark.parametrize("where", ["in the record", "in a Binary"])
def test_what_a_browser_could_run_is_bytes_in_a_sandbox(kind, where, attach, make_binary, as_client, nurse):
    if where == "in a Binary":
        attachment = {"url": f"Binary/{make_binary(kind, ATTACK)}", "contentType": kind}
    else:
        attachment = {"data": base64.b64encode(ATTACK).decode(), "contentType": kind}
    _patient, address = attach(attachment)

    answer = as_client(nurse).get(f"{address}files/0/")

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["", "x", "text/html\r\nX-Evil: 1", "TEXT/HTML; charset=utf-8", "text/plain/html"])
def test_what_is_no_media_type_is_never_told_to_a_browser(kind):
    attachment = {"contentType": kind, "data": base64.b64encode(ATTACK).decode()}

    (file,), _elsewhere = files_of([attachment], binaries={}, base="")

    assert file.served_as == "application/octet-stream"


def test_of_a_stored_page_the_words_are_shown_and_no_markup(attach, make_binary, text_of, nurse):
    _patient, address = attach({"url": f"Binary/{make_binary('text/html', ATTACK)}", "contentType": "text/html"})

    text = text_of(nurse, address)

    assert "Dear colleague" in text
    assert "fetch(" not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://archive.example.org/letter.pdf",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://archive.example.org/fhir/Binary/1",
        "../../etc/passwd",
    ],
)
def test_a_foreign_address_is_text_that_nobody_asks(url, attach, text_of, nurse, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("Something was fetched."))
    patient, address = attach({"url": url, "title": "Letter of the other hospital"})

    text = text_of(nurse, address)

    assert "Nothing is fetched from it: neither by this system nor by your browser." in text
    assert "Letter of the other hospital" in text
    assert f'href="{url}' not in text
    assert f'src="{url}' not in text
    assert "<script>alert" not in text
    assert "Letter of the other hospital" in text_of(nurse, f"/patients/{patient}/documents/")


def test_an_address_has_no_file_to_download(attach, as_client, nurse):
    _patient, address = attach({"url": "https://archive.example.org/letter.pdf"})

    assert as_client(nurse).get(f"{address}files/0/").status_code == 404
    assert not AuditEvent.objects.filter(action="document.download").exists()


def test_a_size_that_differs_is_said(attach, make_binary, text_of, nurse):
    binary = make_binary("image/png", PICTURE)
    _patient, wrong = attach({"url": f"Binary/{binary}", "size": 12})
    _patient, right = attach({"url": f"Binary/{binary}", "size": len(PICTURE)})

    sentence = f"The record says that the file has 12 bytes; it has {len(PICTURE)}."
    assert sentence in text_of(nurse, wrong)
    assert "The record says" not in text_of(nurse, right)


@pytest.mark.parametrize("where", ["in the record", "in a Binary"])
def test_a_hash_that_differs_is_said(where, attach, make_binary, text_of, nurse):
    inside = {"data": base64.b64encode(PICTURE).decode(), "contentType": "image/png"}
    held = inside if where == "in the record" else {"url": f"Binary/{make_binary('image/png', PICTURE)}"}
    true, false = (
        base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
        for content in (PICTURE, b"another")
    )

    assert "SHA-1 hash is not the one" in text_of(nurse, attach({**held, "hash": false})[1])
    assert "SHA-1 hash is not the one" not in text_of(nurse, attach({**held, "hash": true})[1])


def test_a_kind_that_differs_is_said_and_the_file_is_what_it_is(attach, make_binary, as_client, nurse):
    _patient, address = attach({"url": f"Binary/{make_binary('text/html', ATTACK)}", "contentType": "image/png"})
    client = as_client(nurse)

    assert "the file says text/html" in client.get(address).content.decode()
    assert client.get(f"{address}files/0/")["Content-Type"] == "application/octet-stream"


def test_another_version_of_the_file_is_said(attach, make_binary, text_of, nurse):
    _patient, address = attach({"url": f"Binary/{make_binary('image/png', PICTURE)}/_history/7"})

    assert "names version 7 of the file; this is version 1" in text_of(nurse, address)


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_a_file_that_is_not_there_or_is_of_another_record_looks_the_same(
    whose, attach, make_binary, make_patient, as_client, nurse
):
    other = make_patient()
    context = {"reference": f"Patient/{other}"}
    binary = make_binary("image/png", PICTURE, securityContext=context) if whose == "another's" else "none"
    _patient, address = attach({"url": f"Binary/{binary}"})
    client = as_client(nurse)

    assert "it is not there, or it belongs to another record" in client.get(address).content.decode()
    assert client.get(f"{address}files/0/").status_code == 404


def test_a_file_whose_context_is_this_record_opens(attach, make_binary, make_patient, as_client, nurse):
    patient = make_patient()
    binary = make_binary("image/png", PICTURE, securityContext={"reference": f"Patient/{patient}"})
    _patient, address = attach({"url": f"Binary/{binary}"}, patient=patient)

    assert as_client(nurse).get(f"{address}files/0/").content == PICTURE


def test_a_file_that_came_in_the_same_bundle_is_beside_its_document(tmp_path, as_client, steward):
    person, picture, letter = (f"urn:uuid:0f0e3a3c-2b7c-4d6a-9b1e-00000000000{number}" for number in (1, 2, 3))
    attachment = {"contentType": "image/png", "url": picture}
    entries = {
        person: {"resourceType": "Patient", "name": [{"family": "Kovács"}]},
        picture: {"resourceType": "Binary", "contentType": "image/png", "data": base64.b64encode(PICTURE).decode()},
        letter: {
            "resourceType": "DocumentReference",
            "status": "current",
            "subject": {"reference": person},
            "content": [{"attachment": attachment}],
        },
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries.items()],
    }
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), "utf-8")
    import_files([tmp_path / "bundle.json"], by=system_actor("import"))
    document = Resource.objects.get(type="DocumentReference")
    address = f"/patients/{document.patient_id}/documents/DocumentReference/{document.logical_id}/files/0/"

    assert as_client(steward).get(address).content == PICTURE
