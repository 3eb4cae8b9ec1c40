"""What is refused waits in quarantine; what was imported can be taken back."""

import pytest
from visits_of_a_clinic import HEADER, MAPPING, ROWS

from wardround.hospital.intake.errors import NoSuchBatch, NotInQuarantine
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.quarantine import content_of, quarantined
from wardround.hospital.intake.replaying import replay, undo_batch
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.decisions import confirm_value
from wardround.hospital.records.actions.undoing import NotUndoable
from wardround.hospital.records.models import Resource, StandardValue, TokenIndex
from wardround.hospital.records.patient_list import patient_page
from wardround.hospital.records.queries import iter_patients_facts
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("import")
TORN = "K-4,Decurtins,F,1951,2026-03"
pytestmark = pytest.mark.django_db


def take(path):
    return import_files([path], by=ME, mapping_text=MAPPING)


@pytest.fixture
def torn(write_table):
    """An import of three good rows and one that is broken off."""
    return take(write_table(*ROWS, TORN))


def test_a_torn_row_is_quarantined_with_its_place_and_reason_and_the_others_are_stored(torn):
    assert torn.by_type["Patient"] == 3
    assert torn.quarantined_messages == 1
    [item] = quarantined(ME)
    assert item.position == "line 5"
    assert "broken off" in item.reason
    assert AuditEvent.objects.filter(action="quarantine.add").count() == 1


def test_the_raw_bytes_are_kept_encrypted_and_looking_at_them_is_audited(torn, steward):
    stored = QuarantineItem.objects.get()
    assert b"Decurtins" not in bytes(stored.raw)

    _item, source = content_of(stored.pk, by=steward)

    assert source.raw.decode().splitlines() == [HEADER, TORN]
    event = AuditEvent.objects.get(action="quarantine.show")
    assert (event.actor_name, event.what) == (steward.username, f"Quarantine/{stored.pk}")


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_only_who_looks_after_data_sees_the_quarantine(torn, request, role):
    user = request.getfixturevalue(role)

    with pytest.raises(NotAllowed):
        quarantined(user)
    with pytest.raises(NotAllowed):
        content_of(QuarantineItem.objects.get().pk, by=user)
    with pytest.raises(NotAllowed):
        replay(QuarantineItem.objects.get().pk, by=user)


def test_the_same_file_again_does_not_quarantine_the_same_row_twice(torn, write_table):
    again = take(write_table(*ROWS, TORN))

    assert again.quarantined_known == 1
    assert QuarantineItem.objects.count() == 1


def test_a_corrected_message_is_stored_and_leaves_the_quarantine(torn, steward):
    item = QuarantineItem.objects.get()

    report = replay(item.pk, by=steward, corrected=f"{HEADER}\n{TORN}-05 08:00,135,200,4\n".encode())

    assert report.by_type["Patient"] == 1
    assert quarantined(ME) == []
    assert AuditEvent.objects.get(action="quarantine.replay").detail == {"batch": report.batch, "corrected": True}
    with pytest.raises(NotInQuarantine, match="replayed already"):
        replay(item.pk, by=steward)


def test_of_two_who_replay_the_same_message_the_second_is_told_and_stores_nothing(torn, steward, monkeypatch):
    item = QuarantineItem.objects.get()
    stored = Resource.objects.count()

    def the_other_was_first() -> None:
        QuarantineItem.objects.filter(pk=item.pk).update(state=QuarantineItem.State.REPLAYED)

    monkeypatch.setattr("wardround.hospital.intake.replaying.hold_other_writers", the_other_was_first)
    with pytest.raises(NotInQuarantine, match="replayed already"):
        replay(item.pk, by=steward, corrected=f"{HEADER}\n{TORN}-05 08:00,135,200,4\n".encode())

    assert Resource.objects.count() == stored


def test_a_message_that_is_refused_again_stays_with_the_new_reason(torn, steward):
    item = QuarantineItem.objects.get()

    report = replay(item.pk, by=steward, corrected=f"{HEADER}\n{TORN}-35 08:00,135,200,4\n".encode())

    assert report.quarantined_messages == 1
    item.refresh_from_db()
    assert item.state == "open"
    assert "calendar" in item.reason
    assert QuarantineItem.objects.count() == 1


def test_an_undone_batch_leaves_no_patient_no_index_and_nothing_to_learn(table):
    report = take(table)

    undone = undo_batch(report.batch, by=ME)

    assert undone.deleted == report.created
    assert patient_page(ME).total == 0
    assert not TokenIndex.objects.exists()
    assert list(iter_patients_facts(ME)) == []
    assert AuditEvent.objects.filter(action="record.undo").count() == report.created
    assert AuditEvent.objects.filter(action="batch.undo", what=f"Batch/{report.batch}").exists()


def test_an_undone_batch_can_be_imported_again(table):
    undo_batch(take(table).batch, by=ME)

    again = take(table)

    assert again.messages_known == 0
    assert patient_page(ME).total == 3
    assert sum(len(f.values) for f in iter_patients_facts(ME)) > 0


def test_undoing_an_update_sets_the_record_back(table, write_table):
    take(table)
    second = take(write_table(ROWS[0].replace("240", "250"), name="second.csv"))

    undone = undo_batch(second.batch, by=ME)

    assert (undone.deleted, undone.set_back) == (0, 1)
    assert StandardValue.objects.filter(value_number=240, is_current=True).exists()
    assert not StandardValue.objects.filter(value_number=250, is_current=True).exists()


def test_a_batch_is_not_undone_when_a_later_import_changed_its_records(table, write_table):
    first = take(table)
    take(write_table(ROWS[0].replace("240", "250"), name="second.csv"))

    with pytest.raises(NotUndoable, match="changed after this batch"):
        undo_batch(first.batch, by=ME)
    assert Batch.objects.filter(undone__isnull=False).count() == 0
    assert patient_page(ME).total == 3


def test_a_batch_is_not_undone_when_somebody_wrote_in_its_patients_charts(table, make_observation):
    report = take(table)
    make_observation(Resource.objects.filter(type="Patient").first().logical_id, loinc="8867-4", value=70, unit="/min")

    with pytest.raises(NotUndoable, match="1 resources that came otherwise"):
        undo_batch(report.batch, by=ME)


def test_a_confirmation_alone_does_not_keep_a_batch(table, doctor):
    report = take(table)
    confirm_value(StandardValue.objects.get(is_held=True).pk, by=doctor)

    assert undo_batch(report.batch, by=ME).deleted == report.created


def test_an_unknown_or_undone_batch_is_named(table):
    report = take(table)
    undo_batch(report.batch, by=ME)

    for batch in ("nothing", report.batch):
        with pytest.raises(NoSuchBatch, match=batch):
            undo_batch(batch, by=ME)


def test_a_nurse_does_not_undo_a_batch(table, nurse):
    report = take(table)

    with pytest.raises(NotAllowed):
        undo_batch(report.batch, by=nurse)
    assert AuditEvent.objects.filter(outcome="refused", actor_name=nurse.username).exists()
