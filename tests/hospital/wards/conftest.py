"""Patients who lie on a ward, and one of another care team."""

import pytest

_PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture
def admit(db):
    """admit(patient_id, ward="Acute Medical", bed="14"): the visit, as an HL7 v2 message would write its place."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    def admit(patient_id, *, ward="Acute Medical", bed="14", since="2026-03-02T07:30:00Z", kind="IMP", **elements):
        places = [
            {"resourceType": "Location", "id": "ward", "name": ward},
            {
                "resourceType": "Location",
                "id": "bed",
                "name": bed,
                "physicalType": {"coding": [{"system": _PLACE, "code": "bd"}]},
                "partOf": {"reference": "#ward"},
            },
        ]
        encounter = {
            "resourceType": "Encounter",
            "contained": places,
            "status": "in-progress",
            "class": {"system": _CLASS, "code": kind},
            "subject": {"reference": f"Patient/{patient_id}"},
            "period": {"start": since},
            "location": [{"location": {"reference": "#bed"}, "status": "active"}],
            **elements,
        }
        encounter = {name: content for name, content in encounter.items() if content}
        return create_resource(encounter, by=system_actor("tests")).logical_id

    return admit


@pytest.fixture
def not_hers(make_patient):
    """A patient of another care team."""
    from wardround.hospital.care.actions import make_team, take_patient
    from wardround.web.audit.actor import system_actor

    patient_id = make_patient(family="Elsewhere")
    by = system_actor("tests")
    take_patient(make_team("Another team", by=by), patient_id, by=by)
    return patient_id
