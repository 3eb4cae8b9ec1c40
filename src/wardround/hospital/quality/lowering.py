"""What lowers one study's cohort here: held and unclear values by their cause, with what deciding them would give back."""

from collections import defaultdict

from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import OF_RECORDS
from wardround.federation.study import Study
from wardround.hospital.quality.checks import spoken
from wardround.hospital.quality.regained import regained_by_deciding
from wardround.hospital.records.models import Fact, StandardValue
from wardround.hospital.training.dry_run import DataProblem

_MOST = 50


def problems_of(study: Study) -> list[DataProblem]:
    """The causes that cost the study a patient or an input, the one first that gives most back. Any study, approved or not."""
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False)
    held = list(present.filter(is_held=True).order_by("id"))
    unclear = list(present.exclude(not_standard="").order_by("id"))
    regained = regained_by_deciding(held, unclear=unclear, studies=[study])
    groups: dict[tuple[str, str, bool], list[StandardValue]] = defaultdict(list)
    for row in held:
        groups[row.finding, _of(row), False].append(row)
    for row in unclear:
        groups[row.not_standard, _of(row), True].append(row)
    found = []
    for (finding, of, is_at_most), rows in groups.items():
        entering = {row.patient_id for row in rows if regained.of(row.pk).cohort}
        inputs = {row.patient_id for row in rows if regained.of(row.pk).inputs}
        if entering or inputs:
            # The fix queue names what a record as a whole is held for by the record, so it is asked for all of it.
            asked = "" if finding in OF_RECORDS else of
            found.append(
                DataProblem(
                    finding=finding,
                    of=asked,
                    title=f"{_subject(rows[0])}: {gettext(spoken(finding))}",
                    values=len(rows),
                    entering=len(entering),
                    inputs=len(inputs),
                    is_at_most=is_at_most,
                )
            )
    return sorted(found, key=lambda one: (-one.entering, -one.inputs, one.title))[:_MOST]


def _of(row: StandardValue) -> str:
    return row.measurement or row.fact


def _subject(row: StandardValue) -> str:
    if row.measurement:
        return gettext(load_catalogue().by_key(row.measurement).title)
    return gettext(Fact(row.fact).label.replace("_", " ").capitalize())
