"""What waits for a decision as its page shows it: in groups that have one cause, in the order of the latest report.

The order by patients regained costs a run of every approved study, so it is taken from the report that was measured last.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.quality.checks import spoken
from wardround.hospital.quality.models import QualitySnapshot
from wardround.hospital.quality.queries import Held, lines_of
from wardround.hospital.records.access import patients_of, require
from wardround.hospital.records.models import Fact, ResourceFinding, StandardValue
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one
from wardround.web.layout.fhir_words import title_of_kind
from wardround.web.paging import PAGE

Known = Mapping[str, Mapping[str, Any]]  # the fixes of the latest report, by key
MOST_AT_ONCE = 200  # suggestions that one confirmation shows and accepts


@dataclass(frozen=True)
class Group:
    """Values or records with one cause. `regained` is None for a group that the latest report does not know."""

    key: str  # "held:decimal_slip:systolic_pressure", as in the report's fixes
    finding: str
    of: str  # a measurement, a fact, or a type of resource
    subject: str
    ids: tuple[int, ...]
    patients: int
    suggested: int
    regained: int | None
    entering: int
    is_record: bool

    @property
    def title(self) -> str:
        """Systolic blood pressure: decimal slip."""
        return f"{self.subject}: {gettext(spoken(self.finding))}"


@dataclass(frozen=True)
class Part:
    """Of one group the lines that stand on this page."""

    group: Group
    lines: tuple[Held, ...]


@dataclass(frozen=True)
class Queue:
    """One page of the queue, and what it can be narrowed to."""

    parts: tuple[Part, ...]
    total: int
    everything: int
    start: int
    findings: tuple[tuple[str, str], ...]
    subjects: tuple[tuple[str, str], ...]


def queue_page(somebody: object, *, finding: str = "", of: str = "", start: int = 0) -> Queue:
    """Fifty lines of what waits, narrowed to a kind of finding or to a measurement. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    everything = _groups(actor)
    groups = [one for one in everything if finding in {"", one.finding} and of in {"", one.of}]
    total = sum(len(one.ids) for one in groups)
    start = min(start, max(total - 1, 0) // PAGE * PAGE)
    parts, place = [], 0
    for group in groups:
        ids = group.ids[max(start - place, 0) : max(start + PAGE - place, 0)]
        place += len(group.ids)
        if ids:
            parts.append(Part(group, tuple(lines_of(ids, are_records=group.is_record))))
    record_one(actor, "quality.queue", detail={"held": sum(len(part.lines) for part in parts), "start": start})
    return Queue(
        parts=tuple(parts),
        total=total,
        everything=sum(len(one.ids) for one in everything),
        start=start,
        findings=tuple(
            sorted({(one.finding, gettext(spoken(one.finding))) for one in everything}, key=lambda pair: pair[1])
        ),
        subjects=tuple(sorted({(one.of, one.subject) for one in everything}, key=lambda pair: pair[1])),
    )


def suggestions_of(somebody: object, key: str) -> tuple[Group | None, list[Held]]:
    """A group with the first of its lines that carry a suggestion; (None, []) where none waits. Raises `NotAllowed`."""
    actor = require(somebody, "decide")
    group = next((one for one in _groups(actor) if one.key == key), None)
    if group is None or not group.suggested:
        return None, []
    rows: QuerySet[Any]
    if group.is_record:
        rows = ResourceFinding.objects.filter(pk__in=group.ids).exclude(suggestion={})
    else:
        rows = StandardValue.objects.filter(pk__in=group.ids, suggestion__isnull=False)
    known = set(rows.values_list("pk", flat=True))
    wanted = [pk for pk in group.ids if pk in known][:MOST_AT_ONCE]
    lines = list(lines_of(wanted, are_records=group.is_record))
    record_one(actor, "quality.queue", what=key[:200], detail={"held": len(lines)})
    return group, lines


def stamp_of(line: Held) -> str:
    """What was shown of a line: accepting it later is refused when it does not say the same any more."""
    said = repr((line.is_record, line.suggestion, line.suggestion_unit, sorted(line.suggested.items())))
    return f"{line.id}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _groups(actor: Actor) -> list[Group]:
    """Every group that waits among this person's patients, the one first that the latest report puts first."""
    known = _known()
    found = [*_of_values(known, own=patients_of(actor)), *_of_records(known, own=patients_of(actor))]
    return sorted(found, key=lambda one: (-(one.regained or 0), -one.entering, -one.patients, -len(one.ids), one.title))


def _of_values(known: Known, *, own: Q) -> list[Group]:
    rows = StandardValue.objects.filter(own, is_held=True, is_current=True, resource__is_deleted=False)
    columns = ("finding", "fact", "measurement", "pk", "patient_id", "suggestion")
    groups: dict[tuple[str, str, str], list[tuple[int, str, bool]]] = defaultdict(list)
    for finding, fact, measurement, pk, patient, suggestion in rows.order_by("id").values_list(*columns):
        if finding not in OF_RECORDS:
            groups[finding, fact, measurement].append((pk, patient, suggestion is not None))
    found = []
    for (finding, fact, measurement), waiting in groups.items():
        of = measurement or fact
        title = load_catalogue().by_key(measurement).title if measurement else Fact(fact).label
        subject = gettext(title if measurement else title.replace("_", " ").capitalize())
        found.append(_group(finding, of, subject, waiting, known=known, is_record=False))
    return found


def _of_records(known: Known, *, own: Q) -> list[Group]:
    rows = ResourceFinding.objects.filter(own, is_current=True, is_held=True, resource__is_deleted=False)
    groups: dict[tuple[str, str], list[tuple[int, str, bool]]] = defaultdict(list)
    columns = ("kind", "resource__type", "pk", "patient_id", "suggestion")
    for kind, type_name, pk, patient, suggestion in rows.order_by("id").values_list(*columns):
        groups[kind, type_name].append((pk, patient, bool(suggestion)))
    return [
        _group(kind, type_name, title_of_kind(type_name), waiting, known=known, is_record=True)
        for (kind, type_name), waiting in groups.items()
    ]


def _group(
    finding: str,
    of: str,
    subject: str,
    waiting: Sequence[tuple[int, str, bool]],
    *,
    known: Known,
    is_record: bool,
) -> Group:
    key = f"held:{finding}:{of}"
    fix = known.get(key)
    first = {pk: place for place, pk in enumerate(fix["value_ids"] if fix else ())}
    ids = sorted((pk for pk, _patient, _suggested in waiting), key=lambda pk: (first.get(pk, len(first)), pk))
    return Group(
        key=key,
        finding=finding,
        of=of,
        subject=subject,
        ids=tuple(ids),
        patients=len({patient for _pk, patient, _suggested in waiting}),
        suggested=sum(suggested for _pk, _patient, suggested in waiting),
        regained=fix["patients_regained"] if fix else None,
        entering=fix["patients_entering"] or 0 if fix else 0,
        is_record=is_record,
    )


def _known() -> Known:
    latest = QualitySnapshot.objects.order_by("-made").first()
    return {fix["key"]: fix for fix in latest.facts.get("fixes", [])} if latest else {}
