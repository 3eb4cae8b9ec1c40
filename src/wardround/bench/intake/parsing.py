"""How fast each format is read into FHIR drafts, beside its bare parser on the same files in the same run."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wardround.bench.intake.samples import BARE, consumed, samples

_TURNS = 5  # reader and bare parser in turn, so that both meet the same machine


def parsing(folder: Path, *, ccda: Path | None, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """One line per format; `over_bare` is the median of the turns' ratios."""
    lines = []
    for made in samples(folder, ccda=ccda):
        say(f"reading {made.name}")
        mapping = made.mapping
        peer, bare = BARE[made.name]
        messages, resources = consumed(
            made.reader.read([made.folder], mapping=mapping)
        )  # untimed: loads what is cached
        seconds, bare_seconds = [], []
        for _turn in range(_TURNS):
            started = time.perf_counter()
            consumed(made.reader.read([made.folder], mapping=mapping))
            seconds.append(time.perf_counter() - started)
            started = time.perf_counter()
            try:
                bare(made.files)
            except ImportError:
                peer = ""
            bare_seconds.append(time.perf_counter() - started)
        ratios = [ours / theirs for ours, theirs in zip(seconds, bare_seconds, strict=True)]
        best = min(seconds)
        lines.append(
            {
                "format": made.name,
                "bytes": made.bytes,
                "messages": messages,
                "resources": resources,
                "messages_per_second": round(messages / best),
                "resources_per_second": round(resources / best),
                "bare": peer,
                "bare_messages_per_second": round(messages / min(bare_seconds)) if peer else None,
                "over_bare": round(statistics.median(ratios), 1) if peer else None,
            }
        )
    return lines
