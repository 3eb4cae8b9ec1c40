"""Invented charts, shaped and sized like Synthea's: nobody in them exists."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from wardround.interchange.fhir.json import dumps

Resource = dict[str, Any]

MRN = "urn:wardround:mrn:invented"
ENCOUNTERS = 8
OBSERVATIONS = 100  # of one chart, over all its encounters
_LOINC, _SNOMED, _UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SYLLABLES = ("ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu")
_GIVEN = ("Alma", "Bela", "Csilla", "Dora", "Emil", "Flora", "Gabor", "Hanna", "Imre", "Judit", "Karel", "Lena")
# LOINC code, display, category, lowest and highest invented value, unit
MEASURED: tuple[tuple[str, str, str, float, float, str], ...] = (
    ("8302-2", "Body Height", "vital-signs", 150, 190, "cm"),
    ("29463-7", "Body Weight", "vital-signs", 55, 95, "kg"),
    ("8867-4", "Heart rate", "vital-signs", 60, 95, "/min"),
    ("9279-1", "Respiratory rate", "vital-signs", 12, 18, "/min"),
    ("8310-5", "Body temperature", "vital-signs", 36, 37.4, "Cel"),
    ("2093-3", "Total Cholesterol", "laboratory", 150, 240, "mg/dL"),
    ("2571-8", "Triglycerides", "laboratory", 80, 190, "mg/dL"),
    ("18262-6", "Low Density Lipoprotein Cholesterol", "laboratory", 70, 150, "mg/dL"),
    ("2085-9", "High Density Lipoprotein Cholesterol", "laboratory", 40, 75, "mg/dL"),
    ("2339-0", "Glucose", "laboratory", 70, 110, "mg/dL"),
    ("6299-2", "Urea Nitrogen", "laboratory", 8, 20, "mg/dL"),
    ("38483-4", "Creatinine", "laboratory", 0.6, 1.2, "mg/dL"),
    ("2947-0", "Sodium", "laboratory", 136, 144, "mmol/L"),
    ("6298-4", "Potassium", "laboratory", 3.6, 5.0, "mmol/L"),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "laboratory", 4.8, 6.4, "%"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "laboratory", 12, 16, "g/dL"),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "laboratory", 160, 380, "10*3/uL"),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "laboratory", 4.5, 10, "10*3/uL"),
)
PRESSURE = "55284-4"
_CONDITIONS = (
    ("59621000", "Hypertension"),
    ("44054006", "Diabetes"),
    ("162864005", "Body mass index 30+ - obesity (finding)"),
    ("195662009", "Acute viral pharyngitis (disorder)"),
    ("10509002", "Acute bronchitis (disorder)"),
    ("15777000", "Prediabetes"),
)
_PROCEDURES = (("73761001", "Colonoscopy"), ("430193006", "Medication Reconciliation (procedure)"))
_VACCINES = (("140", "Influenza, seasonal, injectable, preservative free"), ("113", "Td (adult) preservative free"))
_DRUGS = (("314076", "lisinopril 10 MG Oral Tablet"), ("860975", "24 HR Metformin hydrochloride 500 MG Oral Tablet"))


def patient_id(number: int) -> str:
    """Ids are as long as Synthea's, and hold the chart's number once: one replacement makes the chart another's."""
    return f"00000000-0000-4000-8000-{number:012d}"


def family_name(random_: random.Random) -> str:
    """One of 50,625."""
    return "".join(random_.choice(_SYLLABLES) for _ in range(4)).capitalize()


def invented_patient(number: int, *, seed: int) -> Resource:
    """Patient number `number` of this seed."""
    dice = random.Random(f"{seed}|patient|{number}")  # noqa: S311 - invented people, not keys
    given, family = dice.choice(_GIVEN), family_name(dice)
    return {
        "resourceType": "Patient",
        "id": patient_id(number),
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">An invented person for a measurement.</div>',
        },
        "identifier": [
            {
                "type": {"coding": [{"system": f"{_TERMINOLOGY}/v2-0203", "code": "MR"}], "text": "Record number"},
                "system": MRN,
                "value": f"{seed}-{number:08d}",
            },
            {"system": "urn:oid:2.16.840.1.113883.4.1", "value": f"999-{seed}-{number:08d}"},
        ],
        "name": [{"use": "official", "family": family, "given": [given, dice.choice(_GIVEN)], "prefix": ["Dr."]}],
        "telecom": [{"system": "phone", "value": f"555-{number:07d}", "use": "home"}],
        "gender": dice.choice(("female", "male")),
        "birthDate": f"{dice.randint(1935, 2000)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
        "address": [{"line": [f"{dice.randint(1, 999)} Sample Street"], "city": "Mintaváros", "country": "HU"}],
        "maritalStatus": {"coding": [{"system": f"{_TERMINOLOGY}/v3-MaritalStatus", "code": "M", "display": "M"}]},
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "hu"}], "text": "Hungarian"}}],
    }


def invented_chart(number: int, *, seed: int) -> list[Resource]:
    """The patient and what was recorded: 100 Observations, and some thirty resources around them."""
    dice = random.Random(f"{seed}|chart|{number}")  # noqa: S311 - invented people, not keys
    chart = _Chart(number, dice=dice)
    return [invented_patient(number, seed=seed), *chart.resources()]


def people_around() -> list[Resource]:
    """The hospital and the practitioner that every chart names."""
    return [
        {"resourceType": "Organization", "id": _ORGANIZATION, "active": True, "name": "Invented Hospital"},
        {"resourceType": "Practitioner", "id": _PRACTITIONER, "active": True, "name": [{"family": "Minta"}]},
    ]


def bundle(resources: list[Resource]) -> bytes:
    """One message of an import: a transaction Bundle, as Synthea writes a chart."""
    entries = [
        {"fullUrl": f"urn:uuid:{r['id']}", "resource": r, "request": {"method": "POST", "url": r["resourceType"]}}
        for r in resources
    ]
    return dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


_ORGANIZATION, _PRACTITIONER = "invented-hospital", "invented-practitioner"


class _Chart:
    def __init__(self, number: int, *, dice: random.Random) -> None:
        self._number = number
        self._dice = dice
        self._begin = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(3 * 365 * 24 * 60))

    def resources(self) -> Iterator[Resource]:
        observed = 0
        for visit in range(ENCOUNTERS):
            encounter = self._encounter(visit)
            yield encounter
            number = (OBSERVATIONS - observed) // (ENCOUNTERS - visit)
            observations = [self._observation(observed + i, visit=visit) for i in range(number)]
            observed += number
            yield from observations
            yield self._report(visit, observations=[o for o in observations if "valueQuantity" in o][-4:])
            yield from self._others(visit)

    def _id(self, letter: str, number: int) -> str:
        """0-9 and letters of hexadecimal numbers in front, the chart's number behind."""
        return f"{letter * 4}{number:04x}-0000-4000-8000-{self._number:012d}"

    def _of_patient(self, type_name: str, letter: str, number: int, *, visit: int) -> Resource:
        return {
            "resourceType": type_name,
            "id": self._id(letter, number),
            "subject": {"reference": f"Patient/{patient_id(self._number)}"},
            "encounter": {"reference": f"Encounter/{self._id('e', visit)}"},
        }

    def _time(self, visit: int, *, minutes: int = 0) -> str:
        return (self._begin + timedelta(days=90 * visit, minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+00:00")

    def _encounter(self, visit: int) -> Resource:
        return {
            "resourceType": "Encounter",
            "id": self._id("e", visit),
            "status": "finished",
            "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "AMB"},
            "type": [_concept(_SNOMED, "185349003", "Encounter for check up (procedure)")],
            "subject": {"reference": f"Patient/{patient_id(self._number)}"},
            "participant": [{"individual": {"reference": f"Practitioner/{_PRACTITIONER}"}}],
            "period": {"start": self._time(visit), "end": self._time(visit, minutes=30)},
            "serviceProvider": {"reference": f"Organization/{_ORGANIZATION}"},
        }

    def _observation(self, number: int, *, visit: int) -> Resource:
        found = self._of_patient("Observation", "b", number, visit=visit)
        found["status"] = "final"
        found["effectiveDateTime"] = self._time(visit, minutes=5)
        found["issued"] = self._time(visit, minutes=25)
        if number % 10 == 0:
            return {**found, **self._pressure()}
        code, display, category, low, high, unit = self._dice.choice(MEASURED)
        return {
            **found,
            "category": [_concept(f"{_TERMINOLOGY}/observation-category", category, category)],
            "code": _concept(_LOINC, code, display),
            "valueQuantity": _quantity(round(self._dice.uniform(low, high), 4), unit),
        }

    def _pressure(self) -> Resource:
        parts = (("8480-6", "Systolic Blood Pressure", 105, 139), ("8462-4", "Diastolic Blood Pressure", 62, 88))
        return {
            "category": [_concept(f"{_TERMINOLOGY}/observation-category", "vital-signs", "vital-signs")],
            "code": _concept(_LOINC, PRESSURE, "Blood Pressure"),
            "component": [
                {
                    "code": _concept(_LOINC, code, display),
                    "valueQuantity": _quantity(round(self._dice.uniform(low, high), 1), "mm[Hg]"),
                }
                for code, display, low, high in parts
            ],
        }

    def _report(self, visit: int, *, observations: list[Resource]) -> Resource:
        return {
            **self._of_patient("DiagnosticReport", "d", visit, visit=visit),
            "status": "final",
            "category": [_concept(f"{_TERMINOLOGY}/v2-0074", "LAB", "Laboratory")],
            "code": _concept(_LOINC, "57698-3", "Lipid Panel"),
            "effectiveDateTime": self._time(visit, minutes=5),
            "issued": self._time(visit, minutes=25),
            "result": [{"reference": f"Observation/{o['id']}", "display": o["code"]["text"]} for o in observations],
        }

    def _others(self, visit: int) -> Iterator[Resource]:
        if visit % 2:
            yield {
                **self._of_patient("Procedure", "a", visit, visit=visit),
                "status": "completed",
                "code": _concept(_SNOMED, *self._dice.choice(_PROCEDURES)),
                "performedPeriod": {"start": self._time(visit, minutes=7), "end": self._time(visit, minutes=22)},
            }
            yield self._immunization(visit)
        if visit % 3 == 0:
            yield {
                **self._of_patient("Condition", "c", visit, visit=visit),
                "clinicalStatus": {"coding": [{"system": f"{_TERMINOLOGY}/condition-clinical", "code": "active"}]},
                "verificationStatus": {
                    "coding": [{"system": f"{_TERMINOLOGY}/condition-ver-status", "code": "confirmed"}]
                },
                "code": _concept(_SNOMED, *self._dice.choice(_CONDITIONS)),
                "onsetDateTime": self._time(visit),
                "recordedDate": self._time(visit),
            }
            yield {
                **self._of_patient("MedicationRequest", "f", visit, visit=visit),
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": _concept(
                    "http://www.nlm.nih.gov/research/umls/rxnorm", *self._dice.choice(_DRUGS)
                ),
                "authoredOn": self._time(visit, minutes=20),
                "requester": {"reference": f"Practitioner/{_PRACTITIONER}"},
            }

    def _immunization(self, visit: int) -> Resource:
        found = self._of_patient("Immunization", "9", visit, visit=visit)
        found["patient"] = found.pop("subject")
        return {
            **found,
            "status": "completed",
            "vaccineCode": _concept("http://hl7.org/fhir/sid/cvx", *self._dice.choice(_VACCINES)),
            "occurrenceDateTime": self._time(visit, minutes=10),
            "primarySource": True,
        }


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}
