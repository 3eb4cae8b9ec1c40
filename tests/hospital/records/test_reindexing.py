"""Index rows are made anew from the stored bodies: whole slices, resumable, in the audit trail."""

import pytest

from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.reindexing import Reindexed, reindex
from wardround.hospital.records.models import INDEXES, Resource, ResourceFinding, StandardValue
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def rows_of_all_tables():
    return {
        (table.__name__, *(value for name, value in sorted(row.items()) if name != "id"))
        for table in INDEXES
        for row in table.objects.values()
    }


@pytest.fixture
def charts(make_patient, make_observation):
    for family in ("Kovács", "Nagy", "Tóth"):
        patient_id = make_patient(family=family)
        make_observation(patient_id, loinc="1558-6", value=7, unit="mmol/L")


def lose_the_index():
    for table in INDEXES:
        table.objects.all().delete()
    Resource.objects.update(index_version=0)


def test_every_row_comes_back_as_it_was(charts):
    before = rows_of_all_tables()
    lose_the_index()

    assert reindex(system_actor("tests"), size=2) == Reindexed(done=6, left=0)

    assert rows_of_all_tables() == before


def test_records_from_before_the_rules_are_judged(make_patient, make_observation):
    patient_id = make_patient(birth="1970")
    for time in ("2062-03-02T08:00:00Z", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"):
        make_observation(patient_id, loinc="1558-6", value=7, unit="mmol/L", time=time)
    before = list(StandardValue.objects.order_by("id").values_list("is_held", "finding"))
    ResourceFinding.objects.all().delete()
    StandardValue.objects.update(is_held=False, is_record_held=False, finding="")
    lose_the_index()
    Resource.objects.update(sameness=None)

    reindex(system_actor("tests"), size=2)

    assert sorted(ResourceFinding.objects.values_list("kind", flat=True)) == ["duplicate_entry", "future"]
    assert list(StandardValue.objects.order_by("id").values_list("is_held", "finding")) == before


def test_what_was_interrupted_goes_on_where_it_stopped(charts):
    lose_the_index()

    def stop(_so_far):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(system_actor("tests"), size=2, on_progress=stop)

    assert reindex(system_actor("tests"), size=100) == Reindexed(done=4, left=0)


def test_nothing_is_done_twice_unless_everything_is_asked_for(charts):
    assert reindex(system_actor("tests")) == Reindexed(done=0, left=0)
    assert reindex(system_actor("tests"), everything=True) == Reindexed(done=6, left=0)


def test_deleted_resources_get_no_rows(charts):
    lose_the_index()
    Resource.objects.filter(type="Observation").update(is_deleted=True)

    assert reindex(system_actor("tests")) == Reindexed(done=3, left=0)


def test_each_slice_is_in_the_audit_trail(charts):
    lose_the_index()

    reindex(system_actor("tests"), size=4)

    events = AuditEvent.objects.filter(action="record.reindex").order_by("pk")
    assert [event.detail["resources"] for event in events] == [4, 2]


def test_whoever_may_not_write_may_not_reindex(charts, stranger):
    with pytest.raises(NotAllowed):
        reindex(stranger)
