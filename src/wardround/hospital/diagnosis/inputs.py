"""Exactly what goes into one estimate: the events used, each with its date, their hash, and which of them are stale."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardround.federation.canonical import canonical
from wardround.hospital.training.queries import AdoptedModel
from wardround.learning.features import BIRTH, EventLike, used_events
from wardround.learning.moment import Moment

# What was measured further apart belongs to another visit, as in the chart (charts/visit.py).
LONGEST_GAP = timedelta(days=7)


@dataclass(frozen=True)
class Inputs:
    """The events from which the model reads each feature, by its name; `sha256` names them with the model."""

    events: Mapping[str, tuple[EventLike, ...]]
    moment: Moment
    visit_began: datetime
    sha256: str

    @property
    def all_events(self) -> list[EventLike]:
        """These alone give the same estimate as the whole chart."""
        return [event for events in self.events.values() for event in events]

    def taken(self, name: str) -> datetime | None:
        """When this input was measured (UTC without a zone); None for what is missing or always true, and for a birth."""
        times = [event.time for event in self.events.get(name, ()) if event.time and event.code != BIRTH]
        return max(times, default=None)

    def is_stale(self, name: str) -> bool:
        """Was it measured before the visit for which the estimate is made?

        Studies name no time windows for an input, and no sourced figure says for how long a cholesterol or an ECG stands
        for its patient. So no age is invented: every input carries its date, and what is from before the visit is named.
        """
        taken = self.taken(name)
        return taken is not None and taken < self.visit_began


def inputs_of(
    events: Iterable[EventLike],
    *,
    model: AdoptedModel,
    moment: Moment,
    subject: int,
    stay_began: datetime | None = None,
) -> Inputs:
    """`stay_began`: when the stay began during which the estimate is made, where the chart knows of one."""
    own = list(events)
    found = used_events(own, subject=subject, index_time=moment.time, features=model.artifact.encoder.features)
    used = {name: tuple(events) for name, events in found.items()}
    return Inputs(
        events=used,
        moment=moment,
        visit_began=stay_began or visit_began([event.time for event in own if event.time], moment=moment),
        sha256=_hash(used, model=model, moment=moment),
    )


def visit_began(times: Iterable[datetime], *, moment: Moment) -> datetime:
    """The first of the moments that lead to the estimate without a gap of more than seven days between them."""
    began = moment.time
    for time in sorted((time for time in times if time <= moment.time), reverse=True):
        if began - time > LONGEST_GAP:
            break
        began = time
    return began.replace(hour=0, minute=0, second=0, microsecond=0)


def _hash(used: Mapping[str, tuple[EventLike, ...]], *, model: AdoptedModel, moment: Moment) -> str:
    """SHA-256 over the model, this hospital's part of it, the events used, and the index time.

    Of an examination that has not happened yet the index time is "now", which moves on while nothing changes: an estimate
    depends on it only by the year (age is index year minus birth year), so the year stands for it.
    """
    events = [
        [event.code, event.time.isoformat() if event.time else None, event.numeric_value]
        for name in sorted(used)
        for event in used[name]
    ]
    site = model.site
    content = {
        "model": model.artifact.sha256,
        "site": hashlib.sha256(canonical(site.to_json())).hexdigest() if site is not None else "",
        "index": moment.time.isoformat() if moment.has_happened else str(moment.time.year),
        "events": sorted(events, key=str),
    }
    return hashlib.sha256(canonical(content)).hexdigest()
