"""The fix queue: what one decision or one line of a mapping mends, the one first that gives most patients back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.intake.models import QuarantineItem
from wardround.hospital.quality.regained import Regained, regained_by_deciding
from wardround.hospital.records.models import Fact, StandardValue


@dataclass(frozen=True)
class Fix:
    """Values with one cause: the same finding on the same measurement, or the same reason why it is not standard.

    `regained`: patients that an approved study gets back, wholly or with an input; `entering`: those of them that are not
    in the study's cohort today. Of values without a standard meaning it is not known: `regained` is None.
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


def fixes() -> tuple[tuple[str, ...], list[Fix]]:
    """The approved studies that were asked, and every fix, the most worthwhile first."""
    held = list(StandardValue.objects.filter(is_held=True, is_current=True, resource__is_deleted=False).order_by("id"))
    regained = regained_by_deciding(held)
    groups: dict[tuple[str, str, str], list[StandardValue]] = defaultdict(list)
    for row in held:
        groups[row.finding, row.fact, row.measurement].append(row)
    found = [_held(key, rows, regained=regained) for key, rows in groups.items()]
    found += _not_standard()
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
        title=f"{subject}: {finding.replace('_', ' ')}",
        what_to_do=f"Decide each: {suggested} of {len(rows)} carry a suggestion.",
        values=len(rows),
        patients=len({row.patient_id for row in rows}),
        regained=len({row.patient_id for row in rows if gains[row.pk]}),
        entering=len({row.patient_id for row in rows if gains[row.pk].cohort}),
        studies=tuple(sorted({name for gain in gains.values() for name in gain.cohort | gain.inputs})),
        value_ids=tuple(row.pk for row in order),
        key=f"held:{finding}:{measurement or fact}",
    )


def _not_standard() -> list[Fix]:
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False).exclude(not_standard="")
    ids: dict[str, list[int]] = defaultdict(list)
    patients: dict[str, set[str]] = defaultdict(set)
    for pk, sentence, patient in present.values_list("pk", "not_standard", "patient_id").order_by("pk"):
        ids[sentence].append(pk)
        patients[sentence].add(patient)
    return [
        Fix(
            title=sentence,
            what_to_do="One line in the source's mapping file, then import its files again.",
            values=len(of_reason),
            patients=len(patients[sentence]),
            regained=None,
            entering=None,
            studies=(),
            value_ids=tuple(of_reason[:100]),
            key=f"not_standard:{sentence}",
        )
        for sentence, of_reason in ids.items()
    ]


def _quarantined() -> list[Fix]:
    """Messages that wait in quarantine, by what is wrong with them."""
    waiting = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    return [
        Fix(
            title=reason,
            what_to_do="Correct and replay each; or mend the mapping and replay all: quarantine replay --all.",
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
