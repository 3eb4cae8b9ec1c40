"""What is told to a monitor of every model in use: whether its patients have changed, and by how much. No patient data."""

from collections.abc import Iterator
from dataclasses import dataclass

from wardround.hospital.training.models import LocalModel
from wardround.hospital.training.watching import has_drifted, told_drift


@dataclass(frozen=True)
class DriftGauges:
    """One study's model. What is None was not measured, or on too few patients to be told."""

    study: str
    version: str
    has_drifted: bool
    has_failed: bool
    largest_index: float | None
    observed_over_expected: float | None


def drift_gauges() -> Iterator[DriftGauges]:
    """Of every model in use, by the study's name."""
    for model in LocalModel.objects.filter(is_current=True).select_related("study").order_by("study__name", "pk"):
        drift = told_drift(model.figures) or {}
        calibration = drift.get("calibration") or {}
        expected = calibration.get("expected")
        yield DriftGauges(
            study=model.study.title,
            version=model.study.version,
            has_drifted=has_drifted(model.figures),
            has_failed="failed" in drift,
            largest_index=max((one["index"] for one in drift.get("inputs", ())), default=None),
            observed_over_expected=calibration["observed"] / expected if expected else None,
        )
