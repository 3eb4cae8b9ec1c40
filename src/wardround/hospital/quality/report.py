"""The data quality report of a hospital: every check in Kahn's terms, the trend of each source, and what to mend first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import timezone

from wardround.hospital.quality.checks import Category, Measured, Record
from wardround.hospital.quality.completeness import completeness
from wardround.hospital.quality.conformance import conformance
from wardround.hospital.quality.errors import NoSuchCheck
from wardround.hospital.quality.fixes import Fix, fixes
from wardround.hospital.quality.plausibility import held_for, plausibility
from wardround.hospital.quality.sources import Source, sources
from wardround.hospital.records.access import is_in_care_teams, patients_of, require
from wardround.hospital.records.models import Resource, StandardValue
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_LISTED = 100


@dataclass(frozen=True)
class QualityReport:
    """What is known about the quality of a hospital's records at one moment."""

    hospital: str
    made: datetime
    patients: int
    resources: int
    values: int
    checks: tuple[Measured, ...]
    sources: tuple[Source, ...]
    studies: tuple[str, ...]
    fixes: tuple[Fix, ...]

    def of(self, category: Category) -> list[Measured]:
        """The checks of one category, what fails most first."""
        found = [check for check in self.checks if check.type.category == category]
        return sorted(found, key=lambda check: (-check.share, -check.failed, check.subject))

    def as_json(self, *, with_records: bool = True) -> dict[str, Any]:
        """The report as one JSON document; of each check the first hundred records that fail it."""
        return {
            "hospital": self.hospital,
            "made": self.made.isoformat(),
            "patients": self.patients,
            "resources": self.resources,
            "values": self.values,
            "checks": [_check(check, with_records=with_records) for check in self.checks],
            "sources": [
                {
                    "name": source.name,
                    "warning": source.warning,
                    "months": [
                        {
                            "month": month.month,
                            "values": month.values,
                            "held": month.held,
                            "not_standardised": month.not_standardised,
                            "quarantined": month.quarantined,
                        }
                        for month in source.months
                    ],
                }
                for source in self.sources
            ],
            "studies": list(self.studies),
            "fixes": [
                {
                    "key": fix.key,
                    "title": fix.title,
                    "what_to_do": fix.what_to_do,
                    "values": fix.values,
                    "patients": fix.patients,
                    "patients_regained": fix.regained,
                    "patients_entering": fix.entering,
                    "is_at_most": fix.is_at_most,
                    "studies": list(fix.studies),
                    "value_ids": list(fix.value_ids[:_LISTED]),
                }
                for fix in self.fixes
            ],
        }


def quality_report(somebody: object) -> QualityReport:
    """Measure everything now. Raises `NotAllowed`; that somebody looked is audited."""
    actor = require(somebody, "quality")
    studies, found = fixes()
    report = QualityReport(
        hospital=settings.HOME.name,
        made=timezone.now(),
        patients=Resource.objects.filter(type="Patient", is_deleted=False).count(),
        resources=Resource.objects.filter(is_deleted=False).count(),
        values=StandardValue.objects.filter(is_current=True, resource__is_deleted=False).count(),
        checks=tuple(_checks()),
        sources=tuple(sources()),
        studies=studies,
        fixes=tuple(found),
    )
    record_one(actor, "quality.report", detail={"checks": len(report.checks), "fixes": len(report.fixes)})
    return report


def records_of(key: str, *, by: object, start: int = 0, most: int = _LISTED) -> tuple[Measured, list[Record]]:
    """The records that fail one check, a page of them. Raises `NoSuchCheck` and `NotAllowed`."""
    actor = require(by, "quality")
    check = held_for(key) if key.startswith("held:") else next((one for one in _checks() if one.key == key), None)
    if check is None:
        raise NoSuchCheck(
            "There is no such check, or nothing fails it any more. The quality report shows those that there are."
        )
    record_one(actor, "quality.records", what=check.type.name, detail={"start": start})
    return check, _own(list(islice(check.records(), start, start + most)), by=actor)


def _own(records: list[Record], *, by: Actor) -> list[Record]:
    """Without the records of others' patients: the number counts the whole hospital, the lines open charts."""
    if not is_in_care_teams(by):
        return records
    ids = {record.patient_id for record in records}
    own = Resource.objects.filter(patients_of(by, column="logical_id"), type="Patient", logical_id__in=ids)
    known = set(own.values_list("logical_id", flat=True))
    return [record for record in records if record.patient_id in known]


def _checks() -> Iterator[Measured]:
    yield from conformance()
    yield from completeness()
    yield from plausibility()


def _check(check: Measured, *, with_records: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "check": check.type.name,
        "key": check.key,
        "ohdsi": check.type.is_ohdsi,
        "asks": check.type.sentence,
        "category": check.type.category,
        "subcategory": check.type.subcategory,
        "context": "verification",
        "subject": check.subject,
        "checked": check.checked,
        "failed": check.failed,
        "share": round(check.share, 6),
    }
    if with_records and check.failed:
        facts["records"] = [
            {"resource": r.resource, "path": r.path, "why": r.why} for r in islice(check.records(), _LISTED)
        ]
    return facts
