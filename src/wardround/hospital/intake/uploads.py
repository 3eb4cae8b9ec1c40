"""What is done with an upload: taken in, mapped, tried, imported by the worker, or thrown away; each in the audit trail."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.hospital.intake import upload_files
from wardround.hospital.intake.errors import IntakeError, NoSuchUpload
from wardround.hospital.intake.formats import detected, reader_of
from wardround.hospital.intake.models import Batch, Upload
from wardround.hospital.intake.upload_files import Kept, opened
from wardround.hospital.records.access import require
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import CodeMapping
from wardround.interchange import suggest
from wardround.interchange.errors import InterchangeError
from wardround.interchange.suggest.sample import read_head
from wardround.web.audit.trail import record_one
from wardround.web.layout.said import said

KEPT = timedelta(hours=24)
_EXAMPLES = 3  # values of a column that a person is shown
_CHANGEABLE = (Upload.State.OPEN, Upload.State.FAILED)


def new_id() -> str:
    return uuid.uuid4().hex


def take_upload(upload_id: str, files: Sequence[Kept], *, by: object) -> Upload:
    """Files that the handler has sealed become an upload: the format is what they show, a table's mapping is drafted."""
    actor = require(by, "imports")
    upload = Upload(id=upload_id, uploaded=timezone.now(), uploaded_by=actor.name)
    with opened(upload_id, files) as paths:
        try:
            upload.format = detected(paths)
            if upload.format == "csv":
                _look_at(upload, paths[0])
        except (IntakeError, InterchangeError) as error:
            upload.sentence = str(error)
    with transaction.atomic():
        upload.files = _sealed(upload, "files", [asdict(file) for file in files])
        upload.save()
        size = sum(file.size for file in files)
        record_one(actor, "upload.take", what=str(upload), detail={"files": len(files), "bytes": size})
    return upload


def upload_named(upload_id: str, *, by: object) -> Upload:
    """One upload; raises `NoSuchUpload`."""
    require(by, "imports")
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise NoSuchUpload("There is no such upload; after a day without an import its files are thrown away.")
    return upload


def uploads(by: object) -> list[Upload]:
    """Those that are not imported yet, the latest first."""
    require(by, "imports")
    return list(Upload.objects.exclude(state=Upload.State.DONE).order_by("-uploaded"))


def files_of(upload: Upload) -> list[Kept]:
    return [Kept(**entry) for entry in _unsealed(upload, "files")]


def columns_of(upload: Upload) -> list[tuple[str, list[str]]]:
    """The columns of a table, each with a few of its values; of what is no table, nothing."""
    return [(name, values) for name, values in _unsealed(upload, "columns")] if upload.columns else []


def set_format(upload: Upload, form: str, *, by: object) -> None:
    """A person says what the files are."""
    require(by, "imports")
    reader_of(form)
    if form == "csv" and not upload.mapping:
        with opened(upload.pk, files_of(upload)) as paths:
            _look_at(upload, paths[0])
    upload.format = form
    _save(upload, "format", "mapping", "columns")


def set_mapping(upload: Upload, text: str, *, by: object) -> None:
    """The mapping as it is written now; whether it can be used is said by the trial."""
    require(by, "imports")
    upload.mapping = text.replace("\r\n", "\n")
    _save(upload, "mapping")


def keep_preview(upload: Upload, report: dict[str, Any], *, by: object) -> None:
    """What a trial found, until the mapping changes."""
    actor = require(by, "imports")
    with transaction.atomic():
        upload.preview = _sealed(upload, "preview", report)
        upload.sentence = ""
        upload.save(update_fields=["preview", "sentence"])
        record_one(actor, "upload.try", what=str(upload), detail={"messages": report["messages"]})


def preview_of(upload: Upload) -> dict[str, Any] | None:
    """What the trial under the present mapping found."""
    found: dict[str, Any] | None = _unsealed(upload, "preview") if upload.preview else None
    return found


def ask_for_import(upload: Upload, *, by: object) -> None:
    """The worker imports it; the page follows."""
    actor = require(by, "imports")
    with transaction.atomic():
        changed = Upload.objects.filter(pk=upload.pk, state__in=_CHANGEABLE)
        changed.update(state=Upload.State.WAITING, sentence="", progress={}, uploaded_by=actor.name)
        record_one(actor, "upload.import", what=str(upload), detail={"format": upload.format})


def discard(upload: Upload, *, by: object) -> None:
    """The files are thrown away; nothing of them was stored."""
    actor = require(by, "imports")
    with transaction.atomic():
        if Upload.objects.filter(pk=upload.pk, state__in=_CHANGEABLE).delete()[0]:
            record_one(actor, "upload.discard", what=str(upload))
            transaction.on_commit(lambda: upload_files.forget(upload.pk))


def earlier_mappings(by: object) -> list[tuple[str, str]]:
    """Mappings that tables were imported under before, the latest first: (digest, their source's name and day)."""
    require(by, "imports")
    found: dict[str, str] = {}
    batches = Batch.objects.filter(format="csv", code_mapping__isnull=False, undone__isnull=True)
    for digest, started in batches.order_by("-started").values_list("code_mapping", "started")[:200]:
        found.setdefault(digest, f"{timezone.localtime(started):%d-%b-%Y %H:%M}")
    return list(found.items())


def mapping_text(digest: str, *, by: object) -> str:
    """The text of a mapping that was used before; raises `NoSuchUpload`."""
    require(by, "imports")
    kept = CodeMapping.objects.filter(digest=digest).first()
    if kept is None:
        raise NoSuchUpload("That mapping is not here any more. Choose another, or go on with the draft.")
    return str(kept.text)


def _look_at(upload: Upload, path: Path) -> None:
    """A table's columns and the draft of its mapping."""
    home = settings.HOME
    head = read_head(path)
    values = [
        (name, list(dict.fromkeys(row[at].strip() for row in head.rows if row[at].strip()))[:_EXAMPLES])
        for at, name in enumerate(head.names)
        if name
    ]
    upload.columns = _sealed(upload, "columns", values)
    owner = suggest.Home(name=home.name, slug=home.slug, zone=home.time_zone)
    upload.mapping = suggest.draft_mapping(path, home=owner, say=said)


def _sealed(upload: Upload, what: str, content: object) -> bytes:
    keyring = Keyring()
    text = orjson.dumps(content, default=str)
    return keyring.seal(text, key=keyring.node_key(), place=f"intake_upload|{upload.pk}|{what}")


def _unsealed(upload: Upload, what: str) -> Any:
    keyring = Keyring()
    sealed = getattr(upload, what)
    return orjson.loads(keyring.open(sealed, key=keyring.node_key(), place=f"intake_upload|{upload.pk}|{what}"))


def _save(upload: Upload, *fields: str) -> None:
    """What changes the meaning of the files makes an earlier trial worthless."""
    if upload.state not in _CHANGEABLE:
        raise NoSuchUpload("This upload is being imported, or is imported already. Upload the files again.")
    upload.preview, upload.sentence, upload.state = b"", "", Upload.State.OPEN
    upload.save(update_fields=[*fields, "preview", "sentence", "state"])
