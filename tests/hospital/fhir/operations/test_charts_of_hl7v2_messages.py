"""What HL7 v2 messages brought is read back: summary, everything and search over charts with contained people and medicines."""

import json
from pathlib import Path

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.structure import check
from wardround.web.audit.actor import system_actor

SAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/hl7v2_samples/microsoft").is_dir()), None
)
MAPPING = '[source]\nname = "Samples"\nslug = "samples"\nformat = "hl7v2"\nzone = "America/New_York"\n'
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(SAMPLES is None, reason="the public HL7 v2 samples are not here"),
]


@pytest.fixture
def charts():
    """The ids of the patients whom messages of several kinds brought."""
    names = (
        "OML-O21-02",
        "RDE-O11-02",
        "RDS-O13-02",
        "VXU-V04-02",
        "MDM-T02-02",
        "SIU-S12-01",
        "PC1-Problem-Add-v2.3.1",
    )
    report = import_files([SAMPLES / f"{name}.hl7" for name in names], by=system_actor("import"), mapping_text=MAPPING)
    assert not report.quarantined
    return list(Resource.objects.filter(type="Patient").values_list("logical_id", flat=True))


@pytest.mark.parametrize("operation", ["$summary", "$everything"])
def test_every_chart_answers(backend, charts, operation):
    for patient in charts:
        answer = backend.get(f"Patient/{patient}/{operation}")

        assert answer.status_code == 200
        assert check(loads(answer.content)) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ServiceRequest?identifier=urn:wardround:local:samples:placer:GHHPlacer|1101", 1),
        ("ServiceRequest?status=active&code=http://loinc.org|57698-3", 1),
        ("ServiceRequest?requester:identifier=urn:wardround:local:samples:person|3850", 2),
        ("Immunization?lot-number=315841", 1),
        ("DocumentReference?status=current", 1),
        ("Appointment?status=booked&date=2021-09-24", 1),
        ("MedicationRequest?intent=filler-order", 4),
    ],
)
def test_what_came_is_found(backend, charts, search, found):
    assert json.loads(backend.get(search).content)["total"] == found
