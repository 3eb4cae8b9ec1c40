"""Each import tells which rows became what: while it runs, when it ends, and long after."""

import pytest
from visits_of_a_clinic import MAPPING, ROWS

from wardround.hospital.intake.batches import batch_today, batches
from wardround.hospital.intake.errors import NoSuchBatch
from wardround.hospital.intake.importing import Import, import_files
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.progress import expected_bytes, line_of
from wardround.hospital.intake.replaying import replay_all, undo_batch
from wardround.hospital.intake.report import Report
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.decisions import accept_suggestion
from wardround.hospital.records.models import StandardValue
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.building import patient
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("import")
TORN = "K-4,Decurtins,F,1951,2026-03"
pytestmark = pytest.mark.django_db


def take(*paths, mapping=MAPPING, **options):
    return import_files(paths, by=ME, mapping_text=mapping, **options)


def test_each_reason_names_its_rows(write_table):
    report = take(write_table(*ROWS, TORN))

    facts = report.as_json()
    assert facts["rows"]["held"] == {"decimal_slip": ["visits.csv, line 3"]}
    assert facts["rows"]["not_standardised"] == {
        "unknown_answer": ["visits.csv, line 4"],
        "zero_is_missing": ["visits.csv, line 4"],
    }
    [quarantined] = facts["quarantined"]
    assert (quarantined["count"], quarantined["positions"]) == (1, ["visits.csv, line 5"])
    assert "held              1: decimal_slip (visits.csv, line 3)" in report.as_text()


def test_a_place_of_the_format_that_carries_data_and_is_not_mapped_is_named_with_its_rows():
    batch = Import(form="hl7v2", mapping_text="", by=ME)
    batch.start(["day.hl7"])
    person = patient(identifiers=[{"system": "urn:x", "value": "1"}], names=[{"family": "A"}])
    batch.take([Draft((person,), Source("day.hl7", "message 1", b"MSH|1"), unmapped=("PID-22", "ZPI"))])

    report = batch.finish()

    assert report.as_json()["rows"]["unmapped"] == {"PID-22": ["day.hl7, message 1"], "ZPI": ["day.hl7, message 1"]}
    assert Batch.objects.get().counts["unmapped"] == {"PID-22": 1, "ZPI": 1}


def test_a_report_names_the_first_hundred_rows_and_counts_all():
    report = Report(batch="b", format="csv")
    for line in range(250):
        report.quarantined["torn"].add(f"a.csv, line {line}")

    [reason] = report.as_json()["quarantined"]

    assert (reason["count"], len(reason["positions"])) == (250, 100)
    assert "and 245 more" in report.as_text()


def test_a_person_is_shown_the_commonest_places_that_are_not_mapped_and_told_where_the_others_are():
    report = Report(batch="b", format="hl7v2")
    for number in range(1, 21):
        for _message in range(number):
            report.unmapped[f"PID-{number}"].add("a.hl7, message 1")

    text = report.as_text()

    assert "20: PID-20" in text
    assert "PID-3 " not in text
    assert "12 places more: `batch show b` lists all" in text
    assert len(report.as_json()["unmapped"]) == 20


def test_what_is_kept_in_clear_names_no_file(write_table):
    take(write_table(*ROWS, TORN, name="Decurtins_Flurina.csv"))

    assert "Decurtins" not in str(Batch.objects.values().get()["counts"])


def test_a_batch_is_shown_as_it_stands_today_and_that_somebody_looked_is_audited(write_table, steward):
    report = take(write_table(*ROWS, TORN))

    before = batch_today(report.batch, by=steward)
    accept_suggestion(StandardValue.objects.get(is_held=True).pk, by=steward)
    after = batch_today(report.batch, by=steward)

    assert [(row.position, row.resource.split("/")[0]) for row in before.held] == [("line 3", "Observation")]
    assert (len(after.held), len(after.not_standardised), len(after.quarantined)) == (0, 2, 1)
    assert (after.files, after.state) == (("visits.csv",), "complete")
    assert AuditEvent.objects.filter(action="batch.show", actor_name=steward.username).count() == 2


def test_the_list_of_batches_says_which_are_undone_and_which_did_not_come_to_their_end(table):
    undo_batch(take(table).batch, by=ME)
    Import(form="csv", mapping_text=MAPPING, by=ME).start(["visits.csv"])

    assert [(b.format, b.state) for b in batches(ME)] == [("csv", "unfinished"), ("csv", "undone")]


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_batches_are_for_those_who_look_after_data(table, request, role):
    report = take(table)

    with pytest.raises(NotAllowed):
        batches(request.getfixturevalue(role))
    with pytest.raises(NotAllowed):
        batch_today(report.batch, by=request.getfixturevalue(role))


def test_an_unknown_batch_is_named(db):
    with pytest.raises(NoSuchBatch, match="nothing"):
        batch_today("nothing", by=ME)


def test_an_import_that_was_killed_goes_on_and_says_from_where(table):
    killed = Import(form="csv", mapping_text=MAPPING, by=ME)
    killed.start([table.name])
    from wardround.interchange import tables

    killed.take(list(tables.read([table], mapping=killed.mapping))[:2])

    report = take(table)

    assert report.goes_on_from == [killed.batch.id]
    assert (report.messages, report.messages_known, report.created > 0) == (3, 2, True)
    assert f"goes on           from batch {killed.batch.id}" in report.as_text()


def test_a_batch_that_came_to_its_end_is_not_gone_on_from(table):
    take(table)

    assert take(table).goes_on_from == []


def test_a_mended_mapping_brings_back_what_it_explains(write_table, steward):
    report = take(write_table(*(row.replace(",F,", ",W,") for row in ROWS)))
    assert report.quarantined_messages == 1

    mended = MAPPING + '\n[answers.sex]\n"W" = "female"\n"M" = "male"\n'
    done = replay_all(by=steward, batch=report.batch, mapping_text=mended)

    assert (done.stored, done.refused) == (1, 0)
    assert not QuarantineItem.objects.filter(state="open").exists()


def test_what_is_still_refused_stays_with_its_reason(write_table, steward):
    report = take(write_table(*ROWS, TORN))

    done = replay_all(by=steward, batch=report.batch)

    assert (done.stored, done.refused) == (0, 1)
    assert "broken off" in next(iter(done.reasons))


def test_progress_tells_the_rate_and_the_time_left():
    report = Report(
        batch="b", format="csv", messages=10, resources=100, seconds=10, bytes_read=250, bytes_expected=1000
    )

    assert line_of(report) == "10 messages, 100 resources, 10 per second, 25%, about 30 s left"


def test_progress_promises_no_time_where_the_size_says_nothing(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")

    assert expected_bytes([tmp_path], endings=(".parquet",)) == 0
    assert "left" not in line_of(Report(batch="b", format="csv", seconds=1, bytes_read=10))


def test_a_gzip_file_is_expected_at_its_decompressed_size(tmp_path):
    import gzip

    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(b"{}\n" * 1000))

    assert expected_bytes([tmp_path / "a.ndjson.gz"], endings=(".gz",)) == 3000


def test_the_bytes_that_were_read_reach_what_was_expected(table):
    report = take(table)

    assert report.bytes_read == pytest.approx(report.bytes_expected, rel=0.3)  # but for the header
