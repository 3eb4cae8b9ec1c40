"""The quality's part of the worker process: the records are measured once a day, in the small hours."""

import threading
from datetime import datetime

from wardround.hospital.nightly import run_nightly
from wardround.hospital.quality.models import QualitySnapshot


def measure_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    run_nightly(stopping, "quality", "--keep", is_due=_is_due, what="A measurement of the records")


def _is_due(since: datetime) -> bool:
    return not QualitySnapshot.objects.filter(made__gte=since).exists()
