"""A trial of an upload: its first messages go through the whole write path, and everything is taken back."""

from dataclasses import asdict
from itertools import islice
from typing import Any

from django.db import transaction

from wardround.hospital.intake.batches import batch_today
from wardround.hospital.intake.formats import reader_of
from wardround.hospital.intake.importing import Import
from wardround.hospital.intake.models import Upload
from wardround.hospital.intake.upload_files import opened
from wardround.hospital.intake.uploads import files_of, keep_preview

MOST = 300  # messages: others wait for the store while a trial runs


def try_upload(upload: Upload, *, by: object) -> dict[str, Any]:
    """What an import would say of the first messages, with the rows to look at; nothing of it stays in the records.

    Raises `BadMapping`, `NeedsMapping` and what else an import refuses before it reads.
    """
    reader = reader_of(upload.format)
    with opened(upload.pk, files_of(upload)) as paths, transaction.atomic():
        batch = Import(form=upload.format, mapping_text=upload.mapping, by=by)
        batch.start([path.name for path in paths])
        readings = iter(reader.read(paths, mapping=batch.mapping))
        batch.take(islice(readings, MOST))
        is_whole = next(readings, None) is None
        report = batch.finish().as_json()
        today = asdict(batch_today(batch.report.batch, by=by))
        transaction.set_rollback(True)
    rows = {name: today[name] for name in ("held", "not_standardised", "quarantined")}
    found = {**report, "rows": rows, "is_whole": is_whole}
    keep_preview(upload, found, by=by)
    return found
