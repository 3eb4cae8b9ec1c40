"""The quality of the records, and the drift of models, as Prometheus metrics: counts, and nothing of any patient."""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.quality.report import QualityReport
from wardround.hospital.records.models import Resource, StandardValue
from wardround.hospital.training.drift_gauges import drift_gauges

_LONGEST_LABEL = 120
_MODEL = ("study", "version")


def store_text() -> str:
    """What is cheap enough to be asked every few seconds."""
    return _text(list(_of_the_store()))


def report_text(report: QualityReport) -> str:
    """That, and everything that a report measured."""
    return _text([*_of_the_store(), *_of_the_report(report)])


def _of_the_store() -> Iterator[GaugeMetricFamily]:
    patients = Resource.objects.filter(type="Patient", is_deleted=False).count()
    held = StandardValue.objects.filter(is_current=True, is_held=True).count()
    waiting = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True).count()
    unfinished = Batch.objects.filter(finished__isnull=True, undone__isnull=True).count()
    yield GaugeMetricFamily("wardround_patients", "Patients in the records.", value=patients)
    yield GaugeMetricFamily("wardround_values_held", "Values that wait for a decision.", value=held)
    yield GaugeMetricFamily("wardround_messages_in_quarantine", "Messages that could not be stored.", value=waiting)
    yield GaugeMetricFamily("wardround_batches_unfinished", "Imports that did not come to their end.", value=unfinished)
    yield from _of_the_models()


def _of_the_models() -> Iterator[GaugeMetricFamily]:
    alert = GaugeMetricFamily(
        "wardround_model_drift_alert", "1 where a model's patients have changed beyond a limit.", labels=_MODEL
    )
    failed = GaugeMetricFamily(
        "wardround_model_drift_failed", "1 where a model's drift could not be measured.", labels=_MODEL
    )
    index = GaugeMetricFamily(
        "wardround_model_drift_psi_max", "Largest population stability index of a model's inputs.", labels=_MODEL
    )
    ratio = GaugeMetricFamily(
        "wardround_model_calibration_observed_over_expected",
        "Outcomes since adoption over those that the model foresaw.",
        labels=_MODEL,
    )
    for model in drift_gauges():
        study = (model.study[:_LONGEST_LABEL], model.version)
        alert.add_metric(study, model.has_drifted)
        failed.add_metric(study, model.has_failed)
        if model.largest_index is not None:
            index.add_metric(study, model.largest_index)
        if model.observed_over_expected is not None:
            ratio.add_metric(study, model.observed_over_expected)
    yield from (alert, failed, index, ratio)


def _of_the_report(report: QualityReport) -> Iterator[GaugeMetricFamily]:
    checked: Counter[tuple[str, ...]] = Counter()
    failed: Counter[tuple[str, ...]] = Counter()
    for check in report.checks:
        labels = (check.type.name, check.type.category, check.subject[:_LONGEST_LABEL])
        checked[labels] += check.checked
        failed[labels] += check.failed
    names = ("check", "category", "subject")
    for name, what, counts in (
        ("wardround_quality_records_checked", "Records that a check looked at.", checked),
        ("wardround_quality_records_failed", "Records that failed a check.", failed),
    ):
        yield _gauge(name, what, names=names, counts=counts)
    regained: Counter[tuple[str, ...]] = Counter()
    for fix in report.fixes:
        if fix.regained is not None:
            regained[(fix.title[:_LONGEST_LABEL],)] += fix.regained
    what = "Patients that approved studies get back by one fix."
    yield _gauge("wardround_quality_patients_regained", what, names=("fix",), counts=regained)


def _gauge(name: str, what: str, *, names: Sequence[str], counts: Counter[tuple[str, ...]]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, what, labels=names)
    for labels, many in sorted(counts.items()):
        gauge.add_metric(labels, many)
    return gauge


class _Measured(Collector):
    """Figures that were counted already, in the form that the client library writes out."""

    def __init__(self, gauges: Sequence[GaugeMetricFamily]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._gauges


def _text(gauges: Sequence[GaugeMetricFamily]) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Measured(gauges))
    return generate_latest(registry).decode()
