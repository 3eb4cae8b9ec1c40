"""One subject of a MEDS dataset with a time that no calendar has: set aside alone, mended on the page, and stored."""

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.models import QuarantineItem
from wardround.hospital.records.models import StandardValue
from wardround.interchange.meds import Event, write_meds
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
ME = system_actor("import")
BEYOND = 2**60  # microseconds: the year 38505


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "dataset"
    when = datetime.fromisoformat("2026-02-03 08:30")
    write_meds(folder, [Event(subject, when, "LOINC//2093-3", 210) for subject in (7, 8, 9)])
    shard = folder / "data" / "0.parquet"
    table = pq.read_table(shard)
    times = table["time"].cast(pa.int64()).to_pylist()
    times[1] = BEYOND
    column = pa.array(times, pa.int64()).cast(pa.timestamp("us"))
    pq.write_table(table.set_column(table.column_names.index("time"), "time", column), shard)
    return folder


def test_the_other_subjects_are_imported(dataset):
    report = import_files([dataset], by=ME)

    assert (report.by_type["Patient"], report.quarantined_messages) == (2, 1)
    item = QuarantineItem.objects.get()
    assert item.position == "subject 8"
    assert item.reason.startswith("The subject has a time outside the years 1 to 9999")


def test_its_line_is_mended_on_the_page_and_stored(dataset, steward, as_client):
    import_files([dataset], by=ME)
    address = f"/imports/quarantine/{QuarantineItem.objects.get().pk}/"
    client = as_client(steward)
    line = f'[8, {BEYOND}, "LOINC//2093-3", 210.0, null]'
    page = client.get(address)
    assert line in page.context["text"]

    still = client.post(f"{address}replay/", {"text": page.context["text"]}, follow=True).content.decode()
    mended = page.context["text"].replace(str(BEYOND), '"2026-02-03T08:30:00"')
    client.post(f"{address}replay/", {"text": mended})

    assert "outside the years 1 to 9999" in still
    assert QuarantineItem.objects.get().state == "replayed"
    assert StandardValue.objects.filter(measurement="total_cholesterol", is_current=True).count() == 3


def test_the_first_and_the_last_time_of_the_calendar_end_no_import(tmp_path):
    times = [datetime.fromisoformat(one) for one in ("0001-01-01 00:00", "9999-12-31 23:59:59.999999")]
    write_meds(tmp_path / "edge", [Event(7, time, "LOINC//2093-3", 210) for time in times])

    report = import_files(
        [tmp_path / "edge"], by=ME, mapping_text='[source]\nslug = "edge"\nformat = "meds"\nzone = "Europe/Zurich"\n'
    )

    assert report.by_type["Patient"] + report.quarantined_messages == 1
