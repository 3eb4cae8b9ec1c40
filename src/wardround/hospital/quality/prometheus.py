"""The quality of the records as Prometheus metrics (text format 0.0.4): counts, and nothing of any patient."""

from collections import Counter
from collections.abc import Iterable, Iterator

from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.quality.report import QualityReport
from wardround.hospital.records.models import Resource, StandardValue

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


def report_text(report: QualityReport) -> str:
    """Everything that the report measured."""
    checked: Counter[tuple[str, str, str]] = Counter()
    failed: Counter[tuple[str, str, str]] = Counter()
    for check in report.checks:
        key = (check.type.name, check.type.category, _label(check.subject))
        checked[key] += check.checked
        failed[key] += check.failed
    names = ("check", "category", "subject")
    lines = [
        *_gauge("wardround_quality_records_checked", "Records that a check looked at.", _samples(names, checked)),
        *_gauge("wardround_quality_records_failed", "Records that failed a check.", _samples(names, failed)),
        *_gauge(
            "wardround_quality_patients_regained",
            "Patients that approved studies get back by one fix.",
            [({"fix": _label(fix.title)}, float(fix.regained)) for fix in report.fixes if fix.regained is not None],
        ),
    ]
    return "\n".join([*store_lines(), *lines]) + "\n"


def store_lines() -> Iterator[str]:
    """What is cheap enough to be asked every few seconds."""
    present = StandardValue.objects.filter(is_current=True)
    waiting = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True).count()
    held = present.filter(is_held=True).count()
    unfinished = Batch.objects.filter(finished__isnull=True, undone__isnull=True).count()
    patients = Resource.objects.filter(type="Patient", is_deleted=False).count()
    yield from _gauge("wardround_patients", "Patients in the records.", [({}, patients)])
    yield from _gauge("wardround_values_held", "Values that wait for a decision.", [({}, held)])
    yield from _gauge("wardround_messages_in_quarantine", "Messages that could not be stored.", [({}, waiting)])
    yield from _gauge("wardround_batches_unfinished", "Imports that did not come to their end.", [({}, unfinished)])


def _samples(names: tuple[str, ...], counts: Counter[tuple[str, str, str]]) -> list[Sample]:
    return [(dict(zip(names, key, strict=True)), float(many)) for key, many in sorted(counts.items())]


def _gauge(name: str, what: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{said}}} {value:g}" if said else f"{name} {value:g}"


def _label(text: str) -> str:
    return text[:120]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
