"""The benchmark's copies of charts are, row by row, what the write path writes."""

import pytest

from wardround.bench.charts import bundle, invented_chart, invented_patient, patient_id, people_around
from wardround.bench.copied_charts import copy_charts
from wardround.bench.import_speed import index_tables
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion, StandardValue
from wardround.interchange.fhir.json import dumps, loads
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
SEED = 5


def test_a_copied_chart_has_the_rows_that_an_import_of_the_same_chart_writes(tmp_path):
    _imported(tmp_path / "first", messages=[bundle(people_around()), bundle(invented_chart(0, seed=SEED))])
    copy_charts(range(1, 3), templates=1, seed=SEED, say=lambda line: None)
    copied = {number: _rows_of(number) for number in (1, 2)}
    for number in (1, 2):
        _forget(number)
        _imported(tmp_path / str(number), messages=[bundle(_renumbered_chart(number))])

        assert _rows_of(number) == copied[number]


def _renumbered_chart(number):
    text = dumps(invented_chart(0, seed=SEED)[1:]).decode()
    return [invented_patient(number, seed=SEED), *loads(text.replace(patient_id(0)[18:], patient_id(number)[18:]))]


def _imported(folder, *, messages):
    folder.mkdir()
    for number, message in enumerate(messages):
        (folder / f"{number}.json").write_bytes(message)
    report = import_files([folder], by=system_actor("tests"))
    assert not report.quarantined_messages


def _forget(number):
    rows = Resource.objects.filter(patient_id=patient_id(number))
    StandardValue.objects.filter(resource__in=rows).delete()
    rows.delete()


def _rows_of(number):
    """Everything that is kept of one chart but the audit events, without row numbers, times of writing and ciphertext."""
    rows = {row.pk: row for row in Resource.objects.filter(patient_id=patient_id(number))}
    versions = ResourceVersion.objects.filter(resource__in=rows).select_related("resource__data_key", "provenance")
    bodies = open_bodies(versions)
    found = {
        "bodies": sorted(_without_time(bodies[version.resource_id]) for version in versions),
        "versions": sorted(
            (
                str(v.resource),
                v.number,
                bytes(v.received_digest),
                v.is_as_received,
                v.resource.data_key.subject,
                v.provenance.activity,
            )
            for v in versions
        ),
    }
    for model in (*index_tables(), StandardValue):
        names = [f.attname for f in model._meta.local_concrete_fields if f.attname not in {"id", "resource_id"}]
        of_chart = model.objects.filter(resource__in=rows).values_list("resource_id", *names)
        found[model.__name__] = sorted((str(rows[pk]), *map(str, values)) for pk, *values in of_chart)
    return found


def _without_time(text):
    resource = loads(text)
    del resource["meta"]["lastUpdated"]
    return dumps(resource)
