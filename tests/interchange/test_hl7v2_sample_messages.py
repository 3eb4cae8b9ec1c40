"""Every public sample message of the kinds beside ADT and ORU is read whole, and says what it could not map."""

from pathlib import Path

import pytest

from wardround.interchange.draft import Draft
from wardround.interchange.fhir.structure import check
from wardround.interchange.hl7v2 import read

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "hl7v2_samples" / "microsoft"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public HL7 v2 samples are not here")
# What each kind is read for.
KINDS = {
    "ORM-*": "ServiceRequest MedicationRequest",
    "LAB-ORM-*": "ServiceRequest Specimen",
    "OMG-*": "ServiceRequest Specimen",
    "OML-*": "ServiceRequest Specimen",
    "MDHHS-OML-*": "ServiceRequest Specimen",
    "OUL-*": "ServiceRequest Specimen Observation DocumentReference",
    "RDE-*": "MedicationRequest",
    "RDS-*": "MedicationRequest MedicationDispense",
    "VXU*": "Immunization",
    "IZ_*": "Immunization",
    "MDM-*": "DocumentReference ServiceRequest",
    "SIU-*": "Appointment",
    "REF-*": "ServiceRequest",
    "PC1-*": "Condition",
    "DFT-*": "ChargeItem ServiceRequest",
    "BAR-P01-*": "Encounter",
    "BAR-P12-*": "Condition Procedure",
}


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("hl7v2", source={"zone": "America/New_York", "processing_ids": ["P", "T"]})


@pytest.mark.parametrize("kind", KINDS)
def test_the_samples_of_a_kind_are_read_as_what_they_are(mapping, kind):
    files = sorted(SAMPLES.glob(f"{kind}.hl7"))
    brought = set()

    assert files
    for file in files:
        for reading in read([file], mapping=mapping):
            assert isinstance(reading, Draft), (file.name, reading.reason)
            assert [problem for resource in reading.resources for problem in check(resource)] == [], file.name
            keys = [_key(resource) for resource in reading.resources]
            assert all(keys), file.name
            brought |= {resource["resourceType"] for resource in reading.resources}
    assert set(KINDS[kind].split()) <= brought


def test_a_message_that_purges_accounts_of_several_patients_is_refused(mapping):
    (reject,) = read([SAMPLES / "BAR-P02-01.hl7"], mapping=mapping)

    assert "MSH-9" in reject.reason


def _key(resource):
    return next(iter(resource.get("identifier", [])), {}).get("value")
