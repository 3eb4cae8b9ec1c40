"""A note in plain words, as a DocumentReference. Its author is whoever is logged in."""

import base64
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import first_of, present, words_of_concept
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Context, StatementForm
from wardround.hospital.records.actions.changing import Put

_PLAIN = "text/plain; charset=utf-8"


def _boxes(_context: Context) -> tuple[Box, ...]:
    return (
        Box("title", _("Title"), is_required=True, most=120, suggests=(gettext("Ward round"), gettext("Nursing note"),
            gettext("Consultation"), gettext("Discharge note"))),
        Box("text", _("Text"), "text", is_required=True, most=20_000),
    )  # fmt: skip


def _written(reading: Reading, context: Context) -> list[Put]:
    title = reading.line("title", missing=gettext("Give the note a title, for example “Ward round”."))
    text = reading.line("text", missing=gettext("Write the note."))
    attachment = {
        "contentType": _PLAIN,
        "data": base64.b64encode(text.encode()).decode(),
        "title": title,
        "creation": context.written_at,
    }
    body = {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "type": {"text": title},
        "subject": context.subject,
        "date": context.written_at,
        "author": [context.author],
        "description": title,
        "content": [{"attachment": attachment}],
    }
    return [Put(present(body), activity="create")]


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    attachment = first_of(body.get("content", ())).get("attachment", {})
    is_plain = str(attachment.get("contentType", "")).startswith("text/plain")
    text = base64.b64decode(attachment.get("data", "")).decode("utf-8", "replace") if is_plain else ""
    return {"title": str(body.get("description") or words_of_concept(body.get("type"))), "text": text}


NOTE = StatementForm(
    name="note",
    type="DocumentReference",
    title=_("Write a note"),
    save_title=_("Save note"),
    boxes=_boxes,
    written=_written,
    places={"date": "text"},
    list_route="chart-notes",
    typed_of=_typed_of,
)
