"""The nouns of the accuracy benchmark: a set of real records, a patient's chart, and one value in it. Plain FHIR, no rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Resource = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """One patient and what is recorded about them, in the order of the source."""

    patient: Resource
    records: tuple[Resource, ...]

    @property
    def id(self) -> str:
        return str(self.patient["id"])

    def everything(self) -> Iterator[Resource]:
        yield self.patient
        yield from self.records


@dataclass(frozen=True, kw_only=True)
class RecordSet:
    """Records of one source. `rate`: the share of its values and records in which an error is planted."""

    key: str
    title: str
    charts: tuple[Chart, ...]
    rate: float
    mapping_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class Value:
    """One number of an Observation: `path` is where it stands ("Observation.component[1].valueQuantity")."""

    patient_id: str
    resource: Resource = field(repr=False)
    path: str
    code: str  # system and code
    number: Decimal
    unit: str  # as written
    time: str  # as written

    @property
    def place(self) -> str:
        """Where it stands among all records."""
        return f"{key_of(self.resource)}#{self.path}"

    @property
    def day(self) -> str:
        return self.time[:10]


def key_of(resource: Resource) -> str:
    """ "Observation/abc"."""
    return f"{resource['resourceType']}/{resource['id']}"


def values_of(resource: Resource, *, patient_id: str) -> Iterator[Value]:
    """The dated numbers of one resource, with its components'."""
    time = resource.get("effectiveDateTime")
    if resource["resourceType"] != "Observation" or not isinstance(time, str):
        return
    holders = [("Observation", resource)]
    holders += [(f"Observation.component[{place}]", part) for place, part in enumerate(resource.get("component", ()))]
    for where, holder in holders:
        quantity = holder.get("valueQuantity")
        codings = holder.get("code", {}).get("coding")
        if not codings or not isinstance(quantity, dict) or not isinstance(quantity.get("value"), int | Decimal):
            continue  # a text where a number should be is not a value
        yield Value(
            patient_id=patient_id,
            resource=resource,
            path=f"{where}.valueQuantity",
            code=f"{codings[0].get('system', '')}|{codings[0].get('code', '')}",
            number=Decimal(quantity["value"]),
            unit=str(quantity.get("code") or quantity.get("unit") or ""),
            time=time,
        )


def holder_of(resource: Resource, *, path: str) -> Resource:
    """The element that a value stands in: the Observation or one of its components."""
    if ".component[" not in path:
        return resource
    component: Resource = resource["component"][int(path.partition("[")[2].partition("]")[0])]
    return component


def day_of(resource: Resource) -> str:
    """The day a record is dated, "" without one."""
    for name in ("effectiveDateTime", "onsetDateTime", "occurrenceDateTime", "authoredOn", "recordedDate"):
        if isinstance(resource.get(name), str):
            return str(resource[name])[:10]
    for name in ("period", "performedPeriod"):
        if isinstance(resource.get(name, {}).get("start"), str):
            return str(resource[name]["start"])[:10]
    return ""


def birth_of(patient: Resource) -> str:
    return str(patient.get("birthDate", ""))


def death_of(patient: Resource) -> str:
    return str(patient.get("deceasedDateTime", ""))[:10]
