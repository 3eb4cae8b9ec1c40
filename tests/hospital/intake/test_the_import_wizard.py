"""A steward imports in the browser: upload, map, try, import, undo."""

import html
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from wardround.hospital.intake.models import Batch, QuarantineItem, Upload
from wardround.hospital.intake.upload_files import SealingHandler, opened
from wardround.hospital.intake.upload_work import expire_uploads, import_next_upload
from wardround.hospital.intake.uploads import files_of
from wardround.hospital.records.models import CodeMapping, Resource
from wardround.web.audit.models import AuditEvent

LAB = (
    b"PatNr;Nachname;Vorname;Geschlecht;Geburtsdatum;Datum;Chol (mg/dl);RR syst\n"
    b"1;Muster;Anna;W;12.03.1961;02.03.2026;212;128\n"
    b"2;Beispiel;Ben;M;30.11.1955;02.03.2026;198;1280\n"
    b"3;Fehler;Eva;W;31.02.1970;02.03.2026;201;131\n"
)
TRIED = "Would be stored"


@pytest.fixture
def sent(as_client, steward):
    """Hand files over, and return the client and the page that follows."""

    def send(*files: tuple[str, bytes]):
        client = as_client(steward)
        uploads = [SimpleUploadedFile(name, content) for name, content in files]
        answer = client.post("/imports/new/", {"files": uploads})
        assert answer.status_code == 302
        return client, answer.url

    return send


def shown(client, url: str) -> str:
    return html.unescape(client.get(url).content.decode())


def test_a_table_is_mapped_tried_and_imported(sent):
    client, url = sent(("labor.csv", LAB))

    page = shown(client, url)
    assert 'value="hospital number"' in page
    assert 'value="Total cholesterol"' in page
    client.post(url, {"do": "try"})
    assert Resource.objects.count() == 0
    tried = shown(client, url)
    assert TRIED in tried
    assert "1280" in tried  # held: far above what is possible
    assert "line 4" in tried  # to quarantine: the 31st of February

    client.post(url, {"do": "import"})
    assert import_next_upload()

    answer = client.get(url)
    batch = Batch.objects.get()
    assert answer.url == f"/imports/{batch.pk}/"
    assert Resource.objects.filter(type="Patient").count() == 2
    assert QuarantineItem.objects.count() == 1


def test_a_trial_leaves_nothing_behind_but_its_own_report(sent):
    client, url = sent(("labor.csv", LAB))
    before = AuditEvent.objects.count()

    client.post(url, {"do": "try"})

    assert (Resource.objects.count(), Batch.objects.count(), QuarantineItem.objects.count()) == (0, 0, 0)
    assert not CodeMapping.objects.exists()
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)[before:]
    assert list(actions) == ["upload.try"]


def test_a_column_is_given_another_meaning_by_its_title(sent):
    client, url = sent(("labor.csv", LAB))
    before = Upload.objects.get().mapping

    sent_form = {f"{part}-{n}": "" for n in range(8) for part in ("meaning", "unit", "time")}
    kept = {
        "meaning-0": "hospital number",
        "meaning-5": "start of the visit",
        "meaning-7": "Heart rate",
        "unit-7": "/min",
    }
    client.post(url, {"do": "columns", **sent_form, **kept})

    mapping = Upload.objects.get().mapping
    assert mapping != before
    assert '"RR syst" = { measurement = "heart_rate", unit = "/min" }' in mapping
    assert '"Nachname": not read' in mapping
    assert 'date_format = "%d.%m.%Y"' in mapping  # what the form does not show stays


def test_what_a_column_cannot_be_is_refused_with_what_it_can_be(sent):
    client, url = sent(("labor.csv", LAB))

    answer = client.post(url, {"do": "columns", "meaning-0": "blood stuff"})

    assert answer.status_code == 409
    assert "The column PatNr cannot be “blood stuff”: choose one of the list" in html.unescape(answer.content.decode())


def test_a_mapping_that_cannot_be_read_says_so_and_keeps_what_was_typed(sent):
    client, url = sent(("labor.csv", LAB))

    answer = client.post(url, {"do": "text", "mapping": "[columns\nPatNr ="})

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "no TOML" in page
    assert "[columns\nPatNr =" in page


def test_a_mapping_of_an_earlier_import_can_be_taken(sent):
    client, url = sent(("labor.csv", LAB))
    client.post(url, {"do": "import"})
    import_next_upload()
    used = CodeMapping.objects.get()

    client, second = sent(("labor-2.csv", LAB.replace(b"PatNr", b"Pat-Nr")))
    client.post(second, {"do": "earlier", "earlier": used.digest})

    assert Upload.objects.get(state="open").mapping == used.text


def test_files_whose_format_nobody_recognises_are_named_by_the_steward(sent):
    client, url = sent(("export.dat", b"nothing that is known"))

    assert "The format of these files is not recognised." in shown(client, url)
    client.post(url, {"do": "format", "format": "hl7v2"})

    assert Upload.objects.get().format == "hl7v2"


def test_files_are_sealed_while_they_arrive_and_gone_after_the_import(sent, settings):
    client, url = sent(("labor.csv", LAB))
    upload = Upload.objects.get()
    folder = Path(settings.HOME.path) / "uploads" / upload.pk
    kept = [path for path in folder.rglob("*") if path.is_file()]

    assert kept
    assert not any(b"Muster" in path.read_bytes() for path in kept)
    assert b"labor.csv" not in bytes(upload.files)
    assert [(file.name, file.size) for file in files_of(upload)] == [("labor.csv", len(LAB))]

    client.post(url, {"do": "import"})
    import_next_upload()

    assert not folder.exists()


def test_a_file_of_many_parts_comes_back_whole(sent, monkeypatch):
    monkeypatch.setattr(SealingHandler, "chunk_size", 2_000)
    monkeypatch.setattr("wardround.hospital.intake.upload_files.PART", 3_000)
    long = LAB + LAB.splitlines(keepends=True)[1] * 200
    _client, _url = sent(("labor.csv", long))
    (kept,) = files_of(Upload.objects.get())

    with opened(Upload.objects.get().pk, [kept]) as (path,):
        read = path.read_bytes()

    assert kept.parts > 1
    assert read == long
    assert not path.exists()


def test_files_that_are_too_large_are_refused_and_nothing_is_kept(as_client, steward, settings):
    settings.UPLOAD_MOST_BYTES = 100
    client = as_client(steward)

    answer = client.post("/imports/new/", {"files": [SimpleUploadedFile("labor.csv", LAB)]})

    assert answer.status_code == 400
    assert "wardround hospital import" in answer.content.decode()
    assert not Upload.objects.exists()


def test_no_file_is_asked_for_again(as_client, steward):
    answer = as_client(steward).post("/imports/new/", {})

    assert answer.status_code == 400
    assert "Choose at least one file." in answer.content.decode()


def test_a_form_from_elsewhere_is_refused(steward):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post("/imports/new/", {"files": [SimpleUploadedFile("labor.csv", LAB)]})

    assert answer.status_code == 403
    assert not Upload.objects.exists()


def test_thrown_away_is_gone(sent, settings):
    client, url = sent(("labor.csv", LAB))

    client.post(url, {"do": "discard"})

    assert client.get(url).status_code == 404
    assert not Upload.objects.exists()


def test_what_nobody_imports_within_a_day_is_thrown_away(sent):
    from datetime import timedelta

    client, url = sent(("labor.csv", LAB))
    upload = Upload.objects.get()
    Upload.objects.update(uploaded=upload.uploaded - timedelta(days=2))

    expire_uploads()

    assert client.get(url).status_code == 404
    assert AuditEvent.objects.filter(action="upload.expire").exists()


def test_an_import_that_is_refused_can_be_mended_and_asked_for_again(sent):
    client, url = sent(("labor.csv", LAB))
    good = Upload.objects.get().mapping
    Upload.objects.update(mapping='[source]\nslug = "x"\nformat = "csv"\nzone = "UTC"\n[columns]\nPatNr = "given"\n')
    client.post(url, {"do": "import"})
    import_next_upload()

    assert Upload.objects.get().state == "failed"
    assert Upload.objects.get().sentence in shown(client, url)
    client.post(url, {"do": "text", "mapping": good})
    client.post(url, {"do": "import"})
    import_next_upload()

    assert Upload.objects.get().state == "done"


@pytest.mark.parametrize(("who", "status"), [("nurse", 403), ("stranger", 403), ("doctor", 403), ("steward", 200)])
def test_the_page_is_for_those_who_look_after_data(as_client, request, who, status):
    assert as_client(request.getfixturevalue(who)).get("/imports/new/").status_code == status


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.csv", "..\\..\\boot.csv", "a" * 400 + ".csv", "ő" * 250 + ".csv", "<script>alert(1)</script>.csv"],
    ids=["upwards", "upwards on Windows", "long", "long in bytes", "script"],
)  # fmt: skip
def test_a_file_name_of_an_attacker_is_only_a_name(sent, settings, name):
    client, url = sent((name, LAB))

    page = client.get(url)

    assert page.status_code == 200
    assert b"<script>alert" not in page.content
    assert 'value="hospital number"' in page.content.decode()
    kept = settings.HOME.path / "uploads"
    assert {path.parent.parent for path in kept.rglob("*.sealed")} == {kept}
