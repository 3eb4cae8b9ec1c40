"""From a resource to its standard values: measurements, diagnoses, procedures, gender and birth year."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.clinical.codes import CodeMap
from wardround.clinical.errors import ConflictingCodes
from wardround.clinical.measurements import Coding
from wardround.clinical.standardise import NotStandard, Standard, standardise
from wardround.hospital.records.models import Fact, StandardValue
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import moment
from wardround.interchange.fhir.values import codings_of, observed_values

_UNTRUE_OBSERVATIONS = frozenset({"entered-in-error", "cancelled"})
# What is only suspected is no fact: a model must not learn from a suspicion, least of all from one that it raised itself.
_UNTRUE_CONDITIONS = frozenset({"entered-in-error", "refuted", "unconfirmed", "provisional", "differential"})
_DONE = frozenset({"completed"})


@dataclass
class Stated:
    """One standard value to be stored, with the clinical finding's input beside it where there is one."""

    row: StandardValue
    standard: Standard | None = None
    not_standard_kind: str = ""


def stated_by(resource: dict[str, Any], *, code_map: CodeMap) -> list[Stated]:
    """What this resource states in standard terms; what could not be standardised says why."""
    match resource["resourceType"]:
        case "Observation":
            return list(_measurements(resource, code_map=code_map))
        case "Condition":
            return list(_condition(resource, code_map=code_map))
        case "Procedure":
            return list(_procedure(resource, code_map=code_map))
        case "Patient":
            return list(_person(resource))
    return []


def _measurements(resource: dict[str, Any], *, code_map: CodeMap) -> Iterator[Stated]:
    if resource.get("status") in _UNTRUE_OBSERVATIONS:
        return
    for observed in observed_values(resource):
        result = standardise(observed.codings, value=observed.value, unit=observed.unit, code_map=code_map)
        row = StandardValue(path=observed.path, fact=Fact.MEASUREMENT, time=moment_or_none(observed.time))
        if isinstance(result, NotStandard):
            row.not_standard = result.reason[:300]
            row.measurement = result.measurement.key if result.measurement else ""
            yield Stated(row=row, not_standard_kind=result.kind)
            continue
        row.measurement = result.measurement.key
        row.unit = result.unit or ""
        row.rule = result.rule[:200]
        if isinstance(result.value, bool):
            row.value_text = str(result.value).lower()
        elif isinstance(result.value, str):
            row.value_text = result.value
        else:
            row.value_number = result.value
        yield Stated(row=row, standard=result)


def _condition(resource: dict[str, Any], *, code_map: CodeMap) -> Iterator[Stated]:
    if {coding.code for coding in codings_of(resource.get("verificationStatus"))} & _UNTRUE_CONDITIONS:
        return
    time = resource.get("onsetDateTime") or _start(resource.get("onsetPeriod")) or resource.get("recordedDate")
    row = StandardValue(path="Condition.code", fact=Fact.CONDITION, time=moment_or_none(time))
    unknown = "No ICD-10-CM code is known for this condition; map it in the mapping file to use it."
    yield _coded(row, resource, find=code_map.condition, unknown=unknown, code_map=code_map)


def _procedure(resource: dict[str, Any], *, code_map: CodeMap) -> Iterator[Stated]:
    if resource.get("status") not in _DONE:
        return
    time = resource.get("performedDateTime") or _start(resource.get("performedPeriod"))
    row = StandardValue(path="Procedure.code", fact=Fact.PROCEDURE, time=moment_or_none(time))
    unknown = "The catalogue has no such procedure; map its code in the mapping file to use it."
    yield _coded(row, resource, find=code_map.procedure, unknown=unknown, code_map=code_map)


def _coded(
    row: StandardValue,
    resource: dict[str, Any],
    *,
    find: Callable[[Iterable[Coding]], Coding | None],
    unknown: str,
    code_map: CodeMap,
) -> Stated:
    """A fact by its coding alone."""
    given = codings_of(resource.get("code"))
    try:
        standard = find(given)
    except ConflictingCodes as error:
        row.not_standard = str(error)[:300]
        return Stated(row=row, not_standard_kind="conflicting_codes")
    if standard is None:
        row.not_standard = unknown
        return Stated(row=row, not_standard_kind="unknown_code")
    row.code_system, row.code = standard.system, standard.code
    row.rule = "as received" if standard in given else f"local code {code_map.local_code(given[0])} -> {standard.code}"
    return Stated(row=row)


def _person(resource: dict[str, Any]) -> Iterator[Stated]:
    gender, birth = resource.get("gender"), resource.get("birthDate")
    if isinstance(gender, str):
        row = StandardValue(path="Patient.gender", fact=Fact.GENDER, value_text=gender, rule="as received")
        yield Stated(row=row)
    if isinstance(birth, str):
        row = StandardValue(path="Patient.birthDate", fact=Fact.BIRTH_YEAR, value_number=int(birth[:4]), rule="year")
        yield Stated(row=row)


def moment_or_none(text: str | None) -> datetime | None:
    """The first instant of a FHIR date; a missing one is None."""
    try:
        return moment(text) if text else None
    except NotADate:
        return None


def _start(period: Any) -> str | None:
    return period.get("start") if isinstance(period, dict) else None
