"""Keeping quality reports: measured once a day or when somebody asks, shown at once ever after."""

from typing import Any

from django.db import transaction

from wardround.hospital.quality.models import QualitySnapshot
from wardround.hospital.quality.report import QualityReport, quality_report
from wardround.hospital.records.access import actor_of, require
from wardround.web.audit.trail import record_one

_KEPT = 400  # a year of days, and those that people asked for


def measure(by: object) -> QualityReport:
    """Make the report now and keep its counts. Raises `NotAllowed`."""
    actor = actor_of(by)
    report = quality_report(by)
    with transaction.atomic():
        QualitySnapshot.objects.create(made=report.made, made_by=actor.name, facts=report.as_json(with_records=False))
        old = QualitySnapshot.objects.order_by("-made").values_list("pk", flat=True)[_KEPT:]
        QualitySnapshot.objects.filter(pk__in=list(old)).delete()
        record_one(actor, "quality.measure")
    return report


def latest(somebody: object) -> dict[str, Any] | None:
    """The latest report, each check with what it was in the one before; None where none was made. Raises `NotAllowed`."""
    require(somebody, "quality")
    found = list(QualitySnapshot.objects.order_by("-made")[:2])
    if not found:
        return None
    facts: dict[str, Any] = found[0].facts
    before = {check["key"]: check["share"] for check in found[1].facts["checks"]} if len(found) > 1 else {}
    for check in facts["checks"]:
        check["change"] = check["share"] - before[check["key"]] if check["key"] in before else None
    return facts
