"""Plausibility: can the values and dates be true? One line per kind of finding and measurement or type of record."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, QuerySet

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.quality import behind
from wardround.hospital.quality.checks import (
    BY_FINDING,
    DUPLICATE,
    TEMPORAL,
    VALUE_HIGH,
    VALUE_LOW,
    CheckType,
    Measured,
    Record,
    spoken,
)
from wardround.hospital.records.models import Decision, Fact, Resource, ResourceFinding, StandardValue


def plausibility() -> Iterator[Measured]:
    """Every check of plausibility, over the values that could be standardised and the records that carry them."""
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False, not_standard="")
    checked = Counter(dict(present.filter(fact=Fact.MEASUREMENT).values_list("measurement").annotate(many=Count("id"))))
    of_facts = Counter(dict(present.values_list("fact").annotate(many=Count("id"))))
    found = present.exclude(finding="").exclude(finding__in=OF_RECORDS).exclude(decision=Decision.CONFIRMED)
    for fact, measurement, finding, _many in (
        found.values_list("fact", "measurement", "finding")
        .annotate(many=Count("id"))
        .order_by("finding", "measurement")
    ):
        rows = found.filter(fact=fact, measurement=measurement, finding=finding)
        subject = load_catalogue().by_key(measurement).title if measurement else Fact(fact).label
        total = checked[measurement] if measurement else of_facts[fact]
        for check, part in _by_side(rows, finding=finding, measurement=measurement).items():
            key = f"{check.name}:{finding}:{measurement or fact}"
            yield Measured(check, f"{subject}: {spoken(finding)}", key, total, part.count(), behind.values(part))
    yield from _of_records()
    yield _twice()


def _twice() -> Measured:
    """Patients who may be here under two records."""
    open_pairs = CandidatePair.objects.filter(state=CandidatePair.State.OPEN)
    patients = Resource.objects.filter(type="Patient", is_deleted=False).count()
    involved = {patient for pair in open_pairs.values_list("one", "other") for patient in pair}

    def records() -> Iterator[Record]:
        seen: set[str] = set()
        for pair in open_pairs.order_by("-score", "pk"):
            for patient, twin in ((pair.one, pair.other), (pair.other, pair.one)):
                if patient not in seen:
                    seen.add(patient)
                    why = f"May be the same person as Patient/{twin}: {pair.grade} (pair {pair.pk})."
                    yield Record(f"Patient/{patient}", patient, "", why)

    return Measured(DUPLICATE, "Patients", "uniqueRecord:patients", patients, len(involved), records)


def _of_records() -> Iterator[Measured]:
    """Findings on whole records, by type."""
    types = Counter(dict(Resource.objects.filter(is_deleted=False).values_list("type").annotate(many=Count("id"))))
    found = ResourceFinding.objects.filter(is_current=True, resource__is_deleted=False)
    found = found.exclude(decision=Decision.CONFIRMED)
    groups = found.values_list("kind", "resource__type").annotate(many=Count("resource", distinct=True))
    for kind, type_name, many in groups.order_by("kind", "resource__type"):
        check = BY_FINDING.get(kind, TEMPORAL)
        rows = found.filter(kind=kind, resource__type=type_name)
        key = f"{check.name}:{kind}:{type_name}"
        yield Measured(check, f"{type_name}: {spoken(kind)}", key, types[type_name], many, behind.findings(rows))


def held_for(key: str) -> Measured | None:
    """The values of one fix ("held:decimal_slip:total_cholesterol"): those that wait for a decision."""
    _held, _colon, rest = key.partition(":")
    finding, _colon, of = rest.partition(":")
    if finding in OF_RECORDS:
        records = ResourceFinding.objects.filter(is_current=True, resource__is_deleted=False, is_held=True)
        records = records.filter(kind=finding, resource__type=of)
        many = records.count()
        title = f"{of}: {spoken(finding)}"
        return (
            Measured(BY_FINDING.get(finding, TEMPORAL), title, key, many, many, behind.findings(records))
            if many
            else None
        )
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False, is_held=True, finding=finding)
    rows = present.filter(measurement=of) if of not in Fact.values else present.filter(fact=of, measurement="")
    many = rows.count()
    if not many:
        return None
    title = load_catalogue().by_key(of).title if of not in Fact.values else Fact(of).label
    check = BY_FINDING.get(finding, VALUE_HIGH)
    return Measured(check, f"{title}: {spoken(finding)}", key, many, many, behind.values(rows))


def _by_side(
    rows: QuerySet[StandardValue], *, finding: str, measurement: str
) -> dict[CheckType, QuerySet[StandardValue]]:
    """An impossible or implausible value is below or above the limits; every other finding has a check of its own."""
    check = BY_FINDING.get(finding)
    if check is not None:
        return {check: rows}
    limits = load_catalogue().by_key(measurement).plausible if measurement else None
    middle = sum(limits) / 2 if limits else 0.0
    sides = {VALUE_LOW: rows.filter(value_number__lte=middle), VALUE_HIGH: rows.filter(value_number__gt=middle)}
    return {side: part for side, part in sides.items() if part.exists()}
