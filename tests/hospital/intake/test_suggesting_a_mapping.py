"""`import --suggest-mapping` prints a draft and changes nothing; the draft is a mapping file that an import takes."""

import json

import pytest
from typer.testing import CliRunner
from visits_of_a_clinic import HEADER

from wardround.cli import app
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource, StandardValue
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ROWS = [f"K-{n},Ammann,F,1950,2026-03-{n % 28 + 1:02} 08:00,13{n % 10},240,{n % 4 + 1}" for n in range(40)]


@pytest.fixture
def ask(settings):
    def run(*arguments):
        return CliRunner().invoke(app, ["hospital", "import", "--home", str(settings.HOME.path), *map(str, arguments)])

    return run


def test_the_draft_is_printed_nothing_is_changed_and_an_import_takes_it(ask, tmp_path):
    table = tmp_path / "visits.csv"
    table.write_text("\n".join([f"PAT_{HEADER}".replace("PAIN", "CP"), *ROWS, ""]))

    printed = ask("--suggest-mapping", table, "--json")

    assert printed.exit_code == 0, printed.output
    assert not Resource.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="batch").exists()
    draft = json.loads(printed.stdout)["mapping"]
    report = import_files([table], by=system_actor("import"), mapping_text=draft)
    assert (report.messages, len(report.quarantined), report.unmapped) == (len(ROWS), 0, {})
    found = set(StandardValue.objects.exclude(measurement="").values_list("measurement", flat=True))
    assert not report.not_standardised, report.not_standardised
    assert found == {"systolic_pressure", "total_cholesterol", "chest_pain_type"}


def test_what_is_no_table_is_refused_with_a_sentence(ask, tmp_path):
    (tmp_path / "t.csv").write_text("")

    refused = ask("--suggest-mapping", tmp_path / "t.csv")

    assert refused.exit_code == 1
    assert "header line" in refused.output


@pytest.mark.parametrize("arguments", [[], ["--suggest-mapping", "a.csv", "b.csv"]])
def test_files_are_either_imported_or_looked_at(ask, arguments):
    assert ask(*arguments).exit_code == 2
