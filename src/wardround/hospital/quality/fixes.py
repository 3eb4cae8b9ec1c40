"""The fix queue: what one decision or one line of a mapping mends, the one first that gives most patients back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.intake.models import QuarantineItem
from wardround.hospital.quality.checks import spoken
from wardround.hospital.quality.regained import Gain, Regained, regained_by_deciding
from wardround.hospital.records.models import Fact, ResourceFinding, StandardValue


@dataclass(frozen=True)
class Fix:
    """Values with one cause: the same finding on the same measurement, or the same reason why it is not standard.

    `regained`: patients that an approved study gets back, wholly or with an input; `entering`: those of them that are not
    in the study's cohort today. Where not even the measurement is known, `regained` is None.
    """

    title: str
    what_to_do: str
    values: int
    patients: int | None  # None where it is not known whose they are
    regained: int | None
    entering: int | None
    studies: tuple[str, ...]
    value_ids: tuple[int, ...]  # in the order in which they should be decided
    key: str
    is_at_most: bool = False  # what the value will say is not known, so it may not be what the study asks for


def fixes() -> tuple[tuple[str, ...], list[Fix]]:
    """The approved studies that were asked, and every fix, the most worthwhile first."""
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False)
    held = list(present.filter(is_held=True).order_by("id"))
    unclear = list(present.exclude(not_standard="").order_by("id"))
    regained = regained_by_deciding(held, unclear=unclear)
    groups: dict[tuple[str, str, str], list[StandardValue]] = defaultdict(list)
    for row in held:
        if row.finding not in OF_RECORDS:
            groups[row.finding, row.fact, row.measurement].append(row)
    found = [_held(key, rows, regained=regained) for key, rows in groups.items()]
    found += _held_records(held, regained=regained)
    found += _not_standard(unclear, regained=regained)
    found += _quarantined()
    return regained.studies, sorted(found, key=_weight)


def _weight(fix: Fix) -> tuple[int, int, int, int, str]:
    return (-(fix.regained or 0), -(fix.entering or 0), -(fix.patients or 0), -fix.values, fix.title)


def _held(key: tuple[str, str, str], rows: Sequence[StandardValue], *, regained: Regained) -> Fix:
    finding, fact, measurement = key
    gains = {row.pk: regained.of(row.pk) for row in rows}
    order = sorted(rows, key=lambda row: (-len(gains[row.pk].cohort), -len(gains[row.pk].inputs), row.pk))
    subject = load_catalogue().by_key(measurement).title if measurement else Fact(fact).label.replace("_", " ").title()
    suggested = sum(row.suggestion is not None for row in rows)
    return Fix(
        title=f"{subject}: {spoken(finding)}",
        what_to_do=f"Decide each: {suggested} of {len(rows)} carry a suggestion.",
        values=len(rows),
        patients=len({row.patient_id for row in rows}),
        regained=len({row.patient_id for row in rows if gains[row.pk]}),
        entering=len({row.patient_id for row in rows if gains[row.pk].cohort}),
        studies=tuple(sorted({name for gain in gains.values() for name in gain.cohort | gain.inputs})),
        value_ids=tuple(row.pk for row in order),
        key=f"held:{finding}:{measurement or fact}",
    )


def _held_records(held: Sequence[StandardValue], *, regained: Regained) -> list[Fix]:
    """Whole records that wait, by the kind of finding and the type of record."""
    gains: dict[int, list[tuple[str, Gain]]] = defaultdict(list)
    for value in held:
        if value.is_record_held:
            gains[value.resource_id].append((value.patient_id, regained.of(value.pk)))
    groups: dict[tuple[str, str], list[ResourceFinding]] = defaultdict(list)
    waiting = ResourceFinding.objects.filter(is_current=True, resource__is_deleted=False, is_held=True)
    for row in waiting.select_related("resource").order_by("id"):
        groups[row.kind, row.resource.type].append(row)
    found = []
    for (kind, type_name), rows in groups.items():
        of_group = [gain for row in rows for gain in gains[row.resource_id]]
        suggested = sum(bool(row.suggestion) for row in rows)
        found.append(
            Fix(
                title=f"{type_name}: {spoken(kind)}",
                what_to_do=f"Decide each: {suggested} of {len(rows)} carry a suggestion.",
                values=len(rows),
                patients=len({row.patient_id for row in rows}),
                regained=len({patient for patient, gain in of_group if gain}),
                entering=len({patient for patient, gain in of_group if gain.cohort}),
                studies=tuple(sorted({name for _patient, gain in of_group for name in gain.cohort | gain.inputs})),
                value_ids=(),
                key=f"held:{kind}:{type_name}",
            )
        )
    return found


def _not_standard(unclear: Sequence[StandardValue], *, regained: Regained) -> list[Fix]:
    """Values without a standard meaning, by the reason."""
    groups: dict[str, list[StandardValue]] = defaultdict(list)
    for row in unclear:
        groups[row.not_standard].append(row)
    found = []
    for sentence, rows in groups.items():
        is_known = any(row.measurement for row in rows)
        gaining = [row for row in rows if regained.of(row.pk)]
        found.append(
            Fix(
                title=sentence,
                what_to_do="One line in the source's mapping file, then import its files again.",
                values=len(rows),
                patients=len({row.patient_id for row in rows}),
                regained=len({row.patient_id for row in gaining}) if is_known else None,
                entering=len({row.patient_id for row in gaining if regained.of(row.pk).cohort}) if is_known else None,
                studies=tuple(
                    sorted({n for row in gaining for n in regained.of(row.pk).cohort | regained.of(row.pk).inputs})
                ),
                value_ids=tuple(row.pk for row in rows[:100]),
                key=f"not_standard:{sentence}",
                is_at_most=True,
            )
        )
    return found


def _quarantined() -> list[Fix]:
    """Messages that wait in quarantine, by what is wrong with them."""
    waiting = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    return [
        Fix(
            title=reason,
            what_to_do="In quarantine, correct and replay each, or replay all of them under a mended mapping.",
            values=many,
            patients=None,
            regained=None,
            entering=None,
            studies=(),
            value_ids=(),
            key="isReadable:messages",
        )
        for reason, many in waiting.values_list("reason").annotate(many=Count("id")).order_by("-many", "reason")
    ]
