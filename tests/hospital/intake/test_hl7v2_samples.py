"""The public HL7 v2 sample messages come through the import: stored once, the same again changes nothing, what is unread is told."""

from pathlib import Path
from shutil import copy

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.web.audit.actor import system_actor

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "hl7v2_samples" / "microsoft"
ME = system_actor("import")
MAPPING = '[source]\nname = "Samples"\nslug = "samples"\nformat = "hl7v2"\nzone = "America/New_York"\n'
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public HL7 v2 samples are not here"),
]


@pytest.fixture
def folder_of(tmp_path):
    """A function from file names (without .hl7) to a folder with copies of these samples."""

    def folder(*names):
        for name in names:
            copy(SAMPLES / f"{name}.hl7", tmp_path)
        return tmp_path

    return folder


def take(folder):
    return import_files([folder], by=ME, mapping_text=MAPPING)


ONE_OF_EACH = (
    *("OML-O21-02", "MDHHS-OML-O21-2", "RDE-O11-02", "RDS-O13-02", "VXU-V04-02", "MDM-T02-02", "SIU-S12-01"),
    *("REF-I12-01", "PC1-Problem-Add-v2.3.1", "DFT-P03-02", "OUL-R22-02", "BAR-P12-02"),
)


def test_messages_of_every_kind_are_stored_and_twice_changes_nothing(folder_of):
    folder = folder_of(*ONE_OF_EACH)

    report = take(folder)

    assert not report.quarantined
    assert report.messages == len(ONE_OF_EACH)
    for type_name in (
        *("ServiceRequest", "Specimen", "Observation", "MedicationRequest", "MedicationDispense", "Immunization"),
        *("DocumentReference", "Appointment", "Condition", "ChargeItem", "Procedure"),
    ):
        assert report.by_type[type_name] > 0, type_name
    versions = ResourceVersion.objects.count()
    again = take(folder)
    assert again.changed_nothing
    assert ResourceVersion.objects.count() == versions


def test_orders_that_share_their_numbers_stay_apart(folder_of):
    take(folder_of("MDHHS-OML-O21-2"))

    assert Resource.objects.filter(type="ServiceRequest").count() == 2


def test_a_cancelled_appointment_is_the_next_version_of_the_one_that_was_booked(folder_of):
    folder = folder_of("SIU-S12-01", "SIU-S15-01")

    take(folder)

    (appointment,) = Resource.objects.filter(type="Appointment")
    assert appointment.version == 2


def test_a_message_that_nobody_reads_is_in_quarantine_with_the_reason(folder_of):
    report = take(folder_of("BAR-P02-01"))

    (reason,) = report.quarantined
    assert "MSH-9" in str(reason)
