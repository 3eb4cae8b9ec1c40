"""One FHIR resource as rows of the CDM's event tables; ids are those that the caller gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from wardround.clinical.catalogue import Coding, load_catalogue
from wardround.clinical.errors import ClinicalError
from wardround.clinical.units import canonical_unit, omop_of_unit
from wardround.interchange.fhir.json import number_text
from wardround.interchange.fhir.values import Value, codings_of, observed_time, observed_values
from wardround.interchange.omop_out.cells import Row, fitting, started, times, when
from wardround.interchange.omop_out.concepts import NONE, Concepts, source_coding

MOST_VALUES = 64  # of one resource: its row's number times this, and the place of the value, is the id
_LONGEST_ANSWER = 60
_DRUGS = ("MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "Immunization")
_NOT_DONE = {"entered-in-error", "not-done", "cancelled", "draft", "not-taken", "intended"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the records know of one value: its measurement or standard code, and whether it waits for a decision."""

    measurement: str = ""
    coding: Coding | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Where a resource belongs: its own number, the person's, the visit's."""

    number: int
    person: int
    visit: int | None
    resource: dict[str, Any]
    meanings: Mapping[str, Meaning]


class LeftOut(Exception):
    """A resource, or one of its values, has no place in the CDM; the message is its reason, and holds no patient data."""


@dataclass(frozen=True)
class Events:
    """Makes rows: (table, row). Raises LeftOut."""

    concepts: Concepts
    zone: tzinfo

    def rows(self, event: Event) -> Iterator[tuple[str, Row] | LeftOut]:
        """The rows of a resource, and a LeftOut for each of its values that is none."""
        kind = event.resource["resourceType"]
        if any(m.is_held for m in event.meanings.values()) and kind != "Observation":
            yield LeftOut("it waits for a decision")
        elif event.resource.get("status") in _NOT_DONE:
            yield LeftOut("it was not done, is not meant to count, or was entered in error")
        elif kind == "Observation":
            yield from self._observations(event)
        elif kind == "Condition":
            yield self._condition(event)
        elif kind == "Procedure":
            yield self._procedure(event)
        elif kind in _DRUGS:
            yield self._drug(event)
        else:
            yield LeftOut("the CDM has no table for it that is written")

    def visit(self, event: Event) -> tuple[str, Row] | LeftOut:
        """The row of an Encounter."""
        period = event.resource.get("period", {})
        start, end = when(period.get("start"), zone=self.zone), when(period.get("end"), zone=self.zone)
        if start is None:
            return LeftOut("the day on which it began is not known")
        code = codings_of({"coding": [event.resource.get("class", {})]})
        row: Row = {
            "visit_occurrence_id": event.number,
            "person_id": event.person,
            "visit_concept_id": self.concepts.standard(code),
            "visit_type_concept_id": NONE,
            "visit_source_value": fitting(code[0].code) if code else "",
            "visit_source_concept_id": self.concepts.own(source_coding(code), domain="Visit"),
        }
        times(row, "visit_start", start)
        # The CDM wants an end: a visit that states none ends for it on the day on which it began.
        times(row, "visit_end", end or (start[0], ""))
        return "visit_occurrence", row

    def _observations(self, event: Event) -> Iterator[tuple[str, Row] | LeftOut]:
        moment = when(observed_time(event.resource), zone=self.zone)
        values = observed_values(event.resource)
        if moment is None and values:
            yield LeftOut("the day is not known")
            return
        limits = list(_limits(event.resource))
        if not values and not limits:
            yield LeftOut("it has no value that a row can hold")
        for place, observed in enumerate(values):
            meaning = event.meanings.get(observed.path, Meaning())
            if meaning.is_held:
                yield LeftOut("it waits for a decision")
            elif place >= MOST_VALUES - len(limits):
                yield LeftOut(f"it has more than {MOST_VALUES} values")
            else:
                number = event.number * MOST_VALUES + place
                row = self._value(observed.value, observed.unit)
                if observed.path == "Observation.valueQuantity":
                    row |= _range(event.resource)
                yield self._observed(row, number, event, moment=moment, codings=observed.codings, meaning=meaning)
        for place, (codings, text, unit) in enumerate(limits, start=len(values)):
            row = {"value_source_value": text, "unit_source_value": fitting(unit), "as_measurement": True}
            number = event.number * MOST_VALUES + place
            yield self._observed(row, number, event, moment=moment, codings=codings, meaning=Meaning())

    def _value(self, value: Value, unit: str | None) -> Row:
        row: Row = {"unit_source_value": fitting(unit), "as_measurement": False}
        if unit:
            row["unit_concept_id"] = _unit_concept(unit)
        if isinstance(value, bool):
            row["value_as_string"] = row["value_source_value"] = str(value).lower()
        elif isinstance(value, str):
            row["value_as_string"] = fitting(value, _LONGEST_ANSWER)
            row["value_source_value"] = fitting(value)
        elif isinstance(value, tuple):
            answer = source_coding(value)
            standard = self.concepts.standard(value)
            row["value_as_concept_id"] = (
                standard if standard != NONE else self.concepts.own(answer, domain="Meas Value")
            )
            row["value_source_value"] = fitting(answer.code) if answer else ""
        else:
            digits = number_text(value)
            row["value_as_number"], row["value_source_value"] = digits, fitting(digits)
            row["as_measurement"] = True
        return row

    def _observed(
        self,
        row: Row,
        number: int,
        event: Event,
        *,
        moment: tuple[str, str] | None,
        codings: tuple[Coding, ...],
        meaning: Meaning,
    ) -> tuple[str, Row] | LeftOut:
        table = "measurement" if row.pop("as_measurement") else "observation"
        if moment is None:
            return LeftOut("the day is not known")
        if table == "observation" and not any(row.get(f"value_as_{kind}") for kind in ("string", "concept_id")):
            return LeftOut("its text is longer than the CDM's 60 letters")
        known: tuple[Coding, ...] = ()
        if meaning.measurement:
            measurement = load_catalogue().by_key(meaning.measurement)
            known = (measurement.coding, *measurement.other_codings)
        source = source_coding(codings)
        row |= {
            f"{table}_id": number,
            "person_id": event.person,
            "visit_occurrence_id": event.visit,
            f"{table}_concept_id": self.concepts.standard(codings, known),
            f"{table}_type_concept_id": NONE,
            f"{table}_source_value": _source_value(source, event.resource.get("code")),
            f"{table}_source_concept_id": self.concepts.own(source, domain=table.capitalize()),
        }
        times(row, table, moment)
        return table, row

    def _condition(self, event: Event) -> tuple[str, Row] | LeftOut:
        resource = event.resource
        status = {c.code for c in codings_of(resource.get("verificationStatus"))}
        if status & {"entered-in-error", "refuted"}:
            return LeftOut("it was not done, is not meant to count, or was entered in error")
        start = when(started(resource, "onsetDateTime", "onsetPeriod", "recordedDate"), zone=self.zone)
        row: Row = {"condition_type_concept_id": NONE}
        times(row, "condition_end", when(started(resource, "abatementDateTime"), zone=self.zone))
        return self._coded("condition_occurrence", "condition", event, row, start=start, column="condition_start")

    def _procedure(self, event: Event) -> tuple[str, Row] | LeftOut:
        resource = event.resource
        if resource.get("status") not in ("completed", "in-progress"):
            return LeftOut("it was not done, is not meant to count, or was entered in error")
        start = when(started(resource, "performedDateTime", "performedPeriod"), zone=self.zone)
        row: Row = {"procedure_type_concept_id": NONE}
        times(row, "procedure_end", when(resource.get("performedPeriod", {}).get("end"), zone=self.zone))
        return self._coded("procedure_occurrence", "procedure", event, row, start=start, column="procedure")

    def _drug(self, event: Event) -> tuple[str, Row] | LeftOut:
        resource = event.resource
        dates = ("effectiveDateTime", "effectivePeriod", "occurrenceDateTime", "whenHandedOver", "authoredOn")
        start = when(started(resource, *dates), zone=self.zone)
        stated = when(resource.get("effectivePeriod", {}).get("end"), zone=self.zone)
        dosage = resource.get("dosage") or resource.get("dosageInstruction") or {}
        dosage = dosage[0] if isinstance(dosage, list) and dosage else dosage if isinstance(dosage, dict) else {}
        route = dosage.get("route") or resource.get("route") or {}
        routes = codings_of(route)
        row: Row = {
            "drug_type_concept_id": NONE,
            "sig": dosage.get("text", ""),
            "route_source_value": fitting(route.get("text") or (routes[0].code if routes else "")),
            "route_concept_id": self.concepts.standard(routes) if route else "",
            "lot_number": fitting(resource.get("lotNumber")),
            "verbatim_end_date": stated[0] if stated else "",
        }
        # The CDM wants an end: a drug of which none is stated ends for it on the day on which it began.
        times(row, "drug_exposure_end", stated or (start and (start[0], "")) or None)
        concept = resource.get("medicationCodeableConcept") or resource.get("vaccineCode") or _contained(resource)
        return self._coded(
            "drug_exposure", "drug", event, row, start=start, column="drug_exposure_start", concept=concept
        )

    def _coded(
        self,
        table: str,
        prefix: str,
        event: Event,
        row: Row,
        *,
        start: tuple[str, str] | None,
        column: str,
        concept: dict[str, Any] | None = None,
    ) -> tuple[str, Row] | LeftOut:
        concept = concept or event.resource.get("code") or {}
        codings = codings_of(concept)
        if start is None:
            return LeftOut("the day is not known")
        source = source_coding(codings)
        written = _source_value(source, concept)
        if source is None and not written:
            return LeftOut("it has neither a code nor a text of 50 letters or fewer")
        known = [m.coding for m in event.meanings.values() if m.coding is not None]
        row |= {
            f"{table}_id": event.number,
            "person_id": event.person,
            "visit_occurrence_id": event.visit,
            f"{prefix}_concept_id": self.concepts.standard(codings, _beside((*codings, *known))),
            f"{prefix}_source_value": written,
            f"{prefix}_source_concept_id": self.concepts.own(source, domain=prefix.capitalize()),
        }
        times(row, column, start)
        return table, row


def _beside(codings: tuple[Coding, ...]) -> tuple[Coding, ...]:
    """What the catalogue knows beside these codes of a condition or procedure."""
    found = [concept for coding in codings if (concept := load_catalogue().concept(coding)) is not None]
    return tuple(coding for concept in found for coding in (concept.coding, *concept.other_codings))


def _source_value(source: Coding | None, concept: dict[str, Any] | None) -> str:
    return fitting((concept or {}).get("text")) or (fitting(source.code) if source else "")


def _unit_concept(unit: str) -> str:
    try:
        return omop_of_unit(canonical_unit(unit)) or NONE
    except ClinicalError:
        return NONE


def _range(resource: dict[str, Any]) -> Row:
    found: dict[str, Any] = next(iter(resource.get("referenceRange", ())), {})
    ends = {name: found.get(name, {}).get("value") for name in ("low", "high")}
    return {f"range_{name}": number_text(value) for name, value in ends.items() if value is not None}


def _limits(resource: dict[str, Any]) -> Iterator[tuple[tuple[Coding, ...], str, str]]:
    """Values such as "< 5": (codings, the words, the unit)."""
    for holder in (resource, *resource.get("component", ())):
        quantity = holder.get("valueQuantity", {})
        if "comparator" in quantity and "value" in quantity:
            unit = quantity.get("unit") or quantity.get("code") or ""
            yield codings_of(holder.get("code")), f"{quantity['comparator']} {number_text(quantity['value'])}", unit


def _contained(resource: dict[str, Any]) -> dict[str, Any]:
    """The code of a medication that is contained, or what the reference calls it."""
    reference = resource.get("medicationReference", {})
    for inner in resource.get("contained", ()):
        if reference.get("reference") == f"#{inner.get('id')}" and inner.get("code"):
            return dict(inner["code"])
    return {"text": reference["display"]} if reference.get("display") else {}
