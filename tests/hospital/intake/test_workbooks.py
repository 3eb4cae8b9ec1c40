"""A workbook goes the way of every table: stored, reported, and what it hides stands in quarantine."""

import pytest
import xlsxwriter
from visits_of_a_clinic import HEADER, MAPPING, ROWS

from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.replaying import replay_all
from wardround.hospital.records.models import StandardValue
from wardround.web.audit.actor import system_actor

ME = system_actor("import")
pytestmark = pytest.mark.django_db


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "visits.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Visits")
        for number, line in enumerate((HEADER, *ROWS)):
            sheet.write_row(number, 0, [*line.strip().split(","), "WARD" if number == 0 else "B2"])
        sheet.set_row(len(ROWS), None, None, {"hidden": True})
    return path


def test_a_workbook_is_imported_and_says_what_it_did_not_map(workbook):
    report = import_files([workbook], by=ME, mapping_text=MAPPING)

    assert (report.format, report.messages) == ("csv", len(ROWS))
    assert report.as_json()["unmapped"] == {"column WARD": len(ROWS) - 1}
    assert len(report.quarantined) == 1


def test_a_hidden_row_is_stored_when_a_steward_reads_it_again(workbook):
    first = import_files([workbook], by=ME, mapping_text=MAPPING)

    done = replay_all(by=ME, batch=first.batch)

    assert (done.stored, done.refused) == (1, 0)
    assert StandardValue.objects.filter(is_current=True).exists()


def test_the_same_workbook_again_changes_nothing(workbook):
    import_files([workbook], by=ME, mapping_text=MAPPING)

    assert import_files([workbook], by=ME, mapping_text=MAPPING).changed_nothing
