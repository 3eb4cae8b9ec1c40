"""One hospital's site for one set of records: made, filled by the import that users have, read out, and gone.

A Django process is one site on one database, so the bench starts this module in a process for each import:
python -m wardround.bench.accuracy.site FOLDER [MAPPING]. FOLDER/records holds NDJSON files. What the site made of them is
written to FOLDER/found.json; progress goes to standard error.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.json import loads
from wardround.web.command_line import start_django
from wardround.web.home import Home


def imported(folder: Path, *, mapping_text: str) -> dict[str, Any]:
    """Every value and finding that the site holds after the import, by place."""
    start_django(Home.create(folder / "home", kind="hospital", name="Hospital of the benchmark"))
    from django.core.management import call_command

    from wardround.hospital.intake.importing import import_files
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    report = import_files(
        [folder / "records"], by=system_actor("benchmark"), form="fhir", mapping_text=mapping_text, on_progress=_say
    )
    return {
        "resources": report.resources,
        "seconds": round(report.seconds, 1),
        "values": list(_values()),
        "records": list(_records()),
        "quarantined": list(_quarantined()),
    }


def _values() -> Iterator[dict[str, Any]]:
    from wardround.hospital.records.models import StandardValue

    columns = (
        *("path", "fact", "measurement", "time", "value_number", "unit", "not_standard", "is_held", "finding"),
        *("suggestion", "suggestion_unit", "finding_sentence", "patient_id", "resource__type", "resource__logical_id"),
    )
    for row in StandardValue.objects.filter(is_current=True).values(*columns).iterator():
        row["resource"] = f"{row.pop('resource__type')}/{row.pop('resource__logical_id')}"
        row["time"] = row["time"].isoformat() if row["time"] else ""
        yield row


def _records() -> Iterator[dict[str, Any]]:
    """Findings on whole records."""
    from django.apps import apps

    models = {model.__name__: model for model in apps.get_app_config("records").get_models()}
    found = models.get("ResourceFinding")
    if found is None:
        return
    rows: Iterator[Any] = found._default_manager.select_related("resource").iterator()  # noqa: SLF001
    for row in rows:
        if not getattr(row, "is_current", True):
            continue
        yield {
            "resource": str(row.resource),
            "patient_id": row.resource.patient_id,
            "finding": row.kind,
            "is_held": bool(getattr(row, "is_held", True)),
            "finding_sentence": row.sentence,
        }


def _quarantined() -> Iterator[dict[str, Any]]:
    from wardround.hospital.intake.models import QuarantineItem
    from wardround.hospital.intake.quarantine import opened

    for item in QuarantineItem.objects.select_related("batch"):
        try:
            resource = loads(opened(item).raw.strip())
        except NotJSON:
            continue
        subject = resource.get("subject") or resource.get("patient") or {}
        yield {
            "resource": f"{resource.get('resourceType')}/{resource.get('id')}",
            "patient_id": str(subject.get("reference", "")).removeprefix("Patient/"),
            "reason": item.reason,
        }


def _say(report: Any) -> None:
    print(f"{report.resources} resources", file=sys.stderr, flush=True)  # noqa: T201 - read by who started it


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0])
    mapping_text = Path(arguments[1]).read_text("utf-8") if len(arguments) > 1 else ""
    found = imported(folder, mapping_text=mapping_text)
    (folder / "found.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
