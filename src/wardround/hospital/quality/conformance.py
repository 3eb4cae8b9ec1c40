"""Conformance: do values, codes and references have the form that the records need?"""

from collections.abc import Callable, Iterator

from django.db.models import Count, Exists, OuterRef, QuerySet

from wardround.hospital.intake.models import BatchItem, QuarantineItem
from wardround.hospital.quality import behind
from wardround.hospital.quality.checks import BY_NOT_STANDARD, FOREIGN_KEY, READABLE, STANDARD_CONCEPT, Measured, Record
from wardround.hospital.records.models import ReferenceIndex, Resource, StandardValue

_REASONS = 200  # sentences that are listed each; a store with more has one cause behind them


def conformance() -> Iterator[Measured]:
    """Every check of conformance."""
    yield from _not_standard()
    yield from _references()
    yield _unreadable()


def _not_standard() -> Iterator[Measured]:
    """One line per reason: "No measurement in the catalogue has the code 4711" is one line of a mapping file."""
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False)
    checked = present.count()
    reasons = present.exclude(not_standard="").values_list("not_standard_kind", "not_standard")
    for kind, sentence, many in reasons.annotate(many=Count("id")).order_by("-many", "not_standard")[:_REASONS]:
        rows = present.filter(not_standard=sentence)
        check = BY_NOT_STANDARD.get(kind, STANDARD_CONCEPT)
        yield Measured(check, sentence, f"not_standard:{sentence}", checked, many, behind.values(rows))


def _references() -> Iterator[Measured]:
    """References to resources that are not here, by the type that refers."""
    target = Resource.objects.filter(type=OuterRef("target_type"), logical_id=OuterRef("target_id"), is_deleted=False)
    every = ReferenceIndex.objects.filter(resource__is_deleted=False)
    broken = every.filter(~Exists(target))
    checked = dict(every.values_list("type").annotate(many=Count("id")))
    failed = dict(broken.values_list("type").annotate(many=Count("id")))
    for type_name, many in sorted(checked.items()):
        rows = broken.filter(type=type_name)
        yield Measured(
            FOREIGN_KEY, type_name, f"isForeignKey:{type_name}", many, failed.get(type_name, 0), _referring(rows)
        )


def _unreadable() -> Measured:
    open_items = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    waiting = open_items.count()
    stored = BatchItem.objects.filter(batch__undone__isnull=True).count()

    def records() -> Iterator[Record]:
        for item in open_items.order_by("pk"):
            yield Record(f"Quarantine/{item.pk}", "", item.position, item.reason)

    return Measured(READABLE, "Messages", "isReadable:messages", stored + waiting, waiting, records)


def _referring(rows: QuerySet[ReferenceIndex]) -> Callable[[], Iterator[Record]]:
    def records() -> Iterator[Record]:
        for row in rows.select_related("resource").order_by("resource_id").iterator(2_000):
            why = f"The {row.target_type} that it refers to is not here."
            yield Record(str(row.resource), row.resource.patient_id, row.parameter, why)

    return records
