"""The watching's part of the worker process: every model in use is measured once a day, in the small hours."""

import threading
from datetime import datetime

from wardround.hospital.nightly import run_nightly
from wardround.hospital.training.models import LocalModel


def watch_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    run_nightly(stopping, "drift", is_due=_is_due, what="A measurement of the models")


def _is_due(since: datetime) -> bool:
    measured = [
        (figures.get("drift") or {}).get("measured")
        for figures in LocalModel.objects.filter(is_current=True).values_list("figures", flat=True)
    ]
    return any(text is None or datetime.fromisoformat(text) < since for text in measured)
