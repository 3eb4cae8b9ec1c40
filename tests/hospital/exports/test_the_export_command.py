"""`wardround hospital export` as a person runs it: three formats, one new folder, whole or not at all."""

import json

import pytest
from typer.testing import CliRunner

from wardround.cli import app
from wardround.hospital.exports import omop
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(settings, tmp_path):
    def run(*arguments):
        home = ("--home", str(settings.HOME.path), "--out", str(tmp_path / "out"))
        return CliRunner().invoke(app, ["hospital", "export", *home, *arguments])

    return run


@pytest.fixture
def chart(make_patient, make_observation):
    make_observation(make_patient(), loinc="8480-6", value=140, unit="mm[Hg]")


@pytest.mark.parametrize(
    ("form", "file"),
    [("fhir", "manifest.json"), ("omop", "measurement.csv"), ("meds", "metadata/dataset.json")],
)
def test_each_format_is_a_folder_for_its_owner_alone_and_is_audited(export, chart, tmp_path, form, file):
    done = export("--format", form, "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["folder"] == str(tmp_path / "out")
    assert (tmp_path / "out" / file).is_file()
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert AuditEvent.objects.filter(action="export.done").count() == 1


def test_what_was_left_out_is_said(export, make_patient, make_observation):
    make_observation(make_patient(), loinc="8480-6", value=1400, unit="mm[Hg]")

    done = export("--format", "omop")

    assert "1 Observation left out: it waits for a decision" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--format", "xml"), "fhir, omop or meds"),
        (("--format", "omop", "--type", "Patient"), "the other formats are whole"),
        (("--type", "Patiend"), "no resource type"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_no_folder(export, tmp_path, arguments, sentence):
    refused = export(*arguments)

    assert refused.exit_code == 1
    assert sentence in refused.output
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_not_touched(export, tmp_path):
    (tmp_path / "out").mkdir()

    assert "already there" in export("--format", "omop").output


def test_an_export_that_breaks_off_leaves_nothing_and_is_in_the_audit_trail(export, chart, tmp_path, monkeypatch):
    def broken(_part):
        raise OSError("the disk is full")

    monkeypatch.setattr(omop, "_meanings", broken)

    refused = export("--format", "omop")

    assert refused.exit_code == 1
    assert not list(tmp_path.iterdir())
    assert AuditEvent.objects.filter(action="export.fail").count() == 1
