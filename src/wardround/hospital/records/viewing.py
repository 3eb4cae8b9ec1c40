"""Running a view over the records: who may, what is read, and the one audit event that says so."""

from collections.abc import Generator
from datetime import datetime

from django.utils import timezone

from wardround.hospital.records.access import patient_for, records_for, require
from wardround.hospital.records.sweep import Swept, sweep
from wardround.interchange.fhir.json import loads
from wardround.interchange.sql_on_fhir.running import Row, rows_of
from wardround.interchange.sql_on_fhir.view import View
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


def rows_for(somebody: object, view: View, *, patient_id: str = "", since: datetime | None = None) -> Generator[Row]:
    """The view's rows over the records as they are now, or over one patient's chart.

    The event is written when the reading ends, however it ends, with how many resources were read. Raises
    `NotAllowed`, `NotThere`, and while it runs `PathFailed` and `ViewFailed`.
    """
    actor = require(somebody, "charts")
    patients = frozenset({patient_for(actor, patient_id).id}) if patient_id else None
    readable = records_for(actor)
    wanted = Swept(view.resource_type, until=timezone.now(), since=since, patients=patients, readable=readable)
    return _read(actor, view, wanted=wanted, patient_id=patient_id)


def _read(actor: Actor, view: View, *, wanted: Swept, patient_id: str) -> Generator[Row]:
    read = rows = 0
    try:
        for part in sweep(wanted):
            for found in part:
                if found.text is None:
                    continue
                read += 1
                for row in rows_of(view, loads(found.text)):
                    rows += 1
                    yield row
    finally:
        record_one(
            actor,
            "view.run",
            patient_id=patient_id,
            what=f"{view.resource_type}: {view.name}"[:200],
            detail={"columns": [column.name for column in view.columns][:100], "read": read, "rows": rows},
        )
