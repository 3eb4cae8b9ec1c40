"""How each source does, month by month: a system that was changed last week shows here first."""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.records.models import CodeMapping, StandardValue

_SUDDEN = 3.0  # standard errors of a share: beyond it, a month differs from those before by more than chance
_FEWEST = 30  # values that a month needs before anything is said about it


@dataclass(frozen=True)
class Month:
    """What arrived from one source in one month. Months are those of arrival, not of care."""

    month: str  # "2026-03"
    values: int
    held: int
    not_standardised: int
    quarantined: int  # messages that wait there still


@dataclass(frozen=True)
class Source:
    """One source of records: a mapping file's name, else the format of files without one, else who entered them."""

    name: str
    months: tuple[Month, ...]

    @property
    def warning(self) -> str:
        """What is suddenly worse in the latest month than in those before; empty where nothing is."""
        *before, last = self.months
        for what, of in (("held", "held"), ("not standardised", "not_standardised")):
            earlier, total = sum(getattr(m, of) for m in before), sum(m.values for m in before)
            if min(total, last.values) < _FEWEST:
                continue
            was, now = earlier / total, getattr(last, of) / last.values
            share = (earlier + getattr(last, of)) / (total + last.values)
            error = math.sqrt(share * (1 - share) * (1 / total + 1 / last.values))
            if error and (now - was) / error > _SUDDEN:
                return f"{now:.1%} of the values of {last.month} are {what}; before it was {was:.1%}."
        return ""


def sources() -> list[Source]:
    """Every source, the largest first."""
    of_batch = dict(Batch.objects.values_list("id", "format"))
    names = {mapping.digest: _name_in(mapping.text) for mapping in CodeMapping.objects.all()}
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    for mapping, batch, agent, month, *numbers in _rows():
        name = names.get(mapping or "") or (f"{of_batch[batch]} files" if batch in of_batch else agent)
        for place, number in enumerate(numbers):
            counts[name][_of(month)][place] += number
    for batch_id, mapping, month, many in _quarantined():
        name = names.get(mapping or "") or f"{of_batch[batch_id]} files"
        counts[name][_of(month)][3] += many
    found = [
        Source(name, tuple(Month(month, *numbers) for month, numbers in sorted(months.items())))
        for name, months in counts.items()
    ]
    return sorted(found, key=lambda source: (-sum(month.values for month in source.months), source.name))


def _rows() -> Iterable[tuple[str | None, str, str, datetime, int, int, int]]:
    provenance = "resource__versions__provenance__"
    present = StandardValue.objects.filter(
        is_current=True, resource__is_deleted=False, resource__versions__number=F("version")
    )
    return (
        present.annotate(month=TruncMonth(f"{provenance}recorded"))
        .values_list(f"{provenance}code_mapping", f"{provenance}batch", f"{provenance}agent_name", "month")
        .annotate(
            values=Count("id"),
            held=Count("id", filter=Q(is_held=True)),
            others=Count("id", filter=~Q(not_standard="")),
        )
        .order_by("month")
    )


def _quarantined() -> Iterable[tuple[str, str | None, datetime, int]]:
    items = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    return (
        items.annotate(month=TruncMonth("quarantined"))
        .values_list("batch", "batch__code_mapping", "month")
        .annotate(many=Count("id"))
    )


def _of(month: datetime) -> str:
    return f"{month:%Y-%m}"


def _name_in(text: str) -> str:
    try:
        return str(tomllib.loads(text)["source"]["name"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return ""
