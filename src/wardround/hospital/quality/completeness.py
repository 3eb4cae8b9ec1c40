"""Completeness: does a patient have records, and do records state what is asked of them?"""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from wardround.hospital.quality import behind
from wardround.hospital.quality.checks import (
    PERSON_COMPLETENESS,
    STANDARD_COMPLETENESS,
    VALUE_COMPLETENESS,
    Measured,
)
from wardround.hospital.records.models import (
    DateIndex,
    Fact,
    QuantityIndex,
    Resource,
    StandardValue,
    StringIndex,
    TokenIndex,
)

_OF_A_CHART = (
    *("AllergyIntolerance", "Condition", "DiagnosticReport", "DocumentReference", "Encounter", "Immunization"),
    *("MedicationRequest", "Observation", "Procedure"),
)
_ELEMENTS = (
    ("Patient", "birthDate", ((DateIndex, "birthdate"),)),
    ("Patient", "gender", ((TokenIndex, "gender"),)),
    ("Patient", "name", ((StringIndex, "name"), (StringIndex, "family"))),
    ("Patient", "address", ((StringIndex, "address"),)),
    ("Patient", "telecom", ((TokenIndex, "telecom"), (TokenIndex, "phone"), (TokenIndex, "email"))),
    ("Observation", "code", ((TokenIndex, "code"),)),
    ("Observation", "effective[x]", ((DateIndex, "date"),)),
    (
        "Observation",
        "value[x]",
        (
            *((QuantityIndex, "value-quantity"), (TokenIndex, "value-concept"), (StringIndex, "value-string")),
            *((DateIndex, "value-date"), (QuantityIndex, "component-value-quantity")),
            *((TokenIndex, "component-value-concept"), (TokenIndex, "data-absent-reason")),
        ),
    ),
    ("Condition", "code", ((TokenIndex, "code"),)),
    ("Condition", "onset[x]", ((DateIndex, "onset-date"), (DateIndex, "recorded-date"), (StringIndex, "onset-info"))),
    ("Encounter", "period", ((DateIndex, "date"),)),
    ("Encounter", "class", ((TokenIndex, "class"),)),
    ("Procedure", "performed[x]", ((DateIndex, "date"),)),
    ("MedicationRequest", "authoredOn", ((DateIndex, "authoredon"),)),
    ("Immunization", "occurrence[x]", ((DateIndex, "date"),)),
)
"""Element by element: where its search entries stand. A resource without an entry does not state it."""


def completeness() -> Iterator[Measured]:
    """Every check of completeness."""
    patients = Resource.objects.filter(type="Patient", is_deleted=False)
    many_patients = patients.count()
    for type_name in _OF_A_CHART:
        own = Resource.objects.filter(type=type_name, is_deleted=False, patient_id=OuterRef("logical_id"))
        without = patients.filter(~Exists(own))
        why = "There is none in this chart."
        key = f"measurePersonCompleteness:{type_name}"
        yield Measured(
            PERSON_COMPLETENESS, type_name, key, many_patients, without.count(), behind.resources(without, why=why)
        )
    for type_name, element, places in _ELEMENTS:
        every = Resource.objects.filter(type=type_name, is_deleted=False)
        lacking = every
        for table, parameter in places:
            stated = table.objects.filter(resource=OuterRef("pk"), parameter=parameter)
            lacking = lacking.filter(~Exists(stated))
        name = f"{type_name}.{element}"
        records = behind.resources(lacking, why="It is not stated.")
        yield Measured(
            VALUE_COMPLETENESS, name, f"measureValueCompleteness:{name}", every.count(), lacking.count(), records
        )
    yield _standardised()


def _standardised() -> Measured:
    measured = StandardValue.objects.filter(is_current=True, resource__is_deleted=False, fact=Fact.MEASUREMENT)
    others = measured.exclude(not_standard="")
    key = "standardConceptRecordCompleteness:values"
    return Measured(
        STANDARD_COMPLETENESS, "Measured values", key, measured.count(), others.count(), behind.values(others)
    )
