"""The public HL7 v2 sample messages come through the import: stored once, the same again changes nothing, what is unread is told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copy

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.web.audit.actor import system_actor

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "hl7v2_samples" / "microsoft"
ME = system_actor("import")
MAPPING = '[source]\nname = "Samples"\nslug = "samples"\nformat = "hl7v2"\nzone = "America/New_York"\n'
MAPPING += 'processing_ids = ["P", "T"]  # many of the samples are marked as training\n'
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public HL7 v2 samples are not here"),
]


@pytest.fixture
def folder_of(tmp_path):
    """A function from file names (without .hl7) to a folder with copies of these samples."""

    def folder(*names):
        (tmp_path / "messages").mkdir()
        for name in names:
            copy(SAMPLES / f"{name}.hl7", tmp_path / "messages")
        return tmp_path / "messages"

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


@pytest.mark.processes
def test_a_folder_of_messages_comes_in_by_the_command_and_twice_changes_nothing(folder_of, tmp_path):
    folder, home = folder_of(*ONE_OF_EACH), tmp_path / "home"
    (tmp_path / "samples.toml").write_text(MAPPING)
    run("init", "--home", home, "--name", "Budapest", "--locale", "hu")

    first = run("import", "--home", home, "--mapping", tmp_path / "samples.toml", "--json", folder)
    again = run("import", "--home", home, "--mapping", tmp_path / "samples.toml", "--json", folder)

    report, report_again = json.loads(first), json.loads(again)
    assert (report["messages"], report["quarantined_messages"]) == (len(ONE_OF_EACH), 0)
    assert report["by_type"]["ServiceRequest"] > 0
    assert "OML-O21-02.hl7, message 1" in report["rows"]["unmapped"]["ORC-15"]
    assert (report_again["created"], report_again["updated"]) == (0, 0)


def run(*arguments):
    """`wardround hospital ...` in a process of its own; its standard output."""
    environment = {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}
    command = [sys.executable, "-m", "wardround.cli", "hospital", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout
