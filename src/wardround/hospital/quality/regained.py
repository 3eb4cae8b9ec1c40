"""What mending a value is worth: the patients whom an approved study gets back when the value is decided.

A study loses a patient when the held value is one that its task asks for (no event, no result, no label), and loses an
input when it is one of its features. Both are computed by running the study's own task twice over the patients who have
something held: as the records are, and as they would be with every suggestion accepted and everything else confirmed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.measurements import Coding
from wardround.federation.study import Study
from wardround.hospital.records.models import Fact, StandardValue
from wardround.hospital.records.queries import Facts, FactValue, value_of
from wardround.hospital.training import vault
from wardround.hospital.training.events import events_of
from wardround.hospital.training.queries import approved_studies
from wardround.interchange.errors import NotMeds
from wardround.interchange.meds import code_name, write_meds


@dataclass
class Gain:
    """What deciding one value gives back to each approved study, by the study's name."""

    cohort: set[str] = field(default_factory=set)  # studies that its patient enters
    inputs: set[str] = field(default_factory=set)  # studies in which its patient has an input more

    def __bool__(self) -> bool:
        return bool(self.cohort or self.inputs)


@dataclass(frozen=True)
class Regained:
    """Gains by the id of the held value; `studies` are the approved ones that were asked."""

    studies: tuple[str, ...]
    by_value: Mapping[int, Gain]

    def of(self, value_id: int) -> Gain:
        return self.by_value.get(value_id, Gain())


def regained_by_deciding(
    held: Sequence[StandardValue],
    *,
    unclear: Sequence[StandardValue] = (),
    studies: Sequence[Study] | None = None,
) -> Regained:
    """The gain of each of these held values; of `unclear` ones, which have no standard meaning yet, at most.

    `studies`: those to ask, where they are not the approved ones.
    """
    studies = approved_studies() if studies is None else studies
    gains: dict[int, Gain] = defaultdict(Gain)
    waiting = [row for row in (*held, *unclear) if row.patient_id and _code_of(row)]
    if not studies or not waiting:
        return Regained(tuple(study.name for study in studies), gains)
    patients = sorted({row.patient_id for row in waiting})
    rows = _rows_of(patients)
    today = [_facts(patient, of_patient, released=False) for patient, of_patient in rows.items()]
    released = [_facts(patient, of_patient, released=True) for patient, of_patient in rows.items()]
    for study in studies:
        before = _labelled(study, today, patients=patients)
        after = _labelled(study, released, patients=patients)
        asked = [feature.code for feature in study.features]
        wanted = list(_codes_of_the_task(study))
        for row in waiting:
            code, patient = _code_of(row), row.patient_id
            may_enter = patient in after - before or (row.not_standard and patient not in after)
            if may_enter and any(_is(code, one) or (row.not_standard and _is(one, code)) for one in wanted):
                gains[row.pk].cohort.add(study.name)
            elif patient in after and _is_alone(code, asked=asked, beside=rows[patient]):
                gains[row.pk].inputs.add(study.name)
    return Regained(tuple(study.name for study in studies), gains)


def _is_alone(code: str, *, asked: Sequence[str], beside: Sequence[StandardValue]) -> bool:
    """Is this an input of the study, and has the patient no other value for it?"""
    inputs = [one for one in asked if _is(code, one)]
    others = [_code_of(row) for row in beside if not row.is_held]
    return bool(inputs) and not any(_is(other, one) for other in others for one in inputs)


def _rows_of(patients: Sequence[str]) -> dict[str, list[StandardValue]]:
    rows: dict[str, list[StandardValue]] = {patient: [] for patient in patients}
    found = StandardValue.objects.filter(is_current=True, resource__is_deleted=False, not_standard="")
    for start in range(0, len(patients), 500):
        for row in found.filter(patient_id__in=patients[start : start + 500]).order_by("time", "id"):
            rows[row.patient_id].append(row)
    return rows


def _facts(patient: str, rows: Iterable[StandardValue], *, released: bool) -> Facts:
    """A patient's facts without what is held, or with it as it was probably meant."""
    facts = Facts(patient_id=patient, gender="", birth_year=None, values=(), held=0)
    values: list[FactValue] = []
    for row in rows:
        if row.is_held and not released:
            continue
        value = row.suggestion if row.is_held and row.suggestion is not None else value_of(row)
        if row.fact == Fact.GENDER:
            facts = replace(facts, gender=row.value_text)
        elif row.fact == Fact.BIRTH_YEAR and value is not None:
            facts = replace(facts, birth_year=int(float(value)))
        else:
            values.append(FactValue(row.fact, row.measurement, row.code_system, row.code, row.time, value, row.unit))
    return replace(facts, values=tuple(values))


def _labelled(study: Study, facts: Iterable[Facts], *, patients: Sequence[str]) -> set[str]:
    """Which of these patients the study's task finds, with a label."""
    from wardround.learning.cohort import CohortError, extract_cohort

    numbers = {patient: number for number, patient in enumerate(patients, 1)}
    with vault.private_folder(settings.HOME) as folder:
        events = [event for one in facts for event in events_of(one, subject=numbers[one.patient_id])]
        if not events:
            return set()
        write_meds(folder, events)
        try:
            cohort = extract_cohort(folder, task=study.cohort.task)
        except CohortError:
            return set()
    return {patients[int(subject) - 1] for subject in cohort.subject_ids}


def _code_of(row: StandardValue) -> str:
    """The MEDS code of a row, with its answer where it has one."""
    if row.fact == Fact.GENDER:
        return f"GENDER//{row.value_text}"
    if row.fact == Fact.BIRTH_YEAR:
        return "MEDS_BIRTH"
    if row.not_standard and not row.measurement:
        return ""
    if row.fact == Fact.MEASUREMENT:
        value = value_of(row)
        answer = value if isinstance(value, bool | str) else None
        return code_name(load_catalogue().by_key(row.measurement).coding, answer)
    try:
        return code_name(Coding(row.code_system, row.code))
    except NotMeds:
        return ""


def _is(code: str, wanted: str) -> bool:
    return code == wanted or code.startswith(f"{wanted}//")


def _codes_of_the_task(study: Study) -> Iterable[str]:
    """Every code that a predicate of the task names: a text, or ACES' `any` of several."""
    for predicate in study.cohort.task["predicates"].values():
        named = predicate.get("code") if isinstance(predicate, Mapping) else None
        if isinstance(named, str):
            yield named
        elif isinstance(named, Mapping):
            yield from (one for one in named.get("any", ()) if isinstance(one, str))
