"""The audit trail as a file: CSV for a spreadsheet, JSON lines for a machine. An export is itself an event of the trail."""

import csv
import json
from collections.abc import Callable, Iterator
from typing import Literal

from wardround.web.audit.actor import Actor
from wardround.web.audit.models import AuditEvent
from wardround.web.audit.queries import AuditQuestion, events
from wardround.web.audit.trail import record_one

Form = Literal["csv", "jsonl"]
CONTENT_TYPES: dict[Form, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
COLUMNS = ("id", "uid", "recorded", "action", "outcome", "actor_kind", "actor_name", "actor_role", "patient_id", "what",
           "detail", "is_sealed", "mac")  # fmt: skip


def export(question: AuditQuestion, *, form: Form, by: Actor) -> Iterator[str]:
    """The events that fit, newest first, line by line. The export is in the trail before its first line leaves."""
    found = events(question)
    record_one(by, "audit.export", what=f"AuditEvent as {form}", detail={**question.facts(), "events": found.count()})
    # What is written from now on, the note of this export included, is not part of it.
    newest = found.values_list("id", flat=True).first() or 0
    write = {"csv": _csv, "jsonl": _json_lines}[form]
    return write(found.filter(id__lte=newest).iterator(chunk_size=2_000))


def _csv(found: Iterator[AuditEvent]) -> Iterator[str]:
    line = csv.writer(_Echo(), lineterminator="\r\n")
    yield line.writerow(COLUMNS)
    for event in found:
        facts = _facts(event)
        facts["detail"] = json.dumps(event.detail, ensure_ascii=False, sort_keys=True)
        yield line.writerow([_unarmed(facts[column]) for column in COLUMNS])


def _json_lines(found: Iterator[AuditEvent]) -> Iterator[str]:
    for event in found:
        yield json.dumps(_facts(event), ensure_ascii=False) + "\n"


def _facts(event: AuditEvent) -> dict[str, object]:
    facts: dict[str, object] = {column: getattr(event, column) for column in COLUMNS}
    facts |= {"uid": str(event.uid), "recorded": event.recorded.isoformat(), "mac": bytes(event.mac).hex()}
    return facts


def _unarmed(value: object) -> str:
    """A spreadsheet takes a cell that begins with one of these as a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class _Echo:
    """What csv.writer writes to; `writerow` gives back what this returns."""

    write: Callable[[str], str] = staticmethod(str)
